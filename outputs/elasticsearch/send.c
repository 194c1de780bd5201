/*
 * send.c: a batch as bulk requests, one after the other. Knows how a request can go wrong as a whole; what single items mean is
 * reply.c's and verdict.c's.
 *
 * The first request that leaves documents pending ends the batch: the core waits, and sends the rest again.
 */
#include "output.h"

#include "reply.h"
#include "verdict.h"

#include <inttypes.h>

#define SEND_LIMIT_LOWEST 65536
#define SEND_LIMIT_PATIENCE 16 /* good requests before a larger one is tried */

static int body_make(struct output *o, const struct cxd_doc *docs, uint32_t count,
                     struct cxd_bytes *packed, struct call_request *request, struct cxd_error *err)
{
    if (bulk_encode(&o->bulk, docs, count) != CXD_OK) {
        return cxd_error_set(err, CXD_NOMEM, "out of memory for a request of %u documents", count);
    }
    request->parts = o->bulk.parts;
    request->part_count = o->bulk.part_count;
    if (o->settings.compression_level > 0) {
        int r = pack_parts(&o->pack, o->bulk.parts, o->bulk.part_count, packed, err);

        if (r != CXD_OK) {
            return r;
        }
        request->parts = packed;
        request->part_count = 1;
        request->is_gzip = 1;
    }
    return CXD_OK;
}

/* 413: smaller requests from here on; a document that is too large alone never will go through. */
static int shrink(struct output *o, uint32_t count, struct cxd_outcome *outcomes)
{
    if (count == 1) {
        char text[128];
        int len = snprintf(text, sizeof text,
                           "a document of %" PRIu64 " bytes is larger than the destination takes",
                           o->bulk.bytes);

        outcomes[0].result = CXD_RESULT_REJECTED;
        outcomes[0].http_status = 413;
        outcomes[0].reason =
            notes_add(&o->notes, (struct cxd_bytes){text, (size_t)len}, (struct cxd_bytes){0});
        return 1;
    }
    o->limit_bytes = o->bulk.bytes / 2;
    o->limit_good = 0;
    return 0;
}

static void limit_relax(struct output *o)
{
    if (o->limit_bytes < o->settings.bulk_max_bytes && ++o->limit_good >= SEND_LIMIT_PATIENCE) {
        o->limit_good = 0;
        o->limit_bytes =
            o->limit_bytes < SEND_LIMIT_LOWEST ? SEND_LIMIT_LOWEST : o->limit_bytes * 2;
        if (o->limit_bytes > o->settings.bulk_max_bytes) {
            o->limit_bytes = o->settings.bulk_max_bytes;
        }
    }
}

/* Documents that the reply leaves pending: why, for the whole batch. */
static int items_pending(const struct reply_sum *sum, const struct call_reply *reply,
                         struct cxd_error *err)
{
    (void)cxd_error_set(err, sum->status, "%s refused documents: %.*s%s%s", reply->url,
                        (int)sum->note.len, sum->note.len > 0 ? sum->note.ptr : "",
                        sum->advice != NULL ? "; " : "", sum->advice != NULL ? sum->advice : "");
    if (err != NULL) {
        err->retry_after_ms = reply->retry_after_ms;
    }
    return sum->status;
}

/* One request with the first documents that fit; *ret_count: how many are settled (not pending any more). */
static int request_send(struct output *o, const struct cxd_doc *docs, uint32_t count,
                        struct cxd_outcome *outcomes, uint32_t *ret_count, struct cxd_error *err)
{
    struct call_request request = {
        .method = "POST", .path = o->settings.bulk_path, .content_type = "application/x-ndjson"};
    uint32_t n = bulk_cut(&o->bulk, docs, count, o->limit_bytes);
    struct cxd_bytes packed = {NULL, 0};
    struct call_reply reply;
    struct reply_sum sum;
    int r = body_make(o, docs, n, &packed, &request, err);

    if (r == CXD_OK) {
        r = call_run(&o->call, &request, &reply, err);
    }
    if (r != CXD_OK) {
        return r;
    }
    if (reply.http_status == 413) {
        *ret_count = shrink(o, n, outcomes) ? 1 : 0;
        return CXD_OK;
    }
    if (reply.http_status < 200 || reply.http_status > 299) {
        return call_refused(&reply, "bulk request", err);
    }
    r = reply_read(reply.body, outcomes, n, &o->notes, &sum, err);
    if (r != CXD_OK) {
        if (err != NULL) {
            (void)cxd_error_wrap(err, "%s", reply.url);
        }
        return r;
    }
    if (sum.redirected > 0) {
        o->host->count(o->self, "events_failure_store_total", sum.redirected);
    }
    limit_relax(o);
    *ret_count = n;
    return sum.status == CXD_OK ? CXD_OK : items_pending(&sum, &reply, err);
}

int output_send(struct output *o, const struct cxd_batch *batch, struct cxd_outcome *outcomes,
                struct cxd_error *err)
{
    uint32_t done = 0;
    int r = CXD_OK;

    notes_clear(&o->notes);
    o->bulk.pipeline = CXD_HAS(batch, pipeline) ? batch->pipeline : (struct cxd_bytes){NULL, 0};
    while (done < batch->count && r == CXD_OK) {
        uint32_t count = 0;

        r = request_send(o, batch->docs + done, batch->count - done, outcomes + done, &count, err);
        done += count;
    }
    return r;
}
