/*
 * module.c: the `console` output: documents as lines on standard output, for people and for pipes. Knows options and the module
 * contract. Thread: the output worker's.
 *
 * Lines are gathered in a buffer of 64 KiB and counted as delivered once their last byte is written. A document longer than
 * the buffer goes out by itself.
 */
#include "cxd/module.h"

#include "pipe.h"
#include "pretty.h"

#include <unistd.h>

#define CONSOLE_BUFFER 65536

struct instance {
    const struct cxd_host *host;
    struct cxd_self *self;
    struct pipe_end out;
    int is_pretty;
    int with_metadata;
    int is_torn; /* the last thing written was a part of a line */
    char *text;
    size_t cap;
    size_t len;
    uint32_t first; /* the document whose line begins the text */
};

static const struct cxd_option options[] = {
    {"pretty", CXD_OPTION_BOOL, 0, "false", "Indent each document over several lines", NULL},
    {"metadata", CXD_OPTION_BOOL, 0, "false",
     "Write {\"_index\":..,\"_id\":..,\"_source\":..} instead of the document alone", NULL},
    {NULL}};

static int text_reserve(struct instance *c, size_t more, struct cxd_error *err)
{
    size_t want = c->cap == 0 ? CONSOLE_BUFFER : c->cap;
    char *next;

    if (more <= c->cap - c->len) {
        return CXD_OK;
    }
    while (want - c->len < more) {
        if (want > SIZE_MAX / 2) {
            return cxd_error_set(err, CXD_TOO_LARGE, "a document larger than memory");
        }
        want *= 2;
    }
    next = c->host->realloc(c->self, c->text, want);
    if (next == NULL) {
        return cxd_error_set(err, CXD_NOMEM, "out of memory for a line of %zu bytes", more);
    }
    c->text = next;
    c->cap = want;
    return CXD_OK;
}

static void text_add(struct instance *c, struct cxd_bytes bytes)
{
    if (bytes.len > 0) {
        memcpy(c->text + c->len, bytes.ptr, bytes.len);
        c->len += bytes.len;
    }
}

static int line_add_plain(struct instance *c, const struct cxd_doc *doc, struct cxd_error *err)
{
    int r = text_reserve(c, doc->source.len + doc->id.len + doc->index.len + 64, err);

    if (r != CXD_OK) {
        return r;
    }
    if (c->with_metadata) {
        text_add(c, CXD_LIT("{\"_index\":\""));
        text_add(c, doc->index);
        if (doc->id.len > 0) {
            text_add(c, CXD_LIT("\",\"_id\":\""));
            text_add(c, doc->id);
        }
        text_add(c, CXD_LIT("\",\"_source\":"));
    }
    text_add(c, doc->source);
    text_add(c, c->with_metadata ? CXD_LIT("}\n") : CXD_LIT("\n"));
    return CXD_OK;
}

/* The plain line first, indented behind it, and moved to its place. */
static int line_add(struct instance *c, const struct cxd_doc *doc, struct cxd_error *err)
{
    size_t start = c->len;
    size_t plain_len;
    size_t len;
    int r = line_add_plain(c, doc, err);

    if (r != CXD_OK || !c->is_pretty) {
        return r;
    }
    plain_len = c->len - start - 1; /* without its newline */
    len = pretty_print((struct cxd_bytes){c->text + start, plain_len}, NULL, 0);
    r = text_reserve(c, len, err);
    if (r != CXD_OK) {
        c->len = start;
        return r;
    }
    (void)pretty_print((struct cxd_bytes){c->text + start, plain_len}, c->text + c->len, len);
    memmove(c->text + start, c->text + c->len, len);
    c->len = start + len;
    return CXD_OK;
}

/* Marks the documents whose lines lie whole within the first done bytes of the text. */
static void outcomes_set(struct instance *c, const uint32_t *ends, uint32_t count, size_t done,
                         struct cxd_outcome *outcomes)
{
    for (uint32_t i = 0; i < count && ends[i] <= done; i++) {
        outcomes[c->first + i].result = CXD_RESULT_DELIVERED;
    }
}

static int text_write(struct instance *c, const uint32_t *ends, uint32_t count,
                      struct cxd_outcome *outcomes, struct cxd_error *err)
{
    size_t done = 0;
    int r = CXD_OK;

    if (c->is_torn) { /* the half line before must not run into this one */
        r = pipe_write(&c->out, "\n", 1, &done, err);
        c->is_torn = r != CXD_OK;
        done = 0;
    }
    if (r == CXD_OK) {
        r = pipe_write(&c->out, c->text, c->len, &done, err);
        outcomes_set(c, ends, count, done, outcomes);
        c->is_torn = done > 0 && c->text[done - 1] != '\n';
    }
    c->len = 0;
    return r;
}

static int console_send(void *instance, const struct cxd_batch *batch, struct cxd_outcome *outcomes,
                        struct cxd_error *err)
{
    enum { ENDS_MAX = 512 };
    struct instance *c = instance;
    uint32_t ends[ENDS_MAX];
    uint32_t count = 0;
    int r = CXD_OK;

    c->len = 0;
    c->first = 0;
    for (uint32_t i = 0; i < batch->count && r == CXD_OK; i++) {
        r = line_add(c, &batch->docs[i], err);
        if (r == CXD_OK) {
            ends[count++] = (uint32_t)c->len;
        }
        if (r == CXD_OK &&
            (c->len >= CONSOLE_BUFFER || count == ENDS_MAX || i + 1 == batch->count)) {
            r = text_write(c, ends, count, outcomes, err);
            count = 0;
            c->first = i + 1;
        }
    }
    return r;
}

static void console_close(void *instance)
{
    struct instance *c = instance;

    c->host->free(c->self, c->text);
    c->host->free(c->self, c);
}

static int console_open(const struct cxd_host *host, struct cxd_self *self, struct cxd_bytes doc,
                        void **ret_instance, struct cxd_error *err)
{
    struct instance *c = host->alloc(self, sizeof *c);

    if (c == NULL) {
        return cxd_error_set(err, CXD_NOMEM, "out of memory opening the console output");
    }
    c->host = host;
    c->self = self;
    c->out = (struct pipe_end){.host = host, .self = self, .fd = STDOUT_FILENO};
    c->is_pretty = host->doc_get(doc, "pretty").number != 0;
    c->with_metadata = host->doc_get(doc, "metadata").number != 0;
    *ret_instance = c;
    return CXD_OK;
}

static const struct cxd_output_ops ops = {
    .size = sizeof ops, .open = console_open, .send = console_send, .close = console_close};

static const struct cxd_module module = {CXD_MODULE_HEAD,
                                         .kind = CXD_OUTPUT,
                                         .name = "console",
                                         .version = "1.0.0",
                                         .summary = "JSON lines on standard output",
                                         .options = options,
                                         .ops = &ops};

CXD_MODULE_ENTRY(module)
