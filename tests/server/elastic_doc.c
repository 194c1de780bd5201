/*
 * Single documents. They lie on the shelf beside templates, as they are few; a lock makes comparing and writing one step.
 */
#include "elastic_doc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shelf.h"

struct place {
    char index[128];
    char id[160];
    char name[256]; /* both, for the shelf */
    bool is_create;
};

static bool place_read(const char *path, struct place *place)
{
    const char *part = strstr(path, "/_doc/");
    place->is_create = part == NULL;
    if (!part) {
        part = strstr(path, "/_create/");
    }
    if (!part || part == path) {
        return false;
    }
    const char *id = strchr(part + 1, '/') + 1;
    int index_len =
        snprintf(place->index, sizeof place->index, "%.*s", (int)(part - path - 1), path + 1);
    int id_len = snprintf(place->id, sizeof place->id, "%s", id);
    int len = snprintf(place->name, sizeof place->name, "%s/%s", place->index, place->id);
    return index_len > 0 && index_len < (int)sizeof place->index && id_len > 0 &&
           id_len < (int)sizeof place->id && len < (int)sizeof place->name;
}

static struct json_object *shelf_one(struct elastic *elastic, const char *kind, const char *name)
{
    struct json_object *list = shelf_get(elastic->shelf, kind, name), *body = NULL;
    if (list && json_object_array_length(list) == 1) {
        json_object_object_get_ex(json_object_array_get_idx(list, 0), "body", &body);
        json_object_get(body);
    }
    json_object_put(list);
    return body;
}

static long long member(struct json_object *tree, const char *name)
{
    struct json_object *value = NULL;
    json_object_object_get_ex(tree, name, &value);
    return value ? json_object_get_int64(value) : -1;
}

static void head_write(struct reply *reply, const struct place *place, long long seq)
{
    buffer_format(&reply->body,
                  "{\"_index\":\"%s\",\"_id\":\"%s\",\"_version\":1,\"_seq_no\":%lld,"
                  "\"_primary_term\":1,",
                  place->index, place->id, seq);
}

static void doc_get(struct elastic *elastic, const struct place *place, struct reply *reply)
{
    struct json_object *index = shelf_one(elastic, "index", place->index);
    struct json_object *doc = shelf_one(elastic, "doc", place->name), *source = NULL;
    if (!index) {
        elastic_error(reply, 404, "index_not_found_exception", "no such index");
    } else if (!doc) {
        reply->status = 404;
        buffer_format(&reply->body, "{\"_index\":\"%s\",\"_id\":\"%s\",\"found\":false}",
                      place->index, place->id);
    } else {
        json_object_object_get_ex(doc, "source", &source);
        head_write(reply, place, member(doc, "seq"));
        buffer_format(&reply->body, "\"found\":true,\"_source\":%s}",
                      json_object_to_json_string_ext(source, JSON_C_TO_STRING_PLAIN));
    }
    json_object_put(doc);
    json_object_put(index);
}

static bool is_conflict(const struct request *request, const struct place *place, long long seq)
{
    const char *wanted = request_query(request, "if_seq_no");
    const char *term = request_query(request, "if_primary_term");
    if (place->is_create) {
        return seq >= 0;
    }
    return wanted && (strtoll(wanted, NULL, 10) != seq || !term || strcmp(term, "1") != 0);
}

static void doc_put(struct elastic *elastic, const struct request *request,
                    const struct place *place, struct json_object *source, struct reply *reply)
{
    pthread_mutex_lock(&elastic->doc_lock);
    struct json_object *old = shelf_one(elastic, "doc", place->name);
    long long seq = old ? member(old, "seq") : -1;
    if (is_conflict(request, place, seq)) {
        json_object_put(source);
        elastic_error(reply, 409, "version_conflict_engine_exception", "version conflict");
    } else {
        struct json_object *doc = json_object_new_object();
        long long next = ++elastic->doc_seq;
        json_object_object_add(doc, "seq", json_object_new_int64(next));
        json_object_object_add(doc, "source", source);
        shelf_put(elastic->shelf, "doc", place->name, doc);
        shelf_put(elastic->shelf, "index", place->index, json_object_new_object());
        reply->status = old ? 200 : 201;
        head_write(reply, place, next);
        buffer_format(&reply->body, "\"result\":\"%s\"}", old ? "updated" : "created");
    }
    json_object_put(old);
    pthread_mutex_unlock(&elastic->doc_lock);
}

static void index_put(struct elastic *elastic, const char *name, struct json_object *tree,
                      struct reply *reply)
{
    struct json_object *old = shelf_one(elastic, "index", name);
    if (old) {
        json_object_put(tree);
        elastic_error(reply, 400, "resource_already_exists_exception", "index already exists");
    } else {
        shelf_put(elastic->shelf, "index", name, tree);
        buffer_text(&reply->body, "{\"acknowledged\":true}");
    }
    json_object_put(old);
}

void elastic_doc(struct elastic *elastic, const struct request *request, const char *text,
                 struct reply *reply)
{
    struct place place;
    bool is_doc = place_read(request->path, &place);
    reply->status = 200;
    if (is_doc && strcmp(request->method, "GET") == 0) {
        doc_get(elastic, &place, reply);
        return;
    }
    struct json_object *tree = text ? json_tokener_parse(text) : NULL;
    if (strcmp(request->method, "PUT") != 0 || !json_object_is_type(tree, json_type_object)) {
        json_object_put(tree);
        elastic_error(reply, 400, NULL, NULL);
    } else if (is_doc) {
        doc_put(elastic, request, &place, tree, reply);
    } else {
        index_put(elastic, request->path + 1, tree, reply);
    }
}
