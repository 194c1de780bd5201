/*
 * trace.c: requests and replies as JSON lines. What sounds secret by its name, and every secret of the options wherever it
 * stands, is masked. `cortexd cel --replies` reads such a file. Thread: the instance's.
 */
#include "sender.h"

static void line_begin(struct sender *s, const char *what, struct text *line)
{
    text_init(line, s->heap, (size_t)s->trace.rule->size * 2);
    line->secret = true;
    text_put(line, "{\"@timestamp_ms\":");
    text_number(line, s->heap->host->wall_ms(s->heap->self));
    text_put(line, ",\"event\":\"");
    text_put(line, what);
    text_put(line, "\"");
}

static void line_end(struct sender *s, struct text *line)
{
    if (line->status == 0) {
        mask_apply(s->mask, line->ptr, line->len);
    }
    logbook_write(&s->trace, line);
    text_done(line);
}

void trace_request(struct sender *s, const struct cxd_request *request, struct cxd_bytes body)
{
    struct text line;

    if (!logbook_is_on(&s->trace)) {
        return;
    }
    line_begin(s, "request", &line);
    text_put(&line, ",\"method\":");
    tree_quote(bytes_of(request->method), TREE_WRITE_PLAIN, &line);
    text_put(&line, ",\"url\":");
    tree_quote(bytes_of(request->url), TREE_WRITE_PLAIN, &line);
    text_put(&line, ",\"headers\":{");
    for (size_t i = 0; i < request->header_count; i++) {
        text_put(&line, i > 0 ? "," : "");
        tree_quote(bytes_of(request->headers[i].name), TREE_WRITE_PLAIN, &line);
        text_put(&line, ":");
        tree_quote(request->headers[i].secret ? CXD_LIT("MASKED")
                                              : bytes_of(request->headers[i].value),
                   TREE_WRITE_PLAIN, &line);
    }
    text_put(&line, "}");
    logbook_body(&s->trace, body, &line);
    line_end(s, &line);
}

void trace_reply(struct sender *s)
{
    const struct cxd_host *host = s->heap->host;
    struct cxd_bytes name;
    struct cxd_bytes value;
    struct text line;

    if (!logbook_is_on(&s->trace)) {
        return;
    }
    line_begin(s, "response", &line);
    text_put(&line, ",\"status\":");
    text_number(&line, s->fetch.http_status);
    text_put(&line, ",\"headers\":{");
    for (uint32_t i = 0;
         CXD_HAS(host, http_header_at) && host->http_header_at != NULL && i < SENDER_HEADERS_MAX &&
         host->http_header_at(s->fetch.transfer, i, &name, &value) == 1;
         i++) {
        text_put(&line, i > 0 ? "," : "");
        tree_quote(name, TREE_WRITE_PLAIN, &line);
        text_put(&line, ":");
        tree_quote(mask_sounds_secret(name) ? CXD_LIT("MASKED") : value, TREE_WRITE_PLAIN, &line);
    }
    text_put(&line, "}");
    logbook_body(&s->trace, text_bytes(&s->fetch.body), &line);
    line_end(s, &line);
}
