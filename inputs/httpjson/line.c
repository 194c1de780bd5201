/* line.c: see the header. Thread: the instance's, but for line_interrupt_all. */
#include "input.h"

/* The numbers of keep_alive that the transport looks at; in a chain, times are as they were written. */
static int keep_alive_put(struct region *r, struct tree *request, int64_t unit, struct tree *doc,
                          struct cxd_error *err)
{
    static const char *const names[] = {"keep_alive.max_idle_connections",
                                        "keep_alive.idle_connection_timeout"};
    int64_t numbers[2];
    int status = optree_int(r, request, names[0], 0, &numbers[0], err);

    status = status < 0 ? status : optree_duration(r, request, names[1], unit, 0, &numbers[1], err);
    for (size_t i = 0; i < 2 && status == 0; i++) {
        char text[24];
        struct cxd_bytes digits;

        (void)snprintf(text, sizeof text, "%lld", (long long)numbers[i]);
        digits = region_copy(r, bytes_of(text));
        if (numbers[i] != 0 && (digits.ptr == NULL || !tree_put_path(r, doc, bytes_of(names[i]),
                                                                     tree_new_number(r, digits)))) {
            status = cxd_error_set(err, CXD_NOMEM, "httpjson: out of memory");
        }
    }
    return status;
}

/* What of a request is the transport's, as the host's HTTP options. */
static int client_open(struct input *in, const struct config_step *step, int64_t unit,
                       struct cxd_client **ret_client, struct cxd_error *err)
{
    static const char *const names[] = {"ssl", "proxy_url", "proxy_disable"};
    const struct cxd_host *host = in->heap.host;
    struct region *r = &in->config.region;
    struct tree *doc = tree_new(r, TREE_OBJECT);
    bool good = doc != NULL && optree_pairs(r, step->transport, "proxy_headers", doc);
    int status = good ? keep_alive_put(r, step->transport, unit, doc, err) : 0;

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        struct tree *node = tree_find(r, step->transport, bytes_of(names[i]));

        if (node != NULL && node->kind != TREE_NULL) {
            good = good && tree_put(r, doc, bytes_of(names[i]), tree_copy(r, node));
        }
    }
    if (status < 0) {
        return status;
    }
    if (!good || !optree_write(r, in->builder, doc)) {
        return cxd_error_set(err, CXD_NOMEM, "httpjson: out of memory");
    }
    status = host->http_client(in->heap.self, host->doc_bytes(in->builder), ret_client, err);
    if (status < 0) {
        *ret_client = NULL;
    }
    host->doc_reset(in->builder);
    return status;
}

int line_open_all(struct input *in, struct cxd_error *err)
{
    for (size_t i = 0; i < in->config.step_count; i++) {
        const struct config_step *step = &in->config.steps[i];
        struct line *line = &in->lines[i];
        int status = step->transport != NULL
                         ? client_open(in, step, i == 0 ? 1 : 1000, &line->client, err)
                         : 0;

        if (status < 0) {
            return i == 0 ? status : cxd_error_wrap(err, "chain, step %zu", i);
        }
        if (step->has_auth) {
            auth_init(&line->auth, &in->heap, &step->auth,
                      line->client != NULL ? line->client : in->lines[0].client);
        }
    }
    return 0;
}

void line_close_all(struct input *in)
{
    for (size_t i = 0; i < CONFIG_STEPS_MAX; i++) {
        auth_done(&in->lines[i].auth);
    }
    for (size_t i = 0; i < CONFIG_STEPS_MAX; i++) {
        if (in->lines[i].client != NULL) {
            in->heap.host->http_client_free(in->lines[i].client);
        }
    }
}

void line_interrupt_all(struct input *in)
{
    for (size_t i = 0; i < CONFIG_STEPS_MAX; i++) {
        if (in->lines[i].client != NULL) {
            in->heap.host->http_interrupt(in->lines[i].client);
        }
    }
}

struct cxd_client *line_client(const struct input *in)
{
    struct cxd_client *own = in->lines[in->depth].client;

    return own != NULL ? own : in->lines[0].client;
}

struct auth *line_auth(struct input *in)
{
    return &in->lines[in->config.steps[in->depth].has_auth ? in->depth : 0].auth;
}
