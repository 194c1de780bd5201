/*
 * Storage requests: what a path means, who may ask, and the answers that are JSON. Bytes of objects are media.c.
 */
#include "storage.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "filter.h"
#include "media.h"
#include "storage_error.h"

enum { STORAGE_FORM_MAX = 16 * 1024 };

static const char KIND_TOKEN[] = "token";
static const char KIND_BUCKETS[] = "buckets";
static const char KIND_BUCKET[] = "bucket";
static const char KIND_LIST[] = "list";
static const char KIND_OBJECT[] = "object";
static const char KIND_MEDIA[] = "media";

static bool storage_is_media(const struct request *request)
{
    const char *alt = request_query(request, "alt");
    return alt && strcmp(alt, "media") == 0;
}

/* BUCKET, BUCKET/o and BUCKET/o/OBJECT, after /b/. */
static const char *storage_classify_rest(struct request *request, const char *rest, bool download)
{
    const char *slash = strchr(rest, '/');
    if (!slash) {
        return KIND_BUCKET;
    }
    if (strcmp(slash, "/o") == 0 || strcmp(slash, "/o/") == 0) {
        return KIND_LIST;
    }
    if (strncmp(slash, "/o/", 3) != 0) {
        return "other";
    }
    snprintf(request->object, sizeof request->object, "%s", slash + 3);
    return download || storage_is_media(request) ? KIND_MEDIA : KIND_OBJECT;
}

static void storage_classify(void *owner, struct request *request)
{
    (void)owner;
    static const char DOWNLOAD[] = "/download/storage/v1/b/", PLAIN[] = "/storage/v1/b/";
    const char *path = request->path;
    if (strcmp(path, "/token") == 0) {
        request->kind = KIND_TOKEN;
    } else if (strncmp(path, DOWNLOAD, sizeof DOWNLOAD - 1) == 0) {
        request->kind = storage_classify_rest(request, path + sizeof DOWNLOAD - 1, true);
    } else if (strcmp(path, "/storage/v1/b") == 0) {
        request->kind = KIND_BUCKETS;
    } else if (strncmp(path, PLAIN, sizeof PLAIN - 1) == 0) {
        request->kind = storage_classify_rest(request, path + sizeof PLAIN - 1, false);
    } else if (*path == '/' && strchr(path + 1, '/')) {
        request->kind = KIND_MEDIA;
        snprintf(request->object, sizeof request->object, "%s", strchr(path + 1, '/') + 1);
    }
}

static bool storage_begin(void *owner, struct request *request, struct reply *reply)
{
    (void)owner;
    if (request->kind != KIND_TOKEN) {
        return true;
    }
    struct buffer *form = malloc(sizeof *form);
    if (!form) {
        storage_error(request, reply, 500, NULL);
        return false;
    }
    buffer_init(form, STORAGE_FORM_MAX);
    request->work = form;
    return true;
}

static bool storage_body(void *owner, struct request *request, const char *data, size_t len,
                         struct reply *reply)
{
    (void)owner;
    struct buffer *form = request->work;
    if (form) {
        buffer_add(form, data, len);
        if (!buffer_ok(form)) {
            storage_error(request, reply, 413, NULL);
            return false;
        }
    }
    return true;
}

static void storage_end(void *owner, struct request *request)
{
    (void)owner;
    struct buffer *form = request->work;
    buffer_done(form);
    free(request->work);
    request->work = NULL;
}

/* Decodes one value of a form in place; NULL when it is absent. */
static char *storage_form_value(char *form, const char *key, char *out, size_t size)
{
    size_t key_len = strlen(key);
    char *at = form;
    while (at && !(strncmp(at, key, key_len) == 0 && at[key_len] == '=')) {
        at = strchr(at, '&');
        at = at ? at + 1 : NULL;
    }
    if (!at) {
        return NULL;
    }
    at += key_len + 1;
    size_t len = strcspn(at, "&");
    if (len >= size) {
        return NULL;
    }
    memcpy(out, at, len);
    out[len] = 0;
    for (char *plus = out; (plus = strchr(plus, '+'));) {
        *plus = ' ';
    }
    MHD_http_unescape(out);
    return out;
}

