/* store_open.c: see the header. */
#include "front/state/store_open.h"

#include "front/command.h"
#include "front/module/tryout.h"
#include "front/run/keeper.h"
#include "front/run/output.h"

#include <stdlib.h>

#define NEVER_MS 3600000 /* the command itself says when to write */

struct cursor_store {
    struct catalog catalog;
    struct units units;
    struct keeper *keeper;
    struct registry *registry;
};

int cursor_store_is(const struct policy *policy)
{
    return policy->plan != NULL && policy->plan->settings.state_output != NULL;
}

/* Each is asked for by name: a stream that never ran has none. */
static int cursors_read(struct registry *registry, const struct plan *plan, struct cxd_error *err)
{
    int r = CXD_OK;

    for (const struct plan_stream *s = plan->streams; s != NULL && r == CXD_OK; s = s->next) {
        struct cxd_bytes cursor = {NULL, 0};
        r = registry_get(registry, s->id, &cursor, err);
        free((char *)(uintptr_t)cursor.ptr); /* ours, not constant */
    }
    return r;
}

int cursor_store_open(const struct command_common *common, const struct policy *policy,
                      struct cursor_store **ret_store, struct registry **ret_registry,
                      struct cxd_error *err)
{
    const struct agent_options options = {.module_paths = common->modules, .probe = tryout_probe()};
    struct cursor_store *s = calloc(1, sizeof *s);
    int r;

    if (s == NULL) {
        return cxd_error_set(err, CXD_NOMEM, "out of memory");
    }
    units_init(&s->units);
    r = agent_catalog(&policy->plan->settings, &options, &s->catalog, err);
    r = r != CXD_OK ? r : keeper_build(policy->plan, &s->catalog, &s->units, &s->keeper, err);
    r = r != CXD_OK ? r : keeper_open(s->keeper, NEVER_MS, NULL, &s->registry, err);
    r = r != CXD_OK ? r : cursors_read(s->registry, policy->plan, err);
    if (r != CXD_OK) {
        cursor_store_close(s);
        return r;
    }
    *ret_store = s;
    *ret_registry = s->registry;
    return CXD_OK;
}

void cursor_store_close(struct cursor_store *s)
{
    if (s != NULL) {
        registry_close(s->registry);
        keeper_free(s->keeper);
        catalog_done(&s->catalog);
        units_done(&s->units);
        free(s);
    }
}
