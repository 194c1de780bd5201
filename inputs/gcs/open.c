/*
 * open.c: an instance, from its options and its stored cursor; and its end.
 *
 * Thread: the instance's; interrupt: any.
 */
#include "cursor_doc.h"
#include "input.h"

#include <string.h>

/* Puts the stored cursors behind those of the policy's buckets, each stored one once. */
static int open_cursors(struct input *in, struct cursor *stored, size_t stored_count,
                        struct cxd_error *err)
{
    size_t wanted = in->config.bucket_count;

    in->cursors = heap_alloc(&in->heap, (wanted + stored_count) * sizeof *in->cursors);
    if (in->cursors == NULL) {
        return cxd_error_set(err, CXD_NOMEM, "cursors: out of memory");
    }
    for (size_t i = 0; i < wanted; i++) {
        const struct config_bucket *b = &in->config.buckets[i];
        struct cursor *c = &in->cursors[i];

        in->cursor_count++;
        for (size_t j = 0; j < stored_count && c->heap == NULL; j++) {
            if (stored[j].heap != NULL && strcmp(stored[j].bucket, b->name) == 0 &&
                strcmp(stored[j].prefix, b->prefix) == 0) {
                *c = stored[j]; /* moved */
                stored[j].heap = NULL;
            }
        }
        if (c->heap == NULL &&
            cursor_init(c, &in->heap, bytes_of(b->name), bytes_of(b->prefix)) < 0) {
            c->heap = NULL;
            return cxd_error_set(err, CXD_NOMEM, "cursors: out of memory");
        }
        c->lookback_s = b->lookback_s;
    }
    /* a bucket that left the policy keeps its place, should it come back */
    for (size_t j = 0; j < stored_count && in->cursor_count < CURSOR_BUCKETS_MAX; j++) {
        if (stored[j].heap != NULL) {
            in->cursors[in->cursor_count++] = stored[j];
            stored[j].heap = NULL;
        }
    }
    return 0;
}

/* PROJECT::BUCKET */
static bool is_source_of(struct cxd_bytes source, const char *bucket)
{
    size_t len = strlen(bucket);

    return source.len >= len + 2 && memcmp(source.ptr + source.len - len, bucket, len) == 0 &&
           memcmp(source.ptr + source.len - len - 2, "::", 2) == 0;
}

/* What Filebeat had stored of these buckets. */
static int open_imported(struct input *in, struct cxd_scalar list, struct cxd_error *err)
{
    const struct cxd_host *host = in->heap.host;
    int status = open_cursors(in, NULL, 0, err);
    struct cxd_bytes ignored;

    for (uint32_t i = 0; status == 0 && i < list.count; i++) {
        struct cxd_scalar item = host->doc_at(list.bytes, i, &ignored);
        struct cxd_scalar source = host->doc_get(item.bytes, "source");
        struct cxd_scalar json = host->doc_get(item.bytes, "cursor");
        for (size_t b = 0; status == 0 && b < in->config.bucket_count; b++) {
            if (source.type == CXD_TEXT && json.type == CXD_TEXT && in->cursors[b].import == NULL &&
                is_source_of(source.bytes, in->config.buckets[b].name)) {
                status = import_read(&in->heap, json.bytes, &in->cursors[b].import, err);
            }
        }
    }
    return status;
}

static int open_stored(struct input *in, struct cxd_error *err)
{
    struct cxd_bytes doc = in->heap.host->cursor(in->heap.self);
    struct cxd_scalar list = {.type = CXD_NONE};
    struct cursor *stored = NULL;
    size_t count = 0;
    int status;

    if (doc.len > 0) {
        list = in->heap.host->doc_get(doc, "filebeat");
    }
    if (list.type == CXD_ARRAY) {
        return open_imported(in, list, err);
    }
    status = cursor_doc_read(&in->heap, doc, &stored, &count, err);

    if (status == 0) {
        status = open_cursors(in, stored, count, err);
    }
    cursor_doc_free(&in->heap, stored, count); /* those that were moved are empty */
    return status;
}