static void storage_token_refuse(struct reply *reply, unsigned status, const char *error,
                                 const char *description)
{
    struct json_object *tree = json_object_new_object();
    json_object_object_add(tree, "error", json_object_new_string(error));
    json_object_object_add(tree, "error_description", json_object_new_string(description));
    reply_json(reply, status, tree);
}

static void storage_token(struct storage *storage, struct request *request, struct reply *reply)
{
    static const char GRANT[] = "urn:ietf:params:oauth:grant-type:jwt-bearer";
    struct buffer *form = request->work;
    char grant[128], assertion[STORAGE_FORM_MAX];
    if (strcmp(request->method, MHD_HTTP_METHOD_POST) != 0 || !form || !form->data) {
        storage_token_refuse(reply, 400, "invalid_request", "Use POST with a form.");
        return;
    }
    if (!storage_form_value(form->data, "grant_type", grant, sizeof grant) ||
        strcmp(grant, GRANT) != 0) {
        storage_token_refuse(reply, 400, "unsupported_grant_type", "Invalid grant_type");
        return;
    }
    if (!storage->desk ||
        !storage_form_value(form->data, "assertion", assertion, sizeof assertion)) {
        storage_token_refuse(reply, 400, "invalid_request",
                             "Missing required parameter: assertion");
        return;
    }
    char token[72];
    const char *error = NULL;
    const char *reason = token_desk_issue(storage->desk, assertion, token, &error);
    if (reason) {
        storage_token_refuse(reply, 400, error, reason);
        return;
    }
    struct json_object *tree = json_object_new_object();
    json_object_object_add(tree, "access_token", json_object_new_string(token));
    json_object_object_add(tree, "expires_in",
                           json_object_new_int64(token_desk_expires_in(storage->desk)));
    json_object_object_add(tree, "token_type", json_object_new_string("Bearer"));
    reply_json(reply, 200, tree);
}

static bool storage_may(struct storage *storage, const struct request *request)
{
    const char *value = request_header(request, MHD_HTTP_HEADER_AUTHORIZATION);
    if (!storage->desk) {
        return true;
    }
    return value && strncasecmp(value, "Bearer ", 7) == 0 &&
           token_desk_is_good(storage->desk, value + 7);
}

static void storage_send_tree(struct request *request, struct reply *reply,
                              struct json_object *tree)
{
    struct filter filter;
    if (!filter_parse_fields(&filter, request_query(request, "fields"))) {
        json_object_put(tree);
        storage_error(request, reply, 400, "Invalid field selection");
        return;
    }
    filter_apply(&filter, tree);
    reply_json(reply, 200, tree);
}

/* The Go client sends every parameter, most of them empty: an empty one is none. */
static const char *storage_text(const struct request *request, const char *name)
{
    const char *text = request_query(request, name);
    return text && *text ? text : NULL;
}

static void storage_list(struct storage *storage, struct request *request, struct reply *reply)
{
    char base[256];
    request_base(request, base, sizeof base);
    const char *max = storage_text(request, "maxResults");
    char *end = NULL;
    unsigned long limit = max ? strtoul(max, &end, 10) : 0;
    if (max && (*end || limit > INT32_MAX)) {
        storage_error(request, reply, 400, "Invalid value for maxResults");
        return;
    }
    const struct bucket_query query = {
        .prefix = storage_text(request, "prefix"),
        .delimiter = storage_text(request, "delimiter"),
        .start_offset = storage_text(request, "startOffset"),
        .end_offset = storage_text(request, "endOffset"),
        .glob = storage_text(request, "matchGlob"),
        .page_token = storage_text(request, "pageToken"),
        .max_results = (unsigned)limit,
    };
    const char *reason = NULL;
    struct json_object *tree = bucket_list(storage->bucket, &query, base, &reason);
    if (!tree) {
        storage_error(request, reply, 400, reason);
        return;
    }
    storage_send_tree(request, reply, tree);
}

