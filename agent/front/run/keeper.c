/* keeper.c: see the header. */
#include "front/run/keeper.h"

#include "base/buf.h"
#include "cxd/module.h"
#include "io/crypto.h"
#include "io/doc.h"
#include "pipeline/bind.h"
#include "pipeline/registry.h"

#include <stdlib.h>
#include <string.h>

struct keeper {
    const struct plan *plan;
    const char *place;
    struct agent_output *output;
};

int keeper_build(const struct plan *plan, const struct catalog *catalog, struct units *units,
                 struct keeper **ret_keeper, struct cxd_error *err)
{
    struct keeper *k = calloc(1, sizeof *k);
    int r;

    if (k == NULL) {
        return cxd_error_set(err, CXD_NOMEM, "agent.state: out of memory");
    }
    k->plan = plan;
    k->place = plan->settings.state_index;
    r = output_build(plan->settings.state_output, catalog, units, &k->output, err);
    if (r != CXD_OK) {
        keeper_free(k);
        return r;
    }
    *ret_keeper = k;
    return CXD_OK;
}

static int cursor_read(void *owner, const char *id, struct buf *cursor,
                       struct cxd_version *ret_version, struct cxd_error *err)
{
    struct keeper *k = owner;
    struct cxd_bytes text;
    size_t len = 0;
    int r = sender_kept_get(k->output->sender, k->place, id, &text, ret_version, err);

    if (r != CXD_OK || text.len == 0) {
        return r != CXD_OK ? cxd_error_wrap(err, "agent.state") : r;
    }
    r = buf_reserve(cursor, text.len);
    if (r != CXD_OK) {
        return cxd_error_set(err, r, "cursor of %s: larger than is possible, or no memory", id);
    }
    r = crypto_base64_decode(text, 0, cursor->ptr, text.len, &len);
    cursor->len = r == CXD_OK ? len : 0;
    return r == CXD_OK
               ? r
               : cxd_error_set(err, CXD_CORRUPT,
                               "the cursor of %s in index %s is damaged: remove that document "
                               "to begin anew",
                               id, k->place);
}

static int cursor_write(void *owner, const char *id, struct cxd_bytes cursor,
                        struct cxd_version *version, struct cxd_error *err)
{
    struct keeper *k = owner;
    size_t room = cursor.len / 3 * 4 + 5;
    char *text = malloc(room);
    struct cxd_bytes content;
    int r;

    if (text == NULL) {
        return cxd_error_set(err, CXD_NOMEM, "cursor of %s: out of memory", id);
    }
    content = (struct cxd_bytes){text, crypto_base64(cursor.ptr, cursor.len, 0, text, room)};
    r = sender_kept_put(k->output->sender, k->place, id, content, version, err);
    free(text);
    return r == CXD_OK || r == CXD_EXISTS ? r : cxd_error_wrap(err, "agent.state");
}

int keeper_open(struct keeper *k, int64_t flush_ms, struct dead *dead,
                struct registry **ret_registry, struct cxd_error *err)
{
    const struct registry_store store = {.read = cursor_read, .write = cursor_write, .owner = k};
    int r = output_open_apart(k->output, bind_host(), err);

    if (r == CXD_OK && !sender_keeps(k->output->sender)) {
        r = conf_error(err, k->output->plan->conf,
                       "agent.state: output \"%s\" (%s) keeps no cursors; elasticsearch does",
                       k->output->plan->name, k->output->module->name);
    }
    return r != CXD_OK ? r : registry_open_store(&store, flush_ms, dead, ret_registry, err);
}

int keeper_uses(const struct keeper *k, const struct plan *plan)
{
    return k != NULL && k->plan == plan;
}

void keeper_interrupt(struct keeper *k)
{
    if (k != NULL && k->output->sender != NULL) {
        sender_setup_end(k->output->sender);
    }
}

void keeper_free(struct keeper *k)
{
    if (k != NULL) {
        output_free(k->output);
        free(k);
    }
}
