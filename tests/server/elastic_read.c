/*
 * Short JSON answers. Templates and policies are kept as given and returned in the API's form; nothing acts on them but the
 * question whether an index is a data stream.
 */
#include "elastic_read.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "elastic_doc.h"
#include "filter.h"
#include "shelf.h"

enum { ELASTIC_SEARCH_MAX = 10000 };

static struct json_object *read_parse(const char *text)
{
    return text ? json_tokener_parse(text) : NULL;
}

/* Sends a constant JSON text, cut by filter_path. */
static void read_send(const struct request *request, struct reply *reply, struct json_object *tree)
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

struct named {
    const char *kind;
    const char *name; /* for reading, a pattern */
};

static void read_put_named(struct elastic *elastic, const struct named *named, const char *text,
                           struct reply *reply)
{
    struct json_object *tree = read_parse(text);
    if (!json_object_is_type(tree, json_type_object)) {
        json_object_put(tree);
        elastic_error(reply, 400, "x_content_parse_exception", "the body is not a JSON object");
        return;
    }
    if (strcmp(named->kind, "_ilm/policy") == 0) {
        json_object_object_add(tree, "version", json_object_new_int(1));
    }
    bool ok = shelf_put(elastic->shelf, named->kind, named->name, tree);
    reply_text(reply, ok ? 200 : 500, "application/json", "{\"acknowledged\":true}");
}

/* Policies and pipelines are members by their name; templates are a list. */
static struct json_object *read_named_tree(const struct named *named, struct json_object *found)
{
    bool by_name = named->kind[1] == 'i' && strcmp(named->kind, "_index_template") != 0;
    bool is_part = strcmp(named->kind, "_component_template") == 0;
    struct json_object *tree = json_object_new_object(), *list = json_object_new_array();
    for (size_t i = 0; i < json_object_array_length(found); i++) {
        struct json_object *entry = json_object_array_get_idx(found, i), *name = NULL, *body = NULL;
        json_object_object_get_ex(entry, "name", &name);
        json_object_object_get_ex(entry, "body", &body);
        if (by_name) {
            json_object_object_add(tree, json_object_get_string(name), json_object_get(body));
            continue;
        }
        struct json_object *item = json_object_new_object();
        json_object_object_add(item, "name", json_object_get(name));
        json_object_object_add(item, is_part ? "component_template" : "index_template",
                               json_object_get(body));
        json_object_array_add(list, item);
    }
    if (by_name) {
        json_object_put(list);
    } else {
        json_object_object_add(tree, is_part ? "component_templates" : "index_templates", list);
    }
    return tree;
}

/* /_index_template/NAME and its like: kept and given back. */
static void read_named(struct elastic *elastic, const struct request *request,
                       const struct named *named, const char *text, struct reply *reply)
{
    bool reads = strcmp(request->method, "GET") == 0 || strcmp(request->method, "HEAD") == 0;
    if (strcmp(request->method, "DELETE") == 0) {
        bool gone = shelf_drop(elastic->shelf, named->kind, named->name);
        reply_text(reply, gone ? 200 : 404, "application/json", "{\"acknowledged\":true}");
        return;
    }
    if (!reads) {
        read_put_named(elastic, named, text, reply);
        return;
    }
    struct json_object *found = shelf_get(elastic->shelf, named->kind, named->name);
    if (!found || (!json_object_array_length(found) && !strchr(named->name, '*'))) {
        elastic_error(reply, 404, "resource_not_found_exception", "no such named resource");
    } else {
        read_send(request, reply, read_named_tree(named, found));
    }
    json_object_put(found);
}

static uint64_t read_number(const char *text, uint64_t usual)
{
    char *end = NULL;
    unsigned long long value = text ? strtoull(text, &end, 10) : 0;
    return text && *text && !*end ? value : usual;
}