static struct json_object *storage_bucket_tree(struct storage *storage, const char *base)
{
    const char *name = bucket_name(storage->bucket);
    char link[512];
    snprintf(link, sizeof link, "%s/storage/v1/b/%s", base, name);
    struct json_object *tree = json_object_new_object();
    const struct {
        const char *key, *value;
    } members[] = {{"kind", "storage#bucket"},
                   {"id", name},
                   {"name", name},
                   {"selfLink", link},
                   {"projectNumber", "100000000001"},
                   {"metageneration", "1"},
                   {"etag", "CAE="},
                   {"location", "EUROPE-WEST3"},
                   {"locationType", "region"},
                   {"storageClass", "STANDARD"},
                   {"timeCreated", "2025-04-01T00:00:00.000Z"},
                   {"updated", "2025-04-01T00:00:00.000Z"}};
    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++) {
        json_object_object_add(tree, members[i].key, json_object_new_string(members[i].value));
    }
    return tree;
}

static void storage_buckets(struct storage *storage, struct request *request, struct reply *reply,
                            bool as_list)
{
    char base[256];
    request_base(request, base, sizeof base);
    struct json_object *tree = storage_bucket_tree(storage, base);
    if (as_list) {
        struct json_object *list = json_object_new_object(), *items = json_object_new_array();
        json_object_array_add(items, tree);
        json_object_object_add(list, "kind", json_object_new_string("storage#buckets"));
        json_object_object_add(list, "items", items);
        tree = list;
    }
    storage_send_tree(request, reply, tree);
}

/* Is the bucket in this path ours? */
static bool storage_names_bucket(const struct storage *storage, const struct request *request)
{
    const char *at = strstr(request->path, "/storage/v1/b/");
    at = at ? at + sizeof "/storage/v1/b/" - 1 : request->path + 1;
    size_t len = strcspn(at, "/");
    const char *name = bucket_name(storage->bucket);
    return len == strlen(name) && memcmp(at, name, len) == 0;
}

static void storage_object(struct storage *storage, struct request *request, struct reply *reply)
{
    struct object object;
    if (!bucket_find(storage->bucket, request->object, &object)) {
        storage_error(request, reply, 404, NULL);
        return;
    }
    unsigned status = media_check_generation(request, &object);
    if (status) {
        storage_error(request, reply, status, NULL);
    } else if (request->kind == KIND_MEDIA) {
        media_reply(request, reply, &object);
    } else {
        char base[256];
        request_base(request, base, sizeof base);
        storage_send_tree(request, reply, bucket_resource(storage->bucket, &object, base));
    }
    object_done(&object);
}

static void storage_handle(void *owner, struct request *request, struct reply *reply)
{
    struct storage *storage = owner;
    bool reads = strcmp(request->method, MHD_HTTP_METHOD_GET) == 0 ||
                 strcmp(request->method, MHD_HTTP_METHOD_HEAD) == 0;
    if (request->kind == KIND_TOKEN) {
        storage_token(storage, request, reply);
    } else if (!storage_may(storage, request)) {
        storage_error(request, reply, 401, NULL);
    } else if (!reads) {
        storage_error(request, reply, 405, "The simulator's bucket is read-only.");
    } else if (request->kind == KIND_BUCKETS) {
        storage_buckets(storage, request, reply, true);
    } else if (strcmp(request->kind, "other") == 0) {
        storage_error(request, reply, 404, "Not Found");
    } else if (!storage_names_bucket(storage, request)) {
        storage_error(request, reply, 404, "The specified bucket does not exist.");
    } else if (request->kind == KIND_BUCKET) {
        storage_buckets(storage, request, reply, false);
    } else if (request->kind == KIND_LIST) {
        storage_list(storage, request, reply);
    } else {
        storage_object(storage, request, reply);
    }
}

static void storage_refuse(void *owner, const struct request *request, unsigned status,
                           struct reply *reply)
{
    (void)owner;
    if (*request->fault.body) {
        reply_text(reply, status, "application/json; charset=UTF-8", request->fault.body);
    } else if (request->kind == KIND_TOKEN) {
        storage_token_refuse(reply, status, status < 500 ? "invalid_grant" : "internal_failure",
                             "refused by a fault script");
    } else {
        storage_error(request, reply, status, NULL);
    }
}

void storage_init(struct storage *storage, struct bucket *bucket, struct token_desk *desk)
{
    *storage = (struct storage){.bucket = bucket, .desk = desk};
    storage->app = (struct server_app){
        .name = "storage",
        .owner = storage,
        .classify = storage_classify,
        .begin = storage_begin,
        .body = storage_body,
        .handle = storage_handle,
        .refuse = storage_refuse,
        .end = storage_end,
    };
}
