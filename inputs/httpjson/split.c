/*
 * split.c: array, map and string splits inside each other. Nothing is copied but the level that changes.
 *
 * An empty target that is to be ignored gives no event by itself: the splits below still look at the parent, but do not hand
 * it out as if it were an element. Recursion is as deep as the configuration. Thread: the instance's.
 */
#include "split.h"

/* What the levels of one split share. */
struct splitting {
    struct context *context;
    struct split_sink *sink;
    struct cxd_error *err;
};

static int split_level(struct splitting *s, const struct split *split, struct tree *root,
                       bool is_root, bool is_ignored);

__attribute__((format(printf, 2, 3))) static void split_trouble(struct splitting *s,
                                                                const char *format, ...)
{
    va_list args;

    s->sink->troubles++;
    va_start(args, format);
    (void)vsnprintf(s->sink->trouble, sizeof s->sink->trouble, format, args);
    va_end(args);
}

static int split_memory(struct splitting *s)
{
    return cxd_error_set(s->err,
                         s->context->nodes->status != 0 ? s->context->nodes->status : CXD_NOMEM,
                         "split: out of memory");
}

static int split_emit(struct splitting *s, struct tree *event)
{
    int status = s->sink->emit(s->sink->owner, event, s->err);

    s->sink->count += status == 0;
    return status;
}

/* One element: alone, or in its place in a copy of the parent; then transforms, then further down. */
static int split_element(struct splitting *s, const struct split *split, struct tree *root,
                         struct tree *element, bool keep_parent)
{
    struct region *nodes = s->context->nodes;
    struct message message = {.body = element};
    struct cxd_error why = CXD_ERROR_INIT;
    int status;

    if (keep_parent) {
        message.body = tree_copy(nodes, root);
        if (message.body == NULL || !tree_put_path(nodes, message.body, split->target, element)) {
            return split_memory(s);
        }
    }
    status = transform_run(s->context, split->transforms, &message, &why);
    if (status < 0 && context_is_fatal(status)) {
        *s->err = why;
        return status;
    }
    if (status < 0) {
        split_trouble(s, "split of body.%.*s: %.120s", (int)split->target.len, split->target.ptr,
                      why.text);
        return 0;
    }
    return split->child != NULL ? split_level(s, split->child, message.body, false, false)
                                : split_emit(s, message.body);
}

/* An element that is no object is put into one, under the target's name. */
static struct tree *split_object(struct splitting *s, const struct split *split, struct tree *value)
{
    struct region *nodes = s->context->nodes;
    struct tree *object;

    if (value->kind == TREE_OBJECT) {
        return tree_copy(nodes, value);
    }
    object = tree_new(nodes, TREE_OBJECT);
    value = tree_copy(nodes, value);
    if (object == NULL || value == NULL || !tree_put_path(nodes, object, split->target, value)) {
        return NULL;
    }
    return object;
}

static int split_children(struct splitting *s, const struct split *split, struct tree *root,
                          struct tree *target)
{
    struct region *nodes = s->context->nodes;
    int status = 0;

    for (struct tree *c = target->first; c != NULL && status == 0; c = c->next) {
        struct tree *element = split_object(s, split, c);

        if (element == NULL) {
            return split_memory(s);
        }
        if (split->type == SPLIT_MAP && split->key_field.len > 0 &&
            !tree_put_path(nodes, element, split->key_field, tree_new_string(nodes, c->key))) {
            return split_memory(s);
        }
        status = split_element(s, split, root, element, split->keep_parent);
    }
    return status;
}

static int split_pieces(struct splitting *s, const struct split *split, struct tree *root,
                        struct tree *target)
{
    struct cxd_bytes rest = tree_string(s->context->nodes, target);
    bool is_last = false;
    int status = 0;

    while (!is_last && status == 0) {
        const char *found = memmem(rest.ptr, rest.len, split->delimiter.ptr, split->delimiter.len);
        size_t len = found != NULL ? (size_t)(found - rest.ptr) : rest.len;
        struct tree *piece = tree_new_string(s->context->nodes, (struct cxd_bytes){rest.ptr, len});

        if (piece == NULL) {
            return split_memory(s);
        }
        status = split_element(s, split, root, piece, true);
        is_last = found == NULL;
        len += is_last ? 0 : split->delimiter.len;
        rest = (struct cxd_bytes){rest.ptr + len, rest.len - len};
    }
    return status;
}

/* Nothing to split: the parent itself is the event, unless that is to be ignored. */
static int split_nothing(struct splitting *s, const struct split *split, struct tree *root,
                         bool is_ignored)
{
    if (split->ignore_empty) {
        if (split->child != NULL) {
            return split_level(s, split->child, root, false, true);
        }
        return split->keep_parent ? split_emit(s, root) : 0;
    }
    return is_ignored ? 0 : split_emit(s, root);
}

static bool split_fits(const struct split *split, const struct tree *target)
{
    static const uint8_t kinds[] = {
        [SPLIT_LIST] = TREE_LIST, [SPLIT_MAP] = TREE_OBJECT, [SPLIT_STRING] = TREE_STRING};

    return target->kind == kinds[split->type];
}

static int split_level(struct splitting *s, const struct split *split, struct tree *root,
                       bool is_root, bool is_ignored)
{
    struct region *nodes = s->context->nodes;
    struct tree *target = tree_path(nodes, root, split->target);

    if (nodes->status != 0) {
        return split_memory(s);
    }
    if (target == NULL && is_root) {
        split_trouble(s, "the reply has no %.*s", (int)split->target.len, split->target.ptr);
        return split->ignore_empty ? split_nothing(s, split, root, true) : 0;
    }
    if (target == NULL || target->kind == TREE_NULL) {
        return split_nothing(s, split, root, is_ignored);
    }
    if (!split_fits(split, target)) {
        split_trouble(s, "body.%.*s is not what the split expects (array, map or string)",
                      (int)split->target.len, split->target.ptr);
        return 0;
    }
    if (split->type == SPLIT_STRING) {
        return tree_string(nodes, target).len > 0 ? split_pieces(s, split, root, target)
                                                  : split_nothing(s, split, root, is_ignored);
    }
    if (tree_count(nodes, target) == 0) {
        return nodes->status != 0 ? split_memory(s) : split_nothing(s, split, root, is_ignored);
    }
    return split_children(s, split, root, target);
}

int split_run(struct context *c, const struct split *split, struct tree *body,
              struct split_sink *sink, struct cxd_error *err)
{
    struct splitting s = {c, sink, err};

    return split_level(&s, split, body, true, false);
}