static void read_search(struct elastic *elastic, struct request *request, const char *text,
                        struct reply *reply)
{
    uint64_t size = read_number(request_query(request, "size"), 10);
    uint64_t from = read_number(request_query(request, "from"), 0), total = 0;
    struct json_object *body = read_parse(text), *value;
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

static void read_count(struct elastic *elastic, struct request *request, struct reply *reply)
{
    uint64_t total = 0;
    const char *patterns = *request->object ? request->object : "*";
    if (!elastic->store) {
        total = atomic_load(&elastic->counts.created); /* null mode: whatever the index */
    } else if (!store_count(elastic->store, patterns, &total)) {
        elastic_error(reply, 404, NULL, NULL);
        return;
    }
    buffer_format(&reply->body,
                  "{\"count\":%llu,\"_shards\":{\"total\":1,\"successful\":1,\"skipped\":0,"
                  "\"failed\":0}}",
                  (unsigned long long)total);
}

/* PUT makes one by name (nothing to do: the first document does); GET lists those that hold documents. */
static void read_streams(struct elastic *elastic, const struct request *request,
                         struct reply *reply)
{
    if (strcmp(request->method, "GET") != 0) {
        reply_text(reply, 200, "application/json", "{\"acknowledged\":true}");
        return;
    }
    struct json_object *list = json_object_new_array();
    struct json_object *report =
        elastic->store ? store_report(elastic->store) : json_object_new_object();
    json_object_object_foreach(report, name, index)
    {
        (void)index;
        if (shelf_is_stream(elastic->shelf, name, strlen(name))) {
            struct json_object *item = json_object_new_object();
            json_object_object_add(item, "name", json_object_new_string(name));
            json_object_array_add(list, item);
        }
    }
    json_object_put(report);
    struct json_object *tree = json_object_new_object();
    json_object_object_add(tree, "data_streams", list);
    read_send(request, reply, tree);
}

static void read_cat(struct elastic *elastic, struct reply *reply)
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

static void read_constant(const struct request *request, struct reply *reply)
{
    static const struct {
        const char *kind, *text;
    } TEXTS[] = {{"root", ELASTIC_ROOT},
                 {"license", ELASTIC_LICENSE},
                 {"refresh", "{\"_shards\":{\"total\":2,\"successful\":1,\"failed\":0}}"},
                 {"health", "{\"cluster_name\":\"cxd-simulator\",\"status\":\"yellow\","
                            "\"timed_out\":false,\"number_of_nodes\":1}"}};
    for (size_t i = 0; i < sizeof TEXTS / sizeof TEXTS[0]; i++) {
        if (strcmp(TEXTS[i].kind, request->kind) == 0) {
            read_send(request, reply, read_parse(TEXTS[i].text));
            return;
        }
    }
    elastic_error(reply, 404, NULL, NULL);
}

void elastic_read(struct elastic *elastic, struct request *request, const char *text,
                  struct reply *reply)
{
    static const char *const NAMED[] = {"_index_template", "_component_template", "_ilm/policy",
                                        "_ingest/pipeline"};
    for (size_t i = 0; i < sizeof NAMED / sizeof NAMED[0]; i++) {
        size_t len = strlen(NAMED[i]);
        if (strncmp(request->path + 1, NAMED[i], len) == 0 && request->path[len + 1] == '/') {
            const struct named named = {.kind = NAMED[i], .name = request->path + len + 2};
            read_named(elastic, request, &named, text, reply);
            return;
        }
    }
    if (strcmp(request->kind, "search") == 0) {
        read_search(elastic, request, text, reply);
    } else if (strcmp(request->kind, "count") == 0) {
        read_count(elastic, request, reply);
    } else if (strcmp(request->kind, "cat") == 0) {
        read_cat(elastic, reply);
    } else if (strcmp(request->kind, "doc") == 0 || strcmp(request->kind, "index") == 0) {
        elastic_doc(elastic, request, text, reply);
    } else if (strcmp(request->kind, "data_stream") == 0) {
        read_streams(elastic, request, reply);
    } else {
        read_constant(request, reply);
    }
}
