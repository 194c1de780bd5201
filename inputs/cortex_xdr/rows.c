/* rows.c: see the header. Thread: the instance's. */
#include "rows.h"

#include <stdlib.h>

static int status_of(int code)
{
    switch (code) {
    case 401:
        return CXD_AUTH;
    case 402:
    case 403:
        return CXD_FORBIDDEN;
    case 429:
        return CXD_THROTTLED;
    case 400:
    case 404:
        return CXD_CONFIG;
    default:
        return CXD_SERVER;
    }
}

static const char *hint_of(int code)
{
    switch (code) {
    case 400:
        return "the request is not accepted";
    case 401:
        return "the key, its id or its kind (Standard or Advanced) is wrong, or it has expired";
    case 402:
        return "the licence does not include this";
    case 403:
        return "the key's role lacks the right";
    case 404:
        return "there is no such call: check the API domain";
    case 429:
        return "too many requests";
    default:
        return "the server failed";
    }
}

/* Printable ASCII of the vendor's message, at most what fits. */
static void message_copy(struct cxd_bytes text, char *out, size_t room)
{
    size_t len = 0;

    for (size_t i = 0; i < text.len && len + 1 < room; i++) {
        char letter = text.ptr[i];

        out[len++] = letter >= ' ' && letter < 127 ? letter : '?';
    }
    out[len] = '\0';
}

int rows_refused(struct region *r, int code, struct cxd_bytes body, struct cxd_error *err)
{
    struct tree *root = NULL;
    struct tree *message = NULL;
    char text[120] = "";
    int status;

    if (body.len > 0 && body.len < 65536 && tree_parse(r, body, &root, NULL) == 0) {
        message = tree_path(r, root, CXD_LIT("reply.err_msg"));
    }
    if (message != NULL && message->kind == TREE_STRING) {
        message_copy(tree_string(r, message), text, sizeof text);
    }
    status =
        cxd_error_set(err, status_of(code), "the API answers %d: %s%s%s%s", code, hint_of(code),
                      text[0] != '\0' ? " (\"" : "", text, text[0] != '\0' ? "\")" : "");
    if (err != NULL) {
        err->http_status = code;
    }
    return status;
}

static int64_t member_number(struct region *r, struct tree *object, struct cxd_bytes name)
{
    struct tree *node = tree_find(r, object, name);
    int64_t number = -1;

    if (node != NULL && node->kind == TREE_NUMBER &&
        number_parse(node->text.ptr, node->text.len, &number)) {
        return number;
    }
    return -1;
}

int rows_read(struct region *r, const struct profile *profile, struct cxd_bytes body,
              struct rows *ret_rows, struct cxd_error *err)
{
    struct tree *root = NULL;
    struct tree *reply;
    struct tree *list;
    int64_t code;
    int status = tree_parse(r, body, &root, err);

    if (status < 0) {
        (void)cxd_error_wrap(err, "reply");
        return status;
    }
    reply = tree_find(r, root, CXD_LIT("reply"));
    if (reply == NULL || reply->kind != TREE_OBJECT) {
        return cxd_error_set(err, r->status != 0 ? r->status : CXD_MALFORMED,
                             "the reply has no \"reply\" object");
    }
    code = member_number(r, reply, CXD_LIT("err_code"));
    if (code > 0) {
        return rows_refused(r, code < 1000 ? (int)code : 500, body, err);
    }
    list = tree_find(r, reply, bytes_of(profile->list));
    if (list == NULL || list->kind != TREE_LIST) {
        return cxd_error_set(err, r->status != 0 ? r->status : CXD_MALFORMED,
                             "the reply has no list \"%s\"", profile->list);
    }
    ret_rows->list = list;
    ret_rows->count = (int64_t)tree_count(r, list);
    ret_rows->total = member_number(r, reply, CXD_LIT("total_count"));
    return r->status == 0 ? 0 : cxd_error_set(err, r->status, "reply: out of memory");
}

bool rows_time(struct region *r, const struct profile *profile, struct tree *row, int64_t *ret_ms)
{
    struct tree *node = tree_find(r, row, bytes_of(profile->clock));
    double real;

    if (node == NULL || node->kind != TREE_NUMBER) {
        return false;
    }
    if (number_parse(node->text.ptr, node->text.len, ret_ms)) {
        return true;
    }
    real = strtod(node->text.ptr, NULL); /* the audit streams write 1.6E12 */
    if (!(real >= 0 && real < 9e15)) {
        return false;
    }
    *ret_ms = (int64_t)real;
    return true;
}
