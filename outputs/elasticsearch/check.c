/*
 * check.c: asks every node who it is and whether it lets us in. Reads only: GET / and, where the version may not be seen, who we are.
 */
#include "output.h"

#include "flavour.h"

#define CHECK_TEXT_MAX 16384
#define CHECK_DEPTH_MAX 32

static void treep(struct json_object **tree)
{
    json_object_put(*tree);
}

static struct json_object *tree_parse(struct cxd_bytes text)
{
    struct json_tokener *tokener =
        text.len > 0 && text.len <= CALL_REPLY_MAX ? json_tokener_new_ex(CHECK_DEPTH_MAX) : NULL;
    struct json_object *tree = NULL;

    if (tokener != NULL) {
        tree = json_tokener_parse_ex(tokener, text.ptr, (int)text.len);
        json_tokener_free(tokener);
    }
    return tree;
}

/* Without the right to see the version: an identity shows at least that the credentials are good. 1: they are. */
static int is_known(struct output *o, uint32_t number)
{
    const struct call_request request = {.method = "GET", .path = "/_security/_authenticate"};
    struct call_reply reply;

    return call_node(&o->call, number, &request, &reply, NULL) == CXD_OK &&
           reply.http_status == 200;
}

/* What the node is, in a few words. */
static int node_ask(struct output *o, uint32_t number, char *out, size_t room,
                    struct cxd_error *err)
{
    const struct call_request request = {.method = "GET", .path = "/"};
    __attribute__((cleanup(treep))) struct json_object *root = NULL;
    struct call_reply reply;
    struct flavour flavour;
    int r = call_node(&o->call, number, &request, &reply, err);

    if (r != CXD_OK) {
        return r;
    }
    if (reply.http_status == 403 && is_known(o, number)) {
        (void)snprintf(out, room, "signed in; the version is not for this user to see (monitor)");
        return CXD_OK;
    }
    if (reply.http_status != 200) {
        r = call_refused(&reply, "asking for the version", err);
        return r != CXD_OK ? r : cxd_error_set(err, CXD_PROTOCOL, "no version");
    }
    root = tree_parse(reply.body);
    if (flavour_read(root, &flavour) != CXD_OK) {
        return cxd_error_set(err, CXD_CONFIG,
                             "%s: neither Elasticsearch nor OpenSearch answers there; check hosts",
                             reply.url);
    }
    (void)snprintf(out, room, "%s %s%s", flavour.is_opensearch ? "OpenSearch" : "Elasticsearch",
                   flavour.version,
                   o->settings.header_count > 0 ? ", signed in" : ", without credentials");
    if (!flavour_is_enough(&flavour) && !o->settings.may_be_old) {
        return cxd_error_set(err, CXD_CONFIG,
                             "%s: version %s is too old (Elasticsearch 7.9, OpenSearch 1.0)",
                             reply.url, flavour.version);
    }
    return CXD_OK;
}

int output_check(struct output *o, struct cxd_bytes *ret_text, struct cxd_error *err)
{
    size_t len = 0;
    int r = CXD_OK;

    if (o->said == NULL && (o->said = o->host->alloc(o->self, CHECK_TEXT_MAX)) == NULL) {
        return cxd_error_set(err, CXD_NOMEM, "out of memory");
    }
    for (uint32_t i = 0; i < o->settings.hosts.count; i++) {
        struct cxd_error why = CXD_ERROR_INIT;
        char words[200];
        int s = node_ask(o, i, words, sizeof words, &why);
        int added;

        if (s == CXD_STOPPED) {
            return cxd_error_set(err, s, "stopped");
        }
        if (s != CXD_OK && r == CXD_OK && err != NULL) {
            *err = why;
        }
        r = r != CXD_OK ? r : s;
        added = snprintf(o->said + len, CHECK_TEXT_MAX - len, "%s%s%s%s", len > 0 ? "\n" : "",
                         s == CXD_OK ? o->settings.hosts.rows[i].url : "FAILED ",
                         s == CXD_OK ? ": " : "", s == CXD_OK ? words : why.text);
        if (added > 0 && (size_t)added < CHECK_TEXT_MAX - len) {
            len += (size_t)added;
        }
    }
    *ret_text = (struct cxd_bytes){o->said, len};
    return r;
}
