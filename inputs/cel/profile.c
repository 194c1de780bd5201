/* profile.c: see the header. Names and limits are those of the other Cortex XDR streams. Thread: the instance's, at open. */
#include "profile.h"

#include "lib/tenant_options.h"

#include <stdio.h>

#define EXECUTIONS 1000000 /* pages of one period: a backlog is read without a pause */

const struct cxd_option profile_options[] = {
    TENANT_ROWS,
    CXD_HTTP_OPTIONS,
    {NULL, 0, 0, NULL, NULL, NULL},
};

static bool put_number(struct settings *s, struct tree *root, const char *path, int64_t number)
{
    char digits[24];
    struct cxd_bytes text;

    (void)snprintf(digits, sizeof digits, "%lld", (long long)number);
    text = region_copy(&s->region, bytes_of(digits));
    return text.ptr != NULL &&
           tree_put_path(&s->region, root, bytes_of(path), tree_new_number(&s->region, text));
}

static bool put_text(struct settings *s, struct tree *root, const char *path, struct cxd_bytes text)
{
    return tree_put_path(&s->region, root, bytes_of(path), tree_new_string(&s->region, text));
}

static bool put_bool(struct settings *s, struct tree *root, const char *path, bool truth)
{
    return tree_put_path(&s->region, root, bytes_of(path),
                         tree_new(&s->region, truth ? TREE_TRUE : TREE_FALSE));
}

static bool state_put(struct settings *s, struct tree *root, const struct tenant_options *t)
{
    return put_text(s, root, "state.token_id", t->token_id) &&
           put_text(s, root, "secret_state.api_token", t->token) &&
           put_bool(s, root, "state.advanced", t->is_advanced) &&
           put_number(s, root, "state.initial_ms", t->initial_ms) &&
           put_number(s, root, "state.settle_ms", t->settle_ms) &&
           put_number(s, root, "state.interval_ms", t->interval_ms);
}

/* TLS and proxies as they are. */
static bool transport_put(struct settings *s, struct tree *root, struct tree *options)
{
    static const char *const names[] = {"ssl", "proxy_url", "proxy_disable", "connect_timeout"};
    struct region *r = &s->region;
    bool good = true;

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        struct tree *node = tree_find(r, options, bytes_of(names[i]));
        char path[64];

        (void)snprintf(path, sizeof path, "resource.%s", names[i]);
        if (node != NULL && node->kind != TREE_NULL) {
            struct cxd_bytes where = region_copy(r, bytes_of(path));

            good = good && where.ptr != NULL && tree_put_path(r, root, where, tree_copy(r, node));
        }
    }
    return good;
}

struct tree *profile_translate(struct settings *settings, struct tree *options,
                               struct cxd_error *err)
{
    struct tree *root = tree_new(&settings->region, TREE_OBJECT);
    struct tenant_options t;

    if (tenant_options_read(&settings->region, options, &t, err) < 0) {
        return NULL;
    }
    if (root == NULL || !put_text(settings, root, "program", bytes_of(profile_alerts_v2)) ||
        !state_put(settings, root, &t) || !transport_put(settings, root, options) ||
        !put_number(settings, root, "interval", t.interval_ms) ||
        !put_number(settings, root, "max_executions", EXECUTIONS) ||
        !put_bool(settings, root, "want_more_when_empty", true) ||
        !put_text(settings, root, "resource.url", t.address) ||
        !put_number(settings, root, "resource.timeout", t.timeout_ms) ||
        !put_number(settings, root, "resource.rate_limit.limit", t.per_second) ||
        !put_text(settings, root, "resource.rate_limit.shared_as", t.address)) {
        (void)cxd_error_set(err, CXD_NOMEM, "options: out of memory");
        return NULL;
    }
    return root;
}
