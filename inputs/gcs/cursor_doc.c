/*
 * cursor_doc.c: cursors to BSON and back.
 *
 *   {v: 1, buckets: [{name, prefix, mark, newest, start, done: binary of 16-byte entries,
 *                     import: Filebeat's state as JSON, or absent,
 *                     open: [{n: name, g: generation, o: offset, l: line, c: created, k: rounds, t: retry at, f: form, d: data}]}]}
 *
 * What is read is foreign until checked: every number has a range, every text a limit. Thread: the instance's.
 */
#include "cursor_doc.h"

#include "decode.h"

#include <string.h>

struct writer {
    const struct cxd_host *host;
    struct cxd_builder *builder;
    int status; /* the first failure */
};

static void writer_put(struct writer *w, const char *name, const struct cxd_scalar *value)
{
    if (w->status == 0) {
        w->status = w->host->doc_put(w->builder, name, value);
    }
}

static void writer_number(struct writer *w, const char *name, int64_t number)
{
    writer_put(w, name, &(struct cxd_scalar){.type = CXD_INT, .number = number});
}

/* Names are binary: an object name may hold what BSON text may not. */
static void writer_bytes(struct writer *w, const char *name, const void *ptr, size_t len)
{
    writer_put(w, name,
               &(struct cxd_scalar){.type = CXD_BINARY,
                                    .bytes = {ptr != NULL ? (const char *)ptr : "", len}});
}

static void writer_push(struct writer *w, const char *name, int is_array)
{
    if (w->status == 0) {
        w->status = w->host->doc_push(w->builder, name, is_array);
    }
}

static void writer_pop(struct writer *w)
{
    if (w->status == 0) {
        w->status = w->host->doc_pop(w->builder);
    }
}

static void cursor_doc_open(struct writer *w, const struct cursor_open *open)
{
    writer_push(w, "", 0);
    writer_bytes(w, "n", open->name, open->name_len);
    writer_number(w, "g", open->generation);
    writer_number(w, "o", open->offset);
    writer_number(w, "l", open->line);
    writer_number(w, "c", open->created_s);
    writer_number(w, "k", open->rounds);
    writer_number(w, "t", open->retry_at_ms);
    writer_number(w, "f", open->form);
    writer_number(w, "d", open->data);
    writer_pop(w);
}

static void cursor_doc_bucket(struct writer *w, const struct cursor *c)
{
    writer_push(w, "", 0);
    writer_bytes(w, "name", c->bucket, strlen(c->bucket));
    writer_bytes(w, "prefix", c->prefix, strlen(c->prefix));
    writer_number(w, "mark", c->mark_s);
    writer_number(w, "newest", c->newest_s);
    writer_bytes(w, "start", c->start.ptr, c->start.len);
    writer_bytes(w, "done", c->done.entries, c->done.count * DONE_ENTRY);
    if (c->import != NULL) {
        struct cxd_bytes json = import_json(c->import);
        writer_bytes(w, "import", json.ptr, json.len);
    }
    writer_push(w, "open", 1);
    for (const struct cursor_open *open = c->open; open != NULL; open = open->next) {
        cursor_doc_open(w, open);
    }
    writer_pop(w);
    writer_pop(w);
}

int cursor_doc_write(const struct heap *h, struct cxd_builder *b, const struct cursor *cursors,
                     size_t count, struct cxd_bytes *ret_doc)
{
    struct writer w = {.host = h->host, .builder = b};
    struct cxd_bytes doc;

    h->host->doc_reset(b);
    writer_number(&w, "v", CURSOR_VERSION);
    writer_push(&w, "buckets", 1);
    for (size_t i = 0; i < count; i++) {
        cursor_doc_bucket(&w, &cursors[i]);
    }
    writer_pop(&w);
    if (w.status < 0) {
        return w.status;
    }
    doc = h->host->doc_bytes(b);
    if (doc.ptr == NULL) {
        return CXD_NOMEM;
    }
    *ret_doc = doc;
    return 0;
}

static bool reader_number(const struct heap *h, struct cxd_bytes doc, const char *name, int64_t min,
                          int64_t max, int64_t *ret)
{
    struct cxd_scalar value = h->host->doc_get(doc, name);

    if (value.type != CXD_INT || value.number < min || value.number > max) {
        return false;
    }
    *ret = value.number;
    return true;
}

static bool reader_bytes(const struct heap *h, struct cxd_bytes doc, const char *name, size_t max,
                         struct cxd_bytes *ret)
{
    struct cxd_scalar value = h->host->doc_get(doc, name);

    if (value.type != CXD_BINARY || value.bytes.len > max) {
        return false;
    }
    *ret = value.bytes;
    return true;
}

static int cursor_doc_read_open(struct cursor *c, struct cxd_bytes doc)
{
    const struct heap *h = c->heap;
    struct object object = {0};
    struct cursor_open *open;
    int64_t created, offset, line, rounds, retry, form, data;
    int status;

    if (!reader_bytes(h, doc, "n", LIST_NAME_MAX, &object.name) || object.name.len == 0 ||
        !reader_number(h, doc, "g", 0, INT64_MAX, &object.generation) ||
        !reader_number(h, doc, "o", 0, INT64_MAX / 2, &offset) ||
        !reader_number(h, doc, "l", 1, INT64_MAX / 2, &line) ||
        !reader_number(h, doc, "c", 0, UINT32_MAX, &created) ||
        !reader_number(h, doc, "k", 0, UINT32_MAX / 2, &rounds) ||
        !reader_number(h, doc, "t", 0, INT64_MAX / 2, &retry) ||
        !reader_number(h, doc, "f", DECODE_UNKNOWN, DECODE_LINE_REST, &form) ||
        !reader_number(h, doc, "d", CURSOR_DATA_UNKNOWN, CURSOR_DATA_GZIP, &data)) {
        return CXD_CORRUPT;
    }
    object.created_s = (uint32_t)created;
    status = cursor_begin(c, &object, &open);
    if (status < 0) {
        return status == CXD_FULL ? CXD_CORRUPT : status;
    }
    open->offset = offset;
    open->line = line;
    open->rounds = (uint32_t)rounds;
    open->retry_at_ms = retry;
    open->form = (uint8_t)form;
    open->data = (uint8_t)data;
    return 0;
}

