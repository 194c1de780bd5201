/* sender_open.c: a sender from the options, its end, and the usual words for a status. */
#include "sender.h"

/* What of resource is the transport's, as the host's HTTP options. */
static int client_open(struct sender *s, struct settings *settings, struct cxd_builder *builder,
                       struct cxd_error *err)
{
    static const char *const names[] = {"ssl", "proxy_url", "proxy_disable", "connect_timeout",
                                        "keep_alive"};
    const struct cxd_host *host = s->heap->host;
    struct region *r = &settings->region;
    struct tree *doc = tree_new(r, TREE_OBJECT);
    bool good = doc != NULL && optree_pairs(r, tree_find(r, settings->tree, CXD_LIT("resource")),
                                            "proxy_headers", doc);
    int status;

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char path[40];
        struct tree *node;

        (void)snprintf(path, sizeof path, "resource.%s", names[i]);
        node = tree_path(r, settings->tree, bytes_of(path));
        if (node != NULL && node->kind != TREE_NULL) {
            good = good && tree_put(r, doc, bytes_of(names[i]), tree_copy(r, node));
        }
    }
    host->doc_reset(builder);
    if (!good || !optree_write(r, builder, doc)) {
        return cxd_error_set(err, CXD_NOMEM, "options: out of memory");
    }
    status = host->http_client(s->heap->self, host->doc_bytes(builder), &s->client, err);
    if (status < 0) {
        s->client = NULL;
    }
    host->doc_reset(builder);
    return status;
}

int sender_open(struct sender *s, const struct heap *heap, const struct settings *settings,
                const struct mask *mask, struct cxd_builder *builder, struct cxd_error *err)
{
    int status;

    if (settings->socket.ptr != NULL && (heap->host->offers & CXD_CAN_UNIX) == 0) {
        return cxd_error_set(err, CXD_UNSUPPORTED,
                             "resource.url: this agent is too old for http+unix://");
    }
    s->heap = heap;
    s->settings = settings;
    s->mask = mask;
    fetch_init(&s->fetch, heap, (size_t)settings->max_body);
    rate_init(&s->rate, settings->paced_as.len > 0 ? -1 : settings->rate, settings->burst,
              heap->host->mono_ms(heap->self));
    logbook_open(&s->trace, heap, &settings->tracer, "resource.tracer");
    /* trees are opened up where they are looked into: the settings stay what they were */
    status = client_open(s, (struct settings *)(uintptr_t)settings, builder, err);
    return status < 0 ? status : access_open(&s->access, heap, settings, s->client, err);
}

void sender_close(struct sender *s)
{
    if (s->heap == NULL) {
        return;
    }
    fetch_done(&s->fetch);
    access_done(&s->access);
    logbook_close(&s->trace);
    if (s->client != NULL) {
        s->heap->host->http_client_free(s->client);
        s->client = NULL;
    }
}

const char *sender_reason(int http_status)
{
    static const struct {
        int status;
        const char *words;
    } rows[] = {
        {100, "Continue"},
        {200, "OK"},
        {201, "Created"},
        {202, "Accepted"},
        {203, "Non-Authoritative Information"},
        {204, "No Content"},
        {206, "Partial Content"},
        {301, "Moved Permanently"},
        {302, "Found"},
        {303, "See Other"},
        {304, "Not Modified"},
        {307, "Temporary Redirect"},
        {308, "Permanent Redirect"},
        {400, "Bad Request"},
        {401, "Unauthorized"},
        {402, "Payment Required"},
        {403, "Forbidden"},
        {404, "Not Found"},
        {405, "Method Not Allowed"},
        {406, "Not Acceptable"},
        {407, "Proxy Authentication Required"},
        {408, "Request Timeout"},
        {409, "Conflict"},
        {410, "Gone"},
        {412, "Precondition Failed"},
        {413, "Request Entity Too Large"},
        {415, "Unsupported Media Type"},
        {422, "Unprocessable Entity"},
        {429, "Too Many Requests"},
        {500, "Internal Server Error"},
        {501, "Not Implemented"},
        {502, "Bad Gateway"},
        {503, "Service Unavailable"},
        {504, "Gateway Timeout"},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (rows[i].status == http_status) {
            return rows[i].words;
        }
    }
    return "";
}
