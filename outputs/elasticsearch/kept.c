/*
 * kept.c: small documents of the agent's own, one of a plain index each, with the sequence number that tells whether somebody else has
 * written meanwhile. Knows neither what is in them nor who asks.
 */
#include "output.h"

#define KEPT_DEPTH_MAX 16
#define KEPT_PATH_MAX 400
#define KEPT_NAME_MAX 512

static void treep(struct json_object **tree)
{
    json_object_put(*tree);
}

static struct json_object *tree_parse(struct cxd_bytes text)
{
    struct json_tokener *tokener =
        text.len > 0 && text.len <= CALL_REPLY_MAX ? json_tokener_new_ex(KEPT_DEPTH_MAX) : NULL;
    struct json_object *tree = NULL;

    if (tokener != NULL) {
        tree = json_tokener_parse_ex(tokener, text.ptr, (int)text.len);
        json_tokener_free(tokener);
    }
    return tree;
}

static struct json_object *member(struct json_object *object, const char *name)
{
    struct json_object *found = NULL;

    if (json_object_is_type(object, json_type_object)) {
        (void)json_object_object_get_ex(object, name, &found);
    }
    return found;
}

static int version_read(struct json_object *reply, struct cxd_version *ret)
{
    struct json_object *sequence = member(reply, "_seq_no");
    struct json_object *term = member(reply, "_primary_term");

    if (!json_object_is_type(sequence, json_type_int) ||
        !json_object_is_type(term, json_type_int)) {
        return 0;
    }
    *ret = (struct cxd_version){json_object_get_int64(sequence), json_object_get_int64(term)};
    return 1;
}

/* /PLACE/VERB/ID, the id a digest of the name: any name will do, and a path holds it. */
static void path_make(struct output *o, const char *place, const char *verb, const char *name,
                      char out[KEPT_PATH_MAX])
{
    unsigned char digest[32];
    char id[64];
    size_t len;

    o->host->sha256(name, strlen(name), digest);
    len = o->host->base64(digest, sizeof digest, 1, id, sizeof id);
    (void)snprintf(out, KEPT_PATH_MAX, "/%.200s/%s/%.*s", place, verb, (int)len, id);
}

/* Hidden, small, and without a guess at what the members are. It is no failure when it is there, or made at the first document. */
static int place_make(struct output *o, const char *place, struct cxd_error *err)
{
    static const char body[] =
        "{\"settings\":{\"index\":{\"hidden\":true,\"number_of_shards\":1,"
        "\"auto_expand_replicas\":\"0-1\"}},\"mappings\":{\"dynamic\":false,\"properties\":{"
        "\"name\":{\"type\":\"keyword\"},\"updated\":{\"type\":\"date\"}}}}";
    const struct cxd_bytes part = {body, sizeof body - 1};
    char path[KEPT_PATH_MAX];
    const struct call_request request = {.method = "PUT",
                                         .path = path,
                                         .content_type = "application/json",
                                         .parts = &part,
                                         .part_count = 1};
    struct call_reply reply;

    (void)snprintf(path, sizeof path, "/%.200s", place);
    return call_run(&o->call, &request, &reply, err); /* what it says is of no interest */
}

/* The document as it is now. *ret_tree NULL: there is none. */
static int doc_get(struct output *o, const char *path, struct json_object **ret_tree,
                   struct call_reply *ret_reply, struct cxd_error *err)
{
    const struct call_request request = {.method = "GET", .path = path};
    int r = call_run(&o->call, &request, ret_reply, err);

    *ret_tree = NULL;
    if (r != CXD_OK || ret_reply->http_status == 404) {
        return r;
    }
    if (ret_reply->http_status != 200) {
        r = call_refused(ret_reply, "reading the kept state", err);
        return r != CXD_OK ? r : cxd_error_set(err, CXD_PROTOCOL, "no kept state");
    }
    *ret_tree = tree_parse(ret_reply->body);
    return CXD_OK;
}

static int unreadable(const struct call_reply *reply, const char *place, struct cxd_error *err)
{
    return cxd_error_set(err, CXD_PROTOCOL,
                         "%s: what is kept in index %.100s cannot be read: is it of this agent?",
                         reply->url, place);
}

int output_kept_get(struct output *o, const char *place, const char *name,
                    struct cxd_bytes *ret_content, struct cxd_version *ret_version,
                    struct cxd_error *err)
{
    __attribute__((cleanup(treep))) struct json_object *tree = NULL;
    struct json_object *content;
    struct call_reply reply;
    char path[KEPT_PATH_MAX];
    int r;