static int cursor_doc_read_done(struct cursor *c, struct cxd_bytes entries)
{
    if (entries.len % DONE_ENTRY != 0) {
        return CXD_CORRUPT;
    }
    for (size_t at = 0; at < entries.len; at += DONE_ENTRY) {
        struct done_entry entry;
        int status;

        memcpy(&entry, entries.ptr + at, sizeof entry);
        status = done_add(&c->done, &entry);
        if (status < 0) {
            return status;
        }
    }
    return 0;
}

/* The parts of a bucket behind its name and prefix. */
static int cursor_doc_read_state(struct cursor *c, struct cxd_bytes doc)
{
    const struct heap *h = c->heap;
    struct cxd_scalar open = h->host->doc_get(doc, "open");
    struct cxd_bytes done;
    struct cxd_bytes start;
    struct cxd_bytes json;
    struct cxd_bytes ignored;
    int status;

    if (open.type != CXD_ARRAY || open.count > CURSOR_OPEN_MAX ||
        !reader_number(h, doc, "mark", -1, UINT32_MAX, &c->mark_s) ||
        !reader_number(h, doc, "newest", -1, UINT32_MAX, &c->newest_s) ||
        !reader_bytes(h, doc, "start", LIST_NAME_MAX, &start) ||
        !reader_bytes(h, doc, "done", 2 * (size_t)DONE_MAX * DONE_ENTRY, &done)) {
        return CXD_CORRUPT;
    }
    if (reader_bytes(h, doc, "import", IMPORT_MAX, &json)) {
        status = import_read(h, json, &c->import, NULL);
        if (status < 0) {
            return status == CXD_NOMEM ? status : CXD_CORRUPT;
        }
    }
    text_add(&c->start, start.ptr, start.len);
    status = c->start.status != 0 ? c->start.status : cursor_doc_read_done(c, done);
    for (uint32_t i = 0; status == 0 && i < open.count; i++) {
        struct cxd_scalar item = h->host->doc_at(open.bytes, i, &ignored);

        status = item.type == CXD_DOCUMENT ? cursor_doc_read_open(c, item.bytes) : CXD_CORRUPT;
    }
    return status;
}

static int cursor_doc_read_bucket(const struct heap *h, const struct cxd_scalar *item,
                                  struct cursor *c)
{
    struct cxd_bytes name;
    struct cxd_bytes prefix;
    int status;

    if (item->type != CXD_DOCUMENT || !reader_bytes(h, item->bytes, "name", 256, &name) ||
        !reader_bytes(h, item->bytes, "prefix", LIST_NAME_MAX, &prefix)) {
        return CXD_CORRUPT;
    }
    status = cursor_init(c, h, name, prefix);
    if (status < 0) {
        return status;
    }
    status = cursor_doc_read_state(c, item->bytes);
    if (status < 0) {
        cursor_done(c);
    }
    return status;
}

static int cursor_doc_fail(int status, struct cxd_error *err)
{
    if (status == CXD_CORRUPT) {
        return cxd_error_set(err, status,
                             "the stored cursor is damaged; remove it to collect the buckets anew");
    }
    return cxd_error_set(err, status, "the stored cursor could not be read");
}

int cursor_doc_read(const struct heap *h, struct cxd_bytes doc, struct cursor **ret_cursors,
                    size_t *ret_count, struct cxd_error *err)
{
    struct cxd_scalar buckets;
    struct cxd_bytes ignored;
    struct cursor *cursors;
    int64_t version;

    if (doc.ptr == NULL || doc.len == 0) {
        *ret_cursors = NULL;
        *ret_count = 0;
        return 0;
    }
    if (!reader_number(h, doc, "v", 1, INT64_MAX, &version)) {
        return cursor_doc_fail(CXD_CORRUPT, err);
    }
    if (version > CURSOR_VERSION) {
        return cxd_error_set(
            err, CXD_UNSUPPORTED,
            "the stored cursor was written by a newer version (%lld, this one reads "
            "up to %d): upgrade the agent",
            (long long)version, CURSOR_VERSION);
    }
    buckets = h->host->doc_get(doc, "buckets");
    if (buckets.type != CXD_ARRAY || buckets.count > CURSOR_BUCKETS_MAX) {
        return cursor_doc_fail(CXD_CORRUPT, err);
    }
    cursors = heap_alloc(h, (buckets.count + 1) * sizeof *cursors);
    if (cursors == NULL) {
        return cursor_doc_fail(CXD_NOMEM, err);
    }
    for (uint32_t i = 0; i < buckets.count; i++) {
        struct cxd_scalar item = h->host->doc_at(buckets.bytes, i, &ignored);
        int status = cursor_doc_read_bucket(h, &item, &cursors[i]);

        if (status < 0) {
            cursor_doc_free(h, cursors, i);
            return cursor_doc_fail(status, err);
        }
    }
    *ret_cursors = cursors;
    *ret_count = buckets.count;
    return 0;
}

void cursor_doc_free(const struct heap *h, struct cursor *cursors, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        cursor_done(&cursors[i]);
    }
    heap_free(h, cursors);
}
