/*
 * A bulk request's way: unpack, take apart, put or count each item, answer. In null mode items are counted as they stream
 * by. In store mode the body is kept until it is complete and found well-formed, because Elasticsearch refuses a malformed
 * body as a whole, before any of its items is done.
 */
#include "elastic_bulk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "answer.h"
#include "bulk.h"
#include "pack.h"
#include "shelf.h"
#include "stats.h"
#include "strict.h"

enum { INTAKE_ID_MAX = 512, INTAKE_DEPTH_MAX = 64 };

struct intake {
    struct elastic *elastic;
    const struct fault_action *fault;
    struct unpack *unpack; /* NULL: the body is plain */
    struct bulk *bulk;
    struct answer answer;
    struct buffer plain; /* store mode */
    uint64_t plain_bytes;
    uint64_t wire_bytes;
    int64_t start_ms;
    bool is_dry; /* store mode, first pass: only look */
    bool too_large;
};

struct intake_verdict {
    unsigned status;
    const char *type; /* NULL: fine */
    const char *reason;
};

static void count(atomic_uint_fast64_t *counter, uint64_t add)
{
    atomic_fetch_add_explicit(counter, add, memory_order_relaxed);
}

static struct intake_verdict intake_fault(struct intake *intake)
{
    static const struct {
        unsigned status;
        const char *type, *reason;
    } WORDS[] = {
        {400, "document_parsing_exception",
         "[1:20] failed to parse field [@timestamp] of type [date] in document"},
        {429, "es_rejected_execution_exception",
         "rejected execution of coordinating operation [coordinating_and_primary_bytes=0]"},
        {503, "unavailable_shards_exception", "primary shard is not active Timeout: [1m]"},
    };
    const struct fault_action *fault = intake->fault;
    struct intake_verdict verdict = {
        .status = fault->item_status, .type = "exception", .reason = "refused by a fault script"};
    for (size_t i = 0; i < sizeof WORDS / sizeof WORDS[0]; i++) {
        if (WORDS[i].status == fault->item_status) {
            verdict.type = WORDS[i].type;
            verdict.reason = WORDS[i].reason;
        }
    }
    if (*fault->item_type) {
        verdict.type = fault->item_type;
    }
    return verdict;
}

static bool intake_is_struck(struct intake *intake)
{
    unsigned every = intake->fault->item_every;
    return every && (atomic_fetch_add(&intake->elastic->counts.fault_items, 1) + 1) % every == 0;
}

/* Strict JSON that begins with a brace is an object. */
static bool intake_is_json(const struct bulk_item *item)
{
    size_t at = 0;
    while (at < item->doc_len && memchr(" \t\r", item->doc[at], 3)) {
        at++;
    }
    return at < item->doc_len && item->doc[at] == '{' &&
           strict_is_json(item->doc, item->doc_len, INTAKE_DEPTH_MAX);
}

static struct intake_verdict intake_put(struct intake *intake, const struct bulk_item *item,
                                        const char *id, size_t id_len, struct store_place *place,
                                        bool *ret_update)
{
    struct elastic *elastic = intake->elastic;
    const struct store_put put = {
        .index = item->index,
        .index_len = item->index_len,
        .id = id,
        .id_len = id_len,
        .doc = item->doc,
        .doc_len = item->doc_len,
        .is_create = item->is_create,
        .is_stream = shelf_is_stream(elastic->shelf, item->index, item->index_len),
    };
    if (put.is_stream && !item->is_create) {
        return (struct intake_verdict){
            400, "illegal_argument_exception",
            "only write ops with an op_type of create are allowed in data streams"};
    }
    if (id_len > INTAKE_ID_MAX) {
        return (struct intake_verdict){400, "illegal_argument_exception",
                                       "id is too long, must be no longer than 512 bytes"};
    }
    if (!intake_is_json(item)) {
        return (struct intake_verdict){400, "document_parsing_exception",
                                       "[1:1] failed to parse: the document is not valid JSON"};
    }
    switch (store_put(elastic->store, &put, place)) {
    case STORE_CREATED:
        return (struct intake_verdict){.status = 201};
    case STORE_UPDATED:
        *ret_update = true;
        return (struct intake_verdict){.status = 200};
    case STORE_EXISTS:
        return (struct intake_verdict){409, "version_conflict_engine_exception", NULL};
    default:
        return (struct intake_verdict){400, "invalid_index_name_exception",
                                       "Invalid index name, or the store is full"};
    }
}

static void intake_count(struct elastic_counts *counts, unsigned status)
{
    count(status == 201   ? &counts->created
          : status == 200 ? &counts->updated
          : status == 409 ? &counts->conflicts
                          : &counts->rejected,
          1);
}

/* Elasticsearch makes 20 characters; so do we, never twice in one run. */
static size_t intake_make_id(struct intake *intake, char out[32])
{
    static atomic_uint_fast64_t made;
    return (size_t)snprintf(out, 32, "sim%08llx%09llx",
                            (unsigned long long)(intake->start_ms & 0xffffffff),
                            (unsigned long long)atomic_fetch_add(&made, 1));
}

