/* tracer.c: see the header. Thread: the instance's. */
#include "tracer.h"

#define TRACER_OWN_MIN 6u /* bytes; what is shorter is found everywhere */

void tracer_open(struct tracer *t, const struct heap *h, const struct config *config)
{
    logbook_open(&t->book, h, &config->tracer, "request.tracer");
    text_init(&t->own, h, 1u << 20);
    t->own.secret = true;
}

void tracer_close(struct tracer *t)
{
    if (t->book.heap != NULL) {
        logbook_close(&t->book);
        text_done(&t->own);
    }
}

/* What a secret header holds, and that without the word in front: Bearer, Basic. */
static void own_keep(struct tracer *t, const char *value)
{
    const char *blank = strchr(value, ' ');

    text_add(&t->own, value, strlen(value) + 1);
    if (blank != NULL) {
        text_add(&t->own, blank + 1, strlen(blank + 1) + 1);
    }
}

/* Tokens, file texts and digests are not the policy's: the host does not know them. */
static void own_mask(const struct tracer *t, struct text *line)
{
    const char *end = t->own.ptr + t->own.len;

    for (const char *one = t->own.ptr; one < end; one += strlen(one) + 1) {
        size_t len = strlen(one);
        char *at = line->ptr;

        while (len >= TRACER_OWN_MIN &&
               (at = memmem(at, line->len - (size_t)(at - line->ptr), one, len)) != NULL) {
            memset(at, '*', len);
        }
    }
}

/* Names and places of secrets are known here; the policy's in bodies, and those that a server repeats, only to the host. */
static void tracer_write(struct tracer *t, struct text *line)
{
    if (line->status == 0) {
        t->book.heap->host->redact(line->ptr, line->len);
        own_mask(t, line);
    }
    logbook_write(&t->book, line);
    text_done(line);
}

static void tracer_line(struct tracer *t, const char *what, struct text *line)
{
    text_init(line, t->book.heap, (size_t)t->book.rule->size * 2);
    line->secret = true;
    text_put(line, "{\"@timestamp_ms\":");
    text_number(line, t->book.heap->host->wall_ms(t->book.heap->self));
    text_put(line, ",\"event\":\"");
    text_put(line, what);
    text_put(line, "\"");
}

/* The URL with the values of parameters that sound secret masked. */
static void tracer_url(struct tracer *t, struct cxd_bytes url, struct text *line)
{
    struct region r;
    struct multi params = {0};
    struct text shown;
    struct query_url parts;

    region_init(&r, t->book.heap, 4u << 20);
    text_init(&shown, t->book.heap, 2u << 20);
    query_split(url, &parts);
    if (query_decode(&r, parts.query, &params)) {
        for (struct multi_entry *e = params.first; e != NULL; e = e->next) {
            e->value = request_is_secret(e->name) ? CXD_LIT("MASKED") : e->value;
        }
    }
    text_add(&shown, parts.base.ptr, parts.base.len);
    text_put(&shown, params.first != NULL ? "?" : "");
    query_encode(&r, &params, &shown);
    text_put(line, ",\"url\":");
    tree_quote(text_bytes(&shown), TREE_WRITE_PLAIN, line);
    text_done(&shown);
    region_done(&r);
}

void tracer_request(struct tracer *t, const struct wire *w)
{
    struct text line;

    if (!logbook_is_on(&t->book)) {
        return;
    }
    text_clear(&t->own);
    for (size_t i = 0; i < w->header_count; i++) {
        if (w->headers[i].secret) {
            own_keep(t, w->headers[i].value);
        }
    }
    tracer_line(t, "request", &line);
    text_put(&line, w->is_post ? ",\"method\":\"POST\"" : ",\"method\":\"GET\"");
    tracer_url(t, text_bytes(&w->url), &line);
    text_put(&line, ",\"headers\":{");
    for (size_t i = 0; i < w->header_count; i++) {
        text_put(&line, i > 0 ? "," : "");
        tree_quote(bytes_of(w->headers[i].name), TREE_WRITE_PLAIN, &line);
        text_put(&line, ":");
        tree_quote(w->headers[i].secret ? CXD_LIT("MASKED") : bytes_of(w->headers[i].value),
                   TREE_WRITE_PLAIN, &line);
    }
    text_put(&line, "}");
    logbook_body(&t->book, text_bytes(&w->body), &line);
    tracer_write(t, &line);
}

void tracer_reply(struct tracer *t, int http_status, struct cxd_bytes body)
{
    struct text line;

    if (!logbook_is_on(&t->book)) {
        return;
    }
    tracer_line(t, "response", &line);
    text_put(&line, ",\"status\":");
    text_number(&line, http_status);
    logbook_body(&t->book, body, &line);
    tracer_write(t, &line);
}
