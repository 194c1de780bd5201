/* json_text.c: a value as JSON text in the event's memory. */
#include "lib/edit.h"

#include <string.h>

#define DEPTH_MAX 64

static int quoted_add(struct edit *e, struct cxd_bytes inside, struct edit_out *out)
{
    int r = edit_out_add(e, out, CXD_LIT("\""));

    r = r != CXD_OK ? r : edit_out_add(e, out, inside);
    return r != CXD_OK ? r : edit_out_add(e, out, CXD_LIT("\""));
}

static int string_add(struct edit *e, const struct cxd_value *value, struct edit_out *out)
{
    struct cxd_bytes text = {value->ptr, value->len};
    size_t room = 6 * text.len + 2;
    char *quoted;

    if ((value->flags & CXD_VALUE_TEXT) == 0) {
        return quoted_add(e, text, out);
    }
    quoted = edit_alloc(e, room);
    if (quoted == NULL) {
        return edit_lack(e);
    }
    return edit_out_add(e, out,
                        (struct cxd_bytes){quoted, e->host->json_quote(text, quoted, room)});
}

static int tree_add(struct edit *e, const struct cxd_node *node, int depth, struct edit_out *out);

static int value_add(struct edit *e, const struct cxd_node *node, int depth, struct edit_out *out)
{
    static const struct cxd_bytes words[] = {[CXD_KIND_NULL] = {"null", 4},
                                             [CXD_KIND_FALSE] = {"false", 5},
                                             [CXD_KIND_TRUE] = {"true", 4}};

    switch (node->value.kind) {
    case CXD_KIND_NULL:
    case CXD_KIND_FALSE:
    case CXD_KIND_TRUE:
        return edit_out_add(e, out, words[node->value.kind]);
    case CXD_KIND_STRING:
        return string_add(e, &node->value, out);
    default:
        return (node->value.flags & CXD_VALUE_TREE) != 0
                   ? tree_add(e, node, depth, out)
                   : edit_out_add(e, out, (struct cxd_bytes){node->value.ptr, node->value.len});
    }
}

static int tree_add(struct edit *e, const struct cxd_node *node, int depth, struct edit_out *out)
{
    bool is_list = node->value.kind == CXD_KIND_LIST;
    int r = depth < DEPTH_MAX ? edit_out_add(e, out, is_list ? CXD_LIT("[") : CXD_LIT("{"))
                              : CXD_TOO_DEEP;

    for (const struct cxd_node *at = node->first; at != NULL && r == CXD_OK; at = at->next) {
        if (at->key != NULL && !is_list) {
            r = quoted_add(e, (struct cxd_bytes){at->key, at->key_len}, out);
            r = r != CXD_OK ? r : edit_out_add(e, out, CXD_LIT(":"));
        }
        r = r != CXD_OK ? r : value_add(e, at, depth + 1, out);
        if (r == CXD_OK && at->next != NULL) {
            r = edit_out_add(e, out, CXD_LIT(","));
        }
    }
    return r != CXD_OK ? r : edit_out_add(e, out, is_list ? CXD_LIT("]") : CXD_LIT("}"));
}

int edit_json(struct edit *e, const struct cxd_node *node, struct edit_out *out)
{
    return value_add(e, node, 0, out);
}