static int open_bucket(struct input *in, size_t index, struct cxd_error *err)
{
    struct bucket *b = &in->buckets[index];
    size_t share = PENDING_MAX / in->config.bucket_count;

    b->input = in;
    b->config = &in->config.buckets[index];
    b->cursor = &in->cursors[index];
    pending_init(&b->pending, &in->heap, share > PENDING_LEAST ? share : PENDING_LEAST);
    fetch_init(&b->fetch, &in->heap, LIST_PAGE_MAX);
    text_init(&b->page_token, &in->heap, 8192);
    b->workers = heap_alloc(&in->heap, (size_t)b->config->max_workers * sizeof *b->workers);
    if (b->workers == NULL) {
        return cxd_error_set(err, CXD_NOMEM, "workers: out of memory");
    }
    for (int64_t i = 0; i < b->config->max_workers; i++) {
        worker_init(&b->workers[i], b);
    }
    return 0;
}

static int open_auth(struct input *in, struct cxd_bytes options, struct cxd_error *err)
{
    _cleanup_(text_done) struct text key = {0};
    int status = config_key(&in->heap, options, &key, err);

    return status < 0 ? status : auth_init(&in->auth, &in->heap, text_bytes(&key), err);
}

static int open_parts(struct input *in, struct cxd_bytes options, struct cxd_error *err)
{
    int status = config_read(&in->heap, options, &in->config, err);

    status = status < 0 ? status : open_auth(in, options, err);
    status = status < 0 ? status : open_stored(in, err);
    if (status < 0) {
        return status;
    }
    status = in->heap.host->http_client(in->heap.self, options, &in->client, err);
    if (status < 0) {
        in->client = NULL;
        return status;
    }
    in->auth.client = in->client;
    in->builder = in->heap.host->doc_new(in->heap.self);
    in->buckets = heap_alloc(&in->heap, in->config.bucket_count * sizeof *in->buckets);
    if (in->builder == NULL || in->buckets == NULL) {
        return cxd_error_set(err, CXD_NOMEM, "buckets: out of memory");
    }
    for (size_t i = 0; i < in->config.bucket_count && status == 0; i++) {
        status = open_bucket(in, i, err);
    }
    status = status < 0 ? status : share_open(in, options, &in->share, err);
    if (in->share != NULL) {
        share_buckets(in->share);
    }
    return status;
}

int input_open(const struct cxd_host *host, struct cxd_self *self, struct cxd_bytes options,
               void **ret_instance, struct cxd_error *err)
{
    struct input *in = host->alloc(self, sizeof *in);
    int status;

    if (in == NULL) {
        return cxd_error_set(err, CXD_NOMEM, "gcs: out of memory");
    }
    in->heap = (struct heap){host, self};
    in->ill = true; /* until the first listing says otherwise */
    status = open_parts(in, options, err);
    if (status < 0) {
        input_close(in);
        return status;
    }
    *ret_instance = in;
    return 0;
}

void input_interrupt(void *instance)
{
    struct input *in = instance;

    in->heap.host->http_interrupt(in->client);
}

static void close_bucket(struct input *in, struct bucket *b)
{
    if (b->workers != NULL) {
        for (int64_t i = 0; i < b->config->max_workers; i++) {
            worker_done(&b->workers[i]);
        }
        heap_free(&in->heap, b->workers);
    }
    pending_done(&b->pending);
    fetch_done(&b->fetch);
    text_done(&b->page_token);
}

void input_close(void *instance)
{
    struct input *in = instance;
    struct heap heap;

    if (in == NULL) {
        return;
    }
    heap = in->heap;
    share_close(in->share);
    in->share = NULL;
    for (size_t i = 0; in->buckets != NULL && i < in->config.bucket_count; i++) {
        close_bucket(in, &in->buckets[i]);
    }
    heap_free(&heap, in->buckets);
    auth_done(&in->auth);
    for (size_t i = 0; i < in->cursor_count; i++) {
        cursor_done(&in->cursors[i]);
    }
    heap_free(&heap, in->cursors);
    if (in->builder != NULL) {
        heap.host->doc_free(in->builder);
    }
    if (in->client != NULL) {
        heap.host->http_client_free(in->client);
    }
    config_done(&in->config);
    heap_free(&heap, in);
}