static bool intake_item(void *owner, const struct bulk_item *item)
{
    struct intake *intake = owner;
    if (intake->is_dry) {
        return true;
    }
    struct elastic_counts *counts = &intake->elastic->counts;
    char made[32], reason[INTAKE_ID_MAX + 128];
    const char *id = item->id;
    size_t id_len = item->id_len;
    if (!id) {
        id = made;
        id_len = intake_make_id(intake, made);
    }
    struct store_place place = {.sequence = 0};
    snprintf(place.backing, sizeof place.backing, "%.*s", (int)item->index_len, item->index);
    bool is_update = false;
    struct intake_verdict verdict = {.status = 201};
    if (intake_is_struck(intake)) {
        verdict = intake_fault(intake);
    } else if (!intake->elastic->options.is_null) {
        verdict = intake_put(intake, item, id, id_len, &place, &is_update);
    }
    if (verdict.type && !verdict.reason) {
        snprintf(reason, sizeof reason,
                 "[%.*s]: version conflict, document already exists (current version [1])",
                 (int)id_len, id);
        verdict.reason = reason;
    }
    count(&counts->items, 1);
    count(&counts->document_bytes, item->doc_len);
    intake_count(counts, verdict.status);
    const struct answer_item answer = {
        .is_create = item->is_create,
        .index = place.backing,
        .id = id,
        .id_len = id_len,
        .status = verdict.status,
        .error_type = verdict.type,
        .error_reason = verdict.reason,
        .sequence = place.sequence,
        .is_update = is_update,
    };
    return answer_add(&intake->answer, &answer);
}

static struct bulk *intake_bulk(struct intake *intake, const char *index)
{
    const struct bulk_options options = {
        .index = index,
        .keep_documents = !intake->elastic->options.is_null,
        .document_max = intake->elastic->options.body_max,
        .fn = intake_item,
        .owner = intake,
    };
    return bulk_new(&options);
}

struct intake *intake_new(struct elastic *elastic, struct request *request, const char *index)
{
    struct intake *intake = calloc(1, sizeof *intake);
    if (!intake) {
        return NULL;
    }
    intake->elastic = elastic;
    intake->fault = &request->fault;
    intake->start_ms = stats_now_ms();
    buffer_init(&intake->plain, elastic->options.body_max);
    bool ok = answer_init(&intake->answer, request_query(request, "filter_path"));
    intake->bulk = intake_bulk(intake, index);
    const char *encoding = request_header(request, MHD_HTTP_HEADER_CONTENT_ENCODING);
    bool packed = encoding && strcasecmp(encoding, "gzip") == 0;
    intake->unpack = packed ? unpack_new() : NULL;
    if (!ok || !intake->bulk || (packed && !intake->unpack)) {
        intake_free(intake);
        return NULL;
    }
    return intake;
}

void intake_free(struct intake *intake)
{
    if (intake) {
        unpack_free(intake->unpack);
        bulk_free(intake->bulk);
        answer_done(&intake->answer);
        buffer_done(&intake->plain);
        free(intake);
    }
}

static bool intake_plain(void *owner, const char *data, size_t len)
{
    struct intake *intake = owner;
    intake->plain_bytes += len;
    if (intake->plain_bytes > intake->elastic->options.body_max) {
        intake->too_large = true;
        return false;
    }
    if (intake->elastic->options.is_null) {
        return bulk_feed(intake->bulk, data, len);
    }
    buffer_add(&intake->plain, data, len);
    return buffer_ok(&intake->plain);
}

static void intake_malformed(struct intake *intake, struct reply *reply)
{
    count(&intake->elastic->counts.malformed, 1);
    if (intake->too_large) {
        elastic_error(reply, 413, NULL, NULL);
        return;
    }
    const char *type = NULL;
    const char *reason = bulk_reason(intake->bulk, &type);
    if (!*reason) {
        type = "zip_exception";
        reason = "Not in GZIP format, or damaged";
    }
    elastic_error(reply, 400, type, reason);
}

bool intake_body(struct intake *intake, const char *data, size_t len, struct reply *reply)
{
    intake->wire_bytes += len;
    bool ok = intake->unpack ? unpack_feed(intake->unpack, data, len, intake_plain, intake)
                             : intake_plain(intake, data, len);
    if (!ok) {
        intake_malformed(intake, reply);
    }
    return ok;
}

/* Store mode: look at the whole body first, then do it. */
static bool intake_two_passes(struct intake *intake)
{
    intake->is_dry = true;
    if (!bulk_feed(intake->bulk, intake->plain.data, intake->plain.len) ||
        !bulk_finish(intake->bulk)) {
        return false;
    }
    intake->is_dry = false;
    return bulk_feed(intake->bulk, intake->plain.data, intake->plain.len) &&
           store_flush(intake->elastic->store);
}

void intake_finish(struct intake *intake, struct reply *reply)
{
    struct elastic_counts *counts = &intake->elastic->counts;
    bool ok = !intake->unpack || unpack_is_complete(intake->unpack) || !intake->wire_bytes;
    ok = ok &&
         (intake->elastic->options.is_null ? bulk_finish(intake->bulk) : intake_two_passes(intake));
    if (!ok) {
        intake_malformed(intake, reply);
        return;
    }
    count(&counts->requests, 1);
    count(&counts->wire_bytes, intake->wire_bytes);
    count(&counts->plain_bytes, intake->plain_bytes);
    reply->status = 200;
    answer_write(&intake->answer, (unsigned)(stats_now_ms() - intake->start_ms), &reply->body);
}