    *ret_content = (struct cxd_bytes){NULL, 0};
    *ret_version = (struct cxd_version){-1, -1};
    path_make(o, place, "_doc", name, path);
    r = doc_get(o, path, &tree, &reply, err);
    if (r == CXD_OK && reply.http_status == 404) {
        return place_make(o, place, err);
    }
    if (r != CXD_OK) {
        return r;
    }
    content = member(member(tree, "_source"), "content");
    if (!json_object_is_type(content, json_type_string) || !version_read(tree, ret_version)) {
        return unreadable(&reply, place, err);
    }
    o->host->free(o->self, o->kept);
    ret_content->len = (size_t)json_object_get_string_len(content);
    o->kept = o->host->alloc(o->self, ret_content->len + 1);
    if (o->kept == NULL) {
        return cxd_error_set(err, CXD_NOMEM, "kept state: out of memory");
    }
    memcpy(o->kept, json_object_get_string(content), ret_content->len);
    ret_content->ptr = o->kept;
    return CXD_OK;
}

/* Who writes: one random word for each instance, so that a write whose reply was lost is known again. */
static const char *writer_word(struct output *o)
{
    unsigned char random[8];

    if (o->writer[0] == '\0') {
        o->host->random(o->self, random, sizeof random);
        for (size_t i = 0; i < sizeof random; i++) {
            (void)snprintf(o->writer + 2 * i, 3, "%02x", random[i]);
        }
    }
    return o->writer;
}

/* There is another version than ours. It may still be what we wrote ourselves, when the reply to that was lost. */
static int conflict_judge(struct output *o, const char *place, const char *name,
                          struct cxd_bytes content, struct cxd_version *version,
                          struct cxd_error *err)
{
    __attribute__((cleanup(treep))) struct json_object *tree = NULL;
    struct json_object *source;
    struct json_object *kept;
    struct json_object *writer;
    struct cxd_version found;
    struct call_reply reply;
    char path[KEPT_PATH_MAX];
    int r;

    path_make(o, place, "_doc", name, path);
    r = doc_get(o, path, &tree, &reply, err);
    if (r != CXD_OK) {
        return r;
    }
    source = member(tree, "_source");
    kept = member(source, "content");
    writer = member(source, "writer");
    if (json_object_is_type(writer, json_type_string) &&
        strcmp(json_object_get_string(writer), writer_word(o)) == 0 &&
        json_object_is_type(kept, json_type_string) &&
        (size_t)json_object_get_string_len(kept) == content.len &&
        memcmp(json_object_get_string(kept), content.ptr, content.len) == 0 &&
        version_read(tree, &found)) {
        *version = found;
        return CXD_OK;
    }
    return cxd_error_set(err, CXD_EXISTS, "somebody else has written it meanwhile (index %.100s)",
                         place);
}

static int body_make(struct output *o, const char *name, char *head, size_t head_room, char *tail,
                     size_t tail_room)
{
    char quoted[6 * KEPT_NAME_MAX + 8];
    size_t len = o->host->json_quote((struct cxd_bytes){name, strlen(name)}, quoted, sizeof quoted);

    if (strlen(name) > KEPT_NAME_MAX || len == 0) {
        return CXD_INVALID;
    }
    (void)snprintf(head, head_room, "{\"name\":%.*s,\"content\":\"", (int)len, quoted);
    (void)snprintf(tail, tail_room, "\",\"writer\":\"%s\",\"updated\":%lld}", writer_word(o),
                   (long long)o->host->wall_ms(o->self));
    return CXD_OK;
}

int output_kept_put(struct output *o, const char *place, const char *name, struct cxd_bytes content,
                    struct cxd_version *version, struct cxd_error *err)
{
    __attribute__((cleanup(treep))) struct json_object *tree = NULL;
    char head[6 * KEPT_NAME_MAX + 64];
    char tail[128];
    char path[KEPT_PATH_MAX];
    struct cxd_bytes parts[3];
    const struct call_request request = {.method = "PUT",
                                         .path = path,
                                         .content_type = "application/json",
                                         .parts = parts,
                                         .part_count = 3};
    struct call_reply reply;
    size_t len;
    int r = body_make(o, name, head, sizeof head, tail, sizeof tail);

    if (r != CXD_OK) {
        return cxd_error_set(err, r, "kept state: a name of 1 to %d bytes", KEPT_NAME_MAX);
    }
    parts[0] = (struct cxd_bytes){head, strlen(head)};
    parts[1] = content;
    parts[2] = (struct cxd_bytes){tail, strlen(tail)};
    path_make(o, place, version->sequence < 0 ? "_create" : "_doc", name, path);
    len = strlen(path);
    if (version->sequence >= 0) {
        (void)snprintf(path + len, sizeof path - len, "?if_seq_no=%lld&if_primary_term=%lld",
                       (long long)version->sequence, (long long)version->term);
    }
    r = call_run(&o->call, &request, &reply, err);
    if (r != CXD_OK) {
        return r;
    }
    if (reply.http_status == 409) {
        return conflict_judge(o, place, name, content, version, err);
    }
    if (reply.http_status != 200 && reply.http_status != 201) {
        r = call_refused(&reply, "keeping the state", err);
        return r != CXD_OK ? r : cxd_error_set(err, CXD_PROTOCOL, "the state is not kept");
    }
    tree = tree_parse(reply.body);
    return version_read(tree, version) ? CXD_OK : unreadable(&reply, place, err);
}
