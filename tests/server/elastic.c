/*
 * The Elasticsearch app: who may ask, what a path means, and where a body goes. Answers are elastic_bulk.c and
 * elastic_read.c.
 */
#include "elastic.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "elastic_bulk.h"
#include "elastic_read.h"
#include "shelf.h"

enum { ELASTIC_TEXT_MAX = 4 << 20 };

static const char KIND_BULK[] = "bulk";

struct elastic_work {
    struct intake *intake; /* bulk */
    struct buffer text;    /* everything else */
};

/* The last part of the path when it begins with an underscore, for counting and fault rules. */
static void elastic_classify(void *owner, struct request *request)
{
    (void)owner;
    static const struct {
        const char *part, *kind;
    } KINDS[] = {{"/_bulk", KIND_BULK},
                 {"/_index_template/", "template"},
                 {"/_component_template/", "template"},
                 {"/_ilm/policy/", "policy"},
                 {"/_ingest/pipeline/", "pipeline"},
                 {"/_data_stream", "data_stream"},
                 {"/_count", "count"},
                 {"/_search", "search"},
                 {"/_refresh", "refresh"},
                 {"/_cat/", "cat"},
                 {"/_cluster/health", "health"},
                 {"/_license", "license"},
                 {"/_doc/", "doc"},
                 {"/_create/", "doc"}};
    if (strcmp(request->path, "/") == 0) {
        request->kind = "root";
        return;
    }
    for (size_t i = 0; i < sizeof KINDS / sizeof KINDS[0]; i++) {
        const char *found = strstr(request->path, KINDS[i].part);
        if (found) {
            request->kind = KINDS[i].kind;
            snprintf(request->object, sizeof request->object, "%.*s",
                     found > request->path ? (int)(found - request->path - 1) : 0,
                     request->path + 1);
            return;
        }
    }
    if (strchr(request->path + 1, '/') == NULL && request->path[1] != '_' &&
        strcmp(request->method, "PUT") == 0) {
        request->kind = "index";
    }
}

static bool elastic_may(const struct elastic *elastic, const struct request *request)
{
    if (!*elastic->ways_in[0] && !*elastic->ways_in[1]) {
        return true;
    }
    const char *value = request_header(request, MHD_HTTP_HEADER_AUTHORIZATION);
    return value && ((*elastic->ways_in[0] && strcmp(value, elastic->ways_in[0]) == 0) ||
                     (*elastic->ways_in[1] && strcmp(value, elastic->ways_in[1]) == 0));
}

static bool elastic_begin(void *owner, struct request *request, struct reply *reply)
{
    struct elastic *elastic = owner;
    reply->type = "application/json";
    reply_header(reply, "X-Elastic-Product", "Elasticsearch");
    const char *length = request_header(request, MHD_HTTP_HEADER_CONTENT_LENGTH);
    if (length && strtoull(length, NULL, 10) > elastic->options.body_max) {
        elastic_error(reply, 413, NULL, NULL);
        return false;
    }
    if (!elastic_may(elastic, request)) {
        elastic_error(reply, 401, NULL, NULL);
        return false;
    }
    struct elastic_work *work = calloc(1, sizeof *work);
    request->work = work;
    if (work && request->kind == KIND_BULK) {
        work->intake = intake_new(elastic, request, request->object);
    } else if (work) {
        buffer_init(&work->text, ELASTIC_TEXT_MAX);
    }
    if (!work || (request->kind == KIND_BULK && !work->intake)) {
        elastic_error(reply, 500, NULL, NULL);
        return false;
    }
    return true;
}

static bool elastic_body(void *owner, struct request *request, const char *data, size_t len,
                         struct reply *reply)
{
    (void)owner;
    struct elastic_work *work = request->work;
    if (work->intake) {
        return intake_body(work->intake, data, len, reply);
    }
    buffer_add(&work->text, data, len);
    if (!buffer_ok(&work->text)) {
        elastic_error(reply, 413, NULL, NULL);
        return false;
    }
    return true;
}

static void elastic_end(void *owner, struct request *request)
{
    (void)owner;
    struct elastic_work *work = request->work;
    intake_free(work->intake);
    buffer_done(&work->text);
    free(work);
    request->work = NULL;
}

static void elastic_handle(void *owner, struct request *request, struct reply *reply)
{
    struct elastic_work *work = request->work;
    if (work->intake) {
        intake_finish(work->intake, reply);
    } else {
        elastic_read(owner, request, work->text.data, reply);
    }
}

static void elastic_refuse(void *owner, const struct request *request, unsigned status,
                           struct reply *reply)
{
    (void)owner;
    reply->type = "application/json";
    reply_header(reply, "X-Elastic-Product", "Elasticsearch");
    if (*request->fault.body) {
        reply_text(reply, status, "application/json", request->fault.body);
    } else {
        elastic_error(reply, status, NULL, NULL);
    }
}

static bool elastic_way_in(char out[512], const char *scheme, const char *secret)
{
    size_t head = strlen(scheme), len = secret ? strlen(secret) : 0;
    if (!secret) {
        return true;
    }
    if (len > 300) {
        return false;
    }
    memcpy(out, scheme, head);
    EVP_EncodeBlock((unsigned char *)out + head, (const unsigned char *)secret, (int)len);
    return true;
}

bool elastic_init(struct elastic *elastic, const struct elastic_options *options,
                  const char **ret_reason)
{
    *elastic = (struct elastic){.options = *options};
    elastic->shelf = shelf_new();
    pthread_mutex_init(&elastic->doc_lock, NULL);
    *ret_reason = "no memory, or credentials too long";
    if (!elastic->shelf || !elastic_way_in(elastic->ways_in[0], "ApiKey ", options->api_key) ||
        !elastic_way_in(elastic->ways_in[1], "Basic ", options->user)) {
        return false;
    }
    if (!options->is_null) {
        elastic->store = store_open(options->store, ret_reason);
        if (!elastic->store) {
            return false;
        }
    }
    elastic->app = (struct server_app){
        .name = "elasticsearch",
        .owner = elastic,
        .classify = elastic_classify,
        .begin = elastic_begin,
        .body = elastic_body,
        .handle = elastic_handle,
        .refuse = elastic_refuse,
        .end = elastic_end,
    };
    return true;
}

void elastic_done(struct elastic *elastic)
{
    store_close(elastic->store);
    shelf_free(elastic->shelf);
    pthread_mutex_destroy(&elastic->doc_lock);
    elastic->store = NULL;
    elastic->shelf = NULL;
}

struct json_object *elastic_report(struct elastic *elastic)
{
    struct elastic_counts *counts = &elastic->counts;
    const struct {
        const char *key;
        atomic_uint_fast64_t *counter;
    } rows[] = {{"requests", &counts->requests},       {"items", &counts->items},
                {"created", &counts->created},         {"updated", &counts->updated},
                {"conflicts", &counts->conflicts},     {"rejected", &counts->rejected},
                {"malformed", &counts->malformed},     {"wire_bytes", &counts->wire_bytes},
                {"plain_bytes", &counts->plain_bytes}, {"document_bytes", &counts->document_bytes}};
    struct json_object *report = json_object_new_object();
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        json_object_object_add(report, rows[i].key,
                               json_object_new_uint64(atomic_load(rows[i].counter)));
    }
    if (elastic->store) {
        json_object_object_add(report, "distinct_ids",
                               json_object_new_uint64(store_distinct(elastic->store)));
        json_object_object_add(report, "indices", store_report(elastic->store));
    }
    return report;
}
