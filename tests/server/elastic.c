/*
 * Elasticsearch requests other than bulk bodies: who may ask, what a path means, and short JSON answers.
 */
#include "elastic.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "elastic_bulk.h"
#include "filter.h"
#include "shelf.h"
#include "stats.h"

enum { ELASTIC_TEXT_MAX = 4 << 20, ELASTIC_SEARCH_MAX = 10000 };

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
                 {"/_license", "license"}};
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
}

void elastic_error(struct reply *reply, unsigned status, const char *type, const char *reason)
{
    static const struct {
        unsigned status;
        const char *type, *reason;
    } WORDS[] = {
        {400, "illegal_argument_exception", "bad request"},
        {401, "security_exception", "missing authentication credentials for REST request"},
        {403, "security_exception",
         "action [indices:data/write/bulk[s]] is unauthorized for API key id [simulator]"},
        {404, "index_not_found_exception", "no such index"},
        {413, "content_too_long_exception", "entity content is too long for the configured limit"},
        {429, "es_rejected_execution_exception",
         "rejected execution of coordinating operation [coordinating_and_primary_bytes=0]"},
        {503, "cluster_block_exception",
         "blocked by: [SERVICE_UNAVAILABLE/1/state not recovered];"},
    };
    const char *usual_type = "exception", *usual_reason = "error";
    for (size_t i = 0; i < sizeof WORDS / sizeof WORDS[0]; i++) {
        if (WORDS[i].status == status) {
            usual_type = WORDS[i].type;
            usual_reason = WORDS[i].reason;
        }
    }
    struct json_object *cause = json_object_new_object();
    json_object_object_add(cause, "type", json_object_new_string(type ? type : usual_type));
    json_object_object_add(cause, "reason", json_object_new_string(reason ? reason : usual_reason));
    struct json_object *error = NULL;
    json_object_deep_copy(cause, &error, NULL);
    struct json_object *causes = json_object_new_array(), *tree = json_object_new_object();
    json_object_array_add(causes, cause);
    json_object_object_add(error, "root_cause", causes);
    json_object_object_add(tree, "error", error);
    json_object_object_add(tree, "status", json_object_new_int((int)status));
    if (status == 401) {
        reply_header(reply, MHD_HTTP_HEADER_WWW_AUTHENTICATE, "Basic realm=\"security\"");
        reply_header(reply, MHD_HTTP_HEADER_WWW_AUTHENTICATE, "ApiKey");
    }
    reply_json(reply, status, tree);
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

static struct json_object *elastic_parse(const char *text)
{
    return json_tokener_parse(text);
}

/* Sends a constant JSON text, cut by filter_path. */
static void elastic_send(const struct request *request, struct reply *reply,
                         struct json_object *tree)
{
    struct filter filter;
    if (!filter_parse_path(&filter, request_query(request, "filter_path"))) {
        json_object_put(tree);
        elastic_error(reply, 400, NULL, "filter_path is too long");
        return;
    }
    filter_apply(&filter, tree);
    reply_json(reply, 200, tree);
}

/* /_index_template/NAME and its like: kept and given back. */
static void elastic_named(struct elastic *elastic, const struct request *request,
                          struct reply *reply, const char *kind, const char *name)
{
    const struct elastic_work *work = request->work;
    bool reads = strcmp(request->method, "GET") == 0 || strcmp(request->method, "HEAD") == 0;
    if (strcmp(request->method, "DELETE") == 0) {
        bool gone = shelf_drop(elastic->shelf, kind, name);
        reply_text(reply, gone ? 200 : 404, "application/json", "{\"acknowledged\":true}");
        return;
    }
    if (!reads) {
        struct json_object *tree = work->text.data ? elastic_parse(work->text.data) : NULL;
        if (!json_object_is_type(tree, json_type_object)) {
            json_object_put(tree);
            elastic_error(reply, 400, "x_content_parse_exception", "the body is not a JSON object");
            return;
        }
        bool ok = shelf_put(elastic->shelf, kind, name, tree);
        reply_text(reply, ok ? 200 : 500, "application/json", "{\"acknowledged\":true}");
        return;
    }
    struct json_object *found = shelf_get(elastic->shelf, kind, name);
    size_t count = json_object_array_length(found);
    if (!count && !strchr(name, '*')) {
        json_object_put(found);
        elastic_error(reply, 404, "resource_not_found_exception", "no such named resource");
        return;
    }
    struct json_object *tree = json_object_new_object(), *list = json_object_new_array();
    const char *member =
        strcmp(kind, "_component_template") == 0 ? "component_template" : "index_template";
    bool by_name = strcmp(kind, "_ilm/policy") == 0 || strcmp(kind, "_ingest/pipeline") == 0;
    for (size_t i = 0; i < count; i++) {
        struct json_object *entry = json_object_array_get_idx(found, i), *item_name = NULL,
                           *body = NULL;
        json_object_object_get_ex(entry, "name", &item_name);
        json_object_object_get_ex(entry, "body", &body);
        if (by_name) {
            json_object_object_add(tree, json_object_get_string(item_name), json_object_get(body));
            continue;
        }
        struct json_object *item = json_object_new_object();
        json_object_object_add(item, "name", json_object_get(item_name));
        json_object_object_add(item, member, json_object_get(body));
        json_object_array_add(list, item);
    }
    char plural[32];
    snprintf(plural, sizeof plural, "%ss", member);
    if (by_name) {
        json_object_put(list);
    } else {
        json_object_object_add(tree, plural, list);
    }
    json_object_put(found);
    elastic_send(request, reply, tree);
}

static uint64_t elastic_number(const char *text, uint64_t usual)
{
    char *end = NULL;
    unsigned long long value = text ? strtoull(text, &end, 10) : 0;
    return text && *text && !*end ? value : usual;
}

static void elastic_search(struct elastic *elastic, struct request *request, struct reply *reply)
{
    const struct elastic_work *work = request->work;
    uint64_t size = elastic_number(request_query(request, "size"), 10);
    uint64_t from = elastic_number(request_query(request, "from"), 0), total = 0;
    struct json_object *body = work->text.data ? elastic_parse(work->text.data) : NULL, *value;
    if (json_object_object_get_ex(body, "size", &value)) {
        size = (uint64_t)json_object_get_int64(value);
    }
    if (json_object_object_get_ex(body, "from", &value)) {
        from = (uint64_t)json_object_get_int64(value);
    }
    json_object_put(body);
    const char *patterns = *request->object ? request->object : "*";
    if (!elastic->store || !store_count(elastic->store, patterns, &total)) {
        elastic_error(reply, 404, NULL, NULL);
        return;
    }
    if (size > ELASTIC_SEARCH_MAX) {
        elastic_error(reply, 400, NULL, "Result window is too large");
        return;
    }
    struct buffer hits;
    buffer_init(&hits, REPLY_BODY_MAX / 2);
    bool ok = store_search(elastic->store, patterns, from, size, &hits);
    buffer_format(&reply->body,
                  "{\"took\":1,\"timed_out\":false,\"_shards\":{\"total\":1,\"successful\":1,"
                  "\"skipped\":0,\"failed\":0},\"hits\":{\"total\":{\"value\":%llu,\"relation\":"
                  "\"eq\"},\"max_score\":1.0,\"hits\":[",
                  (unsigned long long)total);
    buffer_add(&reply->body, hits.data ? hits.data : "", hits.len);
    buffer_text(&reply->body, "]}}");
    buffer_done(&hits);
    if (!ok) {
        elastic_error(reply, 500, NULL, NULL);
    }
}

static void elastic_count(struct elastic *elastic, struct request *request, struct reply *reply)
{
    uint64_t total = 0;
    const char *patterns = *request->object ? request->object : "*";
    if (!elastic->store || !store_count(elastic->store, patterns, &total)) {
        elastic_error(reply, 404, NULL, NULL);
        return;
    }
    buffer_format(&reply->body,
                  "{\"count\":%llu,\"_shards\":{\"total\":1,\"successful\":1,\"skipped\":0,"
                  "\"failed\":0}}",
                  (unsigned long long)total);
}

static void elastic_cat(struct elastic *elastic, struct reply *reply)
{
    struct json_object *list = json_object_new_array();
    struct json_object *report =
        elastic->store ? store_report(elastic->store) : json_object_new_object();
    json_object_object_foreach(report, name, index)
    {
        struct json_object *item = json_object_new_object(), *documents = NULL;
        json_object_object_get_ex(index, "documents", &documents);
        json_object_object_add(item, "health", json_object_new_string("yellow"));
        json_object_object_add(item, "status", json_object_new_string("open"));
        json_object_object_add(item, "index", json_object_new_string(name));
        json_object_object_add(item, "docs.count",
                               json_object_new_string(json_object_get_string(documents)));
        json_object_array_add(list, item);
    }
    json_object_put(report);
    reply_json(reply, 200, list);
}

static const char ELASTIC_ROOT[] =
    "{\"name\":\"simulator\",\"cluster_name\":\"cxd-simulator\",\"cluster_uuid\":"
    "\"c2ltdWxhdG9yLWNsdXN0ZQ\",\"version\":{\"number\":\"8.15.3\",\"build_flavor\":\"default\","
    "\"build_type\":\"docker\",\"build_hash\":\"0000000000000000000000000000000000000000\","
    "\"build_date\":\"2024-10-09T22:08:00.000000000Z\",\"build_snapshot\":false,"
    "\"lucene_version\":\"9.11.1\",\"minimum_wire_compatibility_version\":\"7.17.0\","
    "\"minimum_index_compatibility_version\":\"7.0.0\"},\"tagline\":\"You Know, for Search\"}";

static const char ELASTIC_LICENSE[] =
    "{\"license\":{\"status\":\"active\",\"uid\":\"00000000-0000-4000-8000-000000000000\",\"type\":"
    "\"basic\",\"issue_date\":\"2024-01-01T00:00:00.000Z\",\"issue_date_in_millis\":1704067200000,"
    "\"max_nodes\":1000,\"max_resource_units\":null,\"issued_to\":\"cxd-simulator\",\"issuer\":"
    "\"elasticsearch\",\"start_date_in_millis\":-1}}";

static void elastic_constant(const struct request *request, struct reply *reply)
{
    static const struct {
        const char *kind, *text;
    } TEXTS[] = {{"root", ELASTIC_ROOT},
                 {"license", ELASTIC_LICENSE},
                 {"data_stream", "{\"acknowledged\":true}"},
                 {"refresh", "{\"_shards\":{\"total\":2,\"successful\":1,\"failed\":0}}"},
                 {"health", "{\"cluster_name\":\"cxd-simulator\",\"status\":\"yellow\","
                            "\"timed_out\":false,\"number_of_nodes\":1}"}};
    for (size_t i = 0; i < sizeof TEXTS / sizeof TEXTS[0]; i++) {
        if (strcmp(TEXTS[i].kind, request->kind) == 0) {
            elastic_send(request, reply, elastic_parse(TEXTS[i].text));
            return;
        }
    }
    elastic_error(reply, 404, NULL, NULL);
}

static void elastic_handle(void *owner, struct request *request, struct reply *reply)
{
    static const char *const NAMED[] = {"_index_template", "_component_template", "_ilm/policy",
                                        "_ingest/pipeline"};
    struct elastic *elastic = owner;
    struct elastic_work *work = request->work;
    if (work->intake) {
        intake_finish(work->intake, reply);
        return;
    }
    for (size_t i = 0; i < sizeof NAMED / sizeof NAMED[0]; i++) {
        size_t len = strlen(NAMED[i]);
        if (strncmp(request->path + 1, NAMED[i], len) == 0 && request->path[len + 1] == '/') {
            elastic_named(elastic, request, reply, NAMED[i], request->path + len + 2);
            return;
        }
    }
    if (strcmp(request->kind, "search") == 0) {
        elastic_search(elastic, request, reply);
    } else if (strcmp(request->kind, "count") == 0) {
        elastic_count(elastic, request, reply);
    } else if (strcmp(request->kind, "cat") == 0) {
        elastic_cat(elastic, reply);
    } else {
        elastic_constant(request, reply);
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
