/*
 * transform.c: set, append and delete on a message. Pure but for the templates' clock and chance. Thread: the instance's.
 */
#include "context.h"

#include "note.h"

static struct tree *value_node(struct context *c, const struct transform *t, struct cxd_bytes value,
                               struct cxd_error *err)
{
    struct cxd_bytes own = region_copy(c->nodes, value);
    struct tree *node = NULL;
    int64_t number;

    if (own.ptr == NULL) {
        (void)cxd_error_set(err, CXD_NOMEM, "%s: out of memory", t->path.ptr);
        return NULL;
    }
    if (t->type == VALUE_TYPE_INT) {
        if (!number_parse(own.ptr, own.len, &number)) {
            (void)cxd_error_set(err, CXD_MALFORMED, "%s: the value is no whole number",
                                t->path.ptr);
            return NULL;
        }
        return tree_new_number(c->nodes, own);
    }
    if (t->type == VALUE_TYPE_JSON) {
        if (tree_parse(c->nodes, own, &node, err) < 0) {
            (void)cxd_error_wrap(err, "%s", t->path.ptr);
            return NULL;
        }
        return node;
    }
    return tree_new_string(c->nodes, own);
}

/* Behind what is there: a list grows, a single value becomes a list of two. */
static bool body_append(struct context *c, struct message *message, const struct transform *t,
                        struct tree *node)
{
    struct tree *old = tree_path(c->nodes, message->body, t->name);
    struct tree *list = tree_new(c->nodes, TREE_LIST);

    if (list == NULL) {
        return false;
    }
    if (old != NULL && old->kind == TREE_LIST) {
        list = tree_copy(c->nodes, old);
    } else if (old != NULL && old->kind != TREE_NULL &&
               !tree_push(c->nodes, list, tree_copy(c->nodes, old))) {
        return false;
    }
    return list != NULL && tree_push(c->nodes, list, node) &&
           tree_put_path(c->nodes, message->body, t->name, list);
}

static int body_change(struct context *c, struct message *message, const struct transform *t,
                       struct cxd_bytes value, struct cxd_error *err)
{
    struct cxd_error why = CXD_ERROR_INIT;
    struct tree *node = value_node(c, t, value, &why);
    bool good;

    if (node == NULL) {
        return cxd_error_set(err, why.status != 0 ? why.status : CXD_NOMEM, "%s", why.text);
    }
    if (message->body == NULL) {
        message->body = tree_new(c->nodes, TREE_OBJECT);
    }
    good = message->body != NULL &&
           (t->kind == TRANSFORM_SET ? tree_put_path(c->nodes, message->body, t->name, node)
                                     : body_append(c, message, t, node));
    if (good) {
        return 0;
    }
    return c->nodes->status != 0
               ? cxd_error_set(err, c->nodes->status, "%s: out of memory", t->path.ptr)
               : cxd_error_set(err, CXD_MALFORMED, "%s: there is no object to put it in",
                               t->path.ptr);
}

static int multi_change(struct context *c, struct multi *multi, const struct transform *t,
                        struct cxd_bytes value, struct cxd_error *err)
{
    struct cxd_bytes own = region_copy(c->nodes, value);

    if (multi->is_header && own.ptr != NULL && memchr(own.ptr, '\n', own.len) != NULL) {
        return cxd_error_set(err, CXD_MALFORMED, "%s: a header has no line ends", t->path.ptr);
    }
    if (t->kind == TRANSFORM_SET) {
        multi_remove(multi, t->name);
    }
    return own.ptr != NULL && multi_add(c->nodes, multi, t->name, own)
               ? 0
               : cxd_error_set(err, CXD_NOMEM, "%s: out of memory", t->path.ptr);
}

static int url_change(struct context *c, struct message *message, struct cxd_bytes value,
                      struct cxd_error *err)
{
    struct cxd_bytes own = region_copy(c->nodes, value);
    struct query_url parts;

    message->params.first = NULL;
    if (own.ptr == NULL) {
        return cxd_error_set(err, CXD_NOMEM, "url.value: out of memory");
    }
    query_split(own, &parts);
    message->url = parts.base;
    return query_decode(c->nodes, parts.query, &message->params)
               ? 0
               : cxd_error_set(err, CXD_NOMEM, "url.value: out of memory");
}

static int transform_apply(struct context *c, const struct transform *t, struct message *message,
                           struct cxd_bytes value, struct cxd_error *err)
{
    switch (t->target) {
    case TARGET_BODY:
        return body_change(c, message, t, value, err);
    case TARGET_HEADER:
        return multi_change(c, &message->headers, t, value, err);
    case TARGET_URL_PARAMS:
        return multi_change(c, &message->params, t, value, err);
    default:
        return url_change(c, message, value, err);
    }
}

static int transform_delete(struct context *c, const struct transform *t, struct message *message,
                            struct cxd_error *err)
{
    if (t->target == TARGET_HEADER) {
        multi_remove(&message->headers, t->name);
    } else if (t->target == TARGET_URL_PARAMS) {
        multi_remove(&message->params, t->name);
    } else if (message->body != NULL) {
        (void)tree_remove_path(c->nodes, message->body, t->name);
    }
    return c->nodes->status == 0
               ? 0
               : cxd_error_set(err, c->nodes->status, "%s: out of memory", t->path.ptr);
}

static int transform_one(struct context *c, const struct transform *t, struct message *message,
                         struct cxd_error *err)
{
    struct cxd_error why = CXD_ERROR_INIT;
    struct cxd_bytes value = {NULL, 0};
    int status;

    if (t->kind == TRANSFORM_DELETE) {
        return transform_delete(c, t, message, err);
    }
    status = context_value(c, message, &t->value, &value, &why);
    if (status == 0) {
        return transform_apply(c, t, message, value, err);
    }
    if (t->target == TARGET_URL_VALUE && !context_is_fatal(status)) {
        message->url_missing = true;
    }
    if (status == CXD_END) {
        return 0; /* terminated: no value and no failure */
    }
    if (t->must_succeed || context_is_fatal(status)) {
        (void)cxd_error_set(err, status, "%s: %s", t->path.ptr, why.text);
        return status;
    }
    note_line(c->heap, CXD_LOG_DEBUG, "%s: %s", t->path.ptr, why.text);
    return 0;
}

int transform_run(struct context *c, const struct transform *first, struct message *message,
                  struct cxd_error *err)
{
    for (const struct transform *t = first; t != NULL; t = t->next) {
        int status = transform_one(c, t, message, err);

        if (status < 0) {
            return status;
        }
    }
    return 0;
}
