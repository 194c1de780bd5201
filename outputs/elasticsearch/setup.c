/*
 * setup.c: puts an index template in place, if it is not there in this form. Knows the template's marks, not its content.
 *
 * The template sent carries a fingerprint of its text in `_meta`; that is how the next start sees that nothing has changed. One
 * that carries no mark of ours (made by a person, or by Fleet) is left alone unless the policy says overwrite.
 */
#include "output.h"

#include "flavour.h"

#include <inttypes.h>

#define SETUP_DEPTH_MAX 32
#define SETUP_NAME_MAX 200
#define SETUP_OWNER "cortexd"
#define SETUP_MARK "cortexd_fingerprint"

static void treep(struct json_object **tree)
{
    json_object_put(*tree);
}

static struct json_object *tree_parse(struct cxd_bytes text)
{
    struct json_tokener *tokener = json_tokener_new_ex(SETUP_DEPTH_MAX);
    struct json_object *tree = NULL;

    if (tokener != NULL && text.len > 0 && text.len <= CALL_REPLY_MAX) {
        tree = json_tokener_parse_ex(tokener, text.ptr, (int)text.len);
        if (json_tokener_get_error(tokener) != json_tokener_success) {
            json_object_put(tree);
            tree = NULL;
        }
    }
    if (tokener != NULL) {
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

static int text_is(struct json_object *object, const char *text)
{
    return json_object_is_type(object, json_type_string) &&
           strcmp(json_object_get_string(object), text) == 0;
}

static void say(const struct output *o, int level, const char *name, const char *what)
{
    char text[480];
    int len = snprintf(text, sizeof text, "index template %s: %s", name, what);

    o->host->log(o->self, level, text, (size_t)len < sizeof text ? (size_t)len : sizeof text - 1);
}

static int flavour_ask(struct output *o, struct flavour *ret_flavour, struct cxd_error *err)
{
    struct call_request request = {.method = "GET", .path = "/"};
    struct call_reply reply;
    __attribute__((cleanup(treep))) struct json_object *root = NULL;
    int r = call_run(&o->call, &request, &reply, err);

    if (r != CXD_OK) {
        return r;
    }
    if (reply.http_status != 200) {
        r = call_refused(&reply, "asking for the version", err);
        return r == CXD_OK ? cxd_error_set(err, CXD_PROTOCOL, "no version at %s", reply.url) : r;
    }
    root = tree_parse(reply.body);
    if (flavour_read(root, ret_flavour) != CXD_OK) {
        return cxd_error_set(err, CXD_CONFIG,
                             "%s: neither Elasticsearch nor OpenSearch answers there; check hosts",
                             reply.url);
    }
    if (!flavour_is_enough(ret_flavour) && !o->settings.may_be_old) {
        return cxd_error_set(err, CXD_CONFIG,
                             "version %s at %s is too old (Elasticsearch 7.9, OpenSearch 1.0); "
                             "allow_older_versions: true tries it all the same",
                             ret_flavour->version, reply.url);
    }
    return CXD_OK;
}

static void fingerprint(const struct output *o, struct json_object *tree, char out[33])
{
    const char *text = json_object_to_json_string_ext(tree, JSON_C_TO_STRING_PLAIN);
    unsigned char digest[32] = {0};

    if (text != NULL) {
        o->host->sha256(text, strlen(text), digest);
    }
    for (size_t i = 0; i < 16; i++) {
        (void)snprintf(out + i * 2, 3, "%02x", digest[i]);
    }
}

/* _meta.managed_by and the fingerprint; what else is in _meta stays. */
static int mark_put(struct json_object *tree, const char *mark)
{
    struct json_object *meta = member(tree, "_meta");
    struct json_object *owner = json_object_new_string(SETUP_OWNER);
    struct json_object *text = json_object_new_string(mark);

    if (!json_object_is_type(meta, json_type_object)) {
        meta = json_object_new_object();
        if (meta == NULL || json_object_object_add(tree, "_meta", meta) != 0) {
            json_object_put(meta);
            meta = NULL;
        }
    }
    if (meta == NULL || owner == NULL || json_object_object_add(meta, "managed_by", owner) != 0) {
        json_object_put(owner);
        json_object_put(text);
        return CXD_NOMEM;
    }
    if (text == NULL || json_object_object_add(meta, SETUP_MARK, text) != 0) {
        json_object_put(text);
        return CXD_NOMEM;
    }
    return CXD_OK;
}

enum stored { STORED_NONE, STORED_SAME, STORED_OURS, STORED_NEWER, STORED_FOREIGN };

/* What the stored template is to ours: reply is that of GET /_index_template/NAME. */
static enum stored stored_compare(struct json_object *reply, const char *mark, int64_t version)
{
    struct json_object *list = member(reply, "index_templates");
    struct json_object *stored =
        json_object_is_type(list, json_type_array) ? json_object_array_get_idx(list, 0) : NULL;
    struct json_object *meta;
    struct json_object *number;

    stored = member(stored, "index_template");
    if (stored == NULL) {
        return STORED_NONE;
    }
    meta = member(stored, "_meta");
    if (text_is(member(meta, SETUP_MARK), mark)) {
        return STORED_SAME;
    }
    if (!text_is(member(meta, "managed_by"), SETUP_OWNER)) {
        return STORED_FOREIGN;
    }
    number = member(stored, "version");
    return json_object_is_type(number, json_type_int) && json_object_get_int64(number) > version
               ? STORED_NEWER
               : STORED_OURS;
}

static int stored_ask(struct output *o, const char *path, const char *mark, int64_t version,
                      enum stored *ret_stored, struct cxd_error *err)
{
    struct call_request request = {.method = "GET", .path = path};
    struct call_reply reply;
    __attribute__((cleanup(treep))) struct json_object *tree = NULL;
    int r = call_run(&o->call, &request, &reply, err);

    if (r != CXD_OK) {
        return r;
    }
    if (reply.http_status == 404) {
        *ret_stored = STORED_NONE;
        return CXD_OK;
    }
    if (reply.http_status != 200) {
        r = call_refused(&reply, "reading the index template", err);
        return r == CXD_OK ? cxd_error_set(err, CXD_PROTOCOL, "no template at %s", reply.url) : r;
    }
    tree = tree_parse(reply.body);
    if (tree == NULL) {
        return cxd_error_set(err, CXD_PROTOCOL, "%s: the stored index template is not JSON",
                             reply.url);
    }
    *ret_stored = stored_compare(tree, mark, version);
    return CXD_OK;
}

static int template_put(struct output *o, const char *path, struct json_object *tree,
                        struct cxd_error *err)
{
    const char *text = json_object_to_json_string_ext(tree, JSON_C_TO_STRING_PLAIN);
    struct cxd_bytes body = {text, text != NULL ? strlen(text) : 0};
    struct call_request request = {.method = "PUT",
                                   .path = path,
                                   .content_type = "application/json",
                                   .parts = &body,
                                   .part_count = 1};
    struct call_reply reply;
    __attribute__((cleanup(treep))) struct json_object *answer = NULL;
    int r = text == NULL ? cxd_error_set(err, CXD_NOMEM, "out of memory for the index template")
                         : call_run(&o->call, &request, &reply, err);

    if (r != CXD_OK) {
        return r;
    }
    if (reply.http_status < 200 || reply.http_status > 299) {
        return call_refused(&reply, "writing the index template", err);
    }
    answer = tree_parse(reply.body);
    if (!json_object_get_boolean(member(answer, "acknowledged"))) {
        return cxd_error_set(err, CXD_PROTOCOL, "%s: the index template was not acknowledged",
                             reply.url);
    }
    return CXD_OK;
}

/* Decides and acts; tree is the template as it would be sent, without its mark. */
static int template_install(struct output *o, const char *name, struct json_object *tree,
                            struct cxd_error *err)
{
    static const char *const said[] = {"installed", "already there", "brought up to date",
                                       "a newer one is there, left alone",
                                       ("one made by somebody else is there, left alone "
                                        "(setup.template.overwrite: true replaces it)")};
    char path[SETUP_NAME_MAX + 32];
    char mark[33];
    enum stored stored = STORED_NONE;
    struct json_object *version = member(tree, "version");
    int r;

    fingerprint(o, tree, mark);
    if (mark_put(tree, mark) != CXD_OK) {
        return cxd_error_set(err, CXD_NOMEM, "out of memory for the index template");
    }
    (void)snprintf(path, sizeof path, "/_index_template/%s", name);
    r = stored_ask(o, path, mark, json_object_get_int64(version), &stored, err);
    if (r != CXD_OK) {
        return r;
    }
    if (stored == STORED_NONE || stored == STORED_OURS ||
        (stored != STORED_SAME && o->settings.may_overwrite)) {
        r = template_put(o, path, tree, err);
        stored = stored > STORED_OURS ? STORED_OURS : stored;
    }
    if (r == CXD_OK) {
        say(o, stored == STORED_FOREIGN ? CXD_LOG_WARN : CXD_LOG_INFO, name, said[stored]);
    }
    return r;
}

static int is_name(const char *name)
{
    size_t len = strlen(name);

    return len > 0 && len <= SETUP_NAME_MAX &&
           strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789._-") == len;
}

int output_setup(struct output *o, const char *name, struct cxd_bytes template_json,
                 struct cxd_error *err)
{
    __attribute__((cleanup(treep))) struct json_object *tree = NULL;
    struct flavour flavour;
    int r;

    if (!o->settings.has_template) {
        return CXD_OK;
    }
    if (!is_name(name)) {
        return cxd_error_set(err, CXD_CONFIG, "the index template's name: a-z 0-9 . _ -");
    }
    r = flavour_ask(o, &flavour, err);
    if (r != CXD_OK || template_json.len == 0) {
        return r;
    }
    tree = tree_parse(template_json);
    if (!json_object_is_type(tree, json_type_object)) {
        return cxd_error_set(err, CXD_MALFORMED, "index template %s: not a JSON object", name);
    }
    if (!flavour.is_opensearch) {
        r = lifecycle_put(&o->lifecycle, &o->call, err);
        if (r != CXD_OK) {
            return r;
        }
    }
    if (flavour_adapt(&flavour, tree) != CXD_OK ||
        (!flavour.is_opensearch && lifecycle_mark(&o->lifecycle, tree) != CXD_OK)) {
        return cxd_error_set(err, CXD_NOMEM, "out of memory for the index template");
    }
    return template_install(o, name, tree, err);
}
