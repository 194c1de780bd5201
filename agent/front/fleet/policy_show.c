/* policy_show.c: see the header. */
#include "front/fleet/policy_show.h"

#include "config/conf_json.h"

#include <string.h>

#define MASK "********"

/* Flow style within lines: every quoted text in quotes. */
static int node_show(const struct conf *node, int depth, struct buf *out)
{
    int r = CXD_OK;

    for (const struct conf *c = node->first; c != NULL && r == CXD_OK; c = c->next) {
        r = buf_add_format(out, "%*s%s%s", 2 * depth, "", c->key != NULL ? c->key : "-",
                           c->key != NULL ? ":" : "");
        if (r == CXD_OK && c->kind == CONF_SCALAR) {
            r = buf_add_format(out, c->quoted ? " \"%s\"\n" : " %s\n",
                               c->is_secret ? MASK : c->text);
        } else if (r == CXD_OK) {
            r = c->first != NULL ? buf_add(out, "\n", 1)
                                 : buf_add_text(out, c->kind == CONF_MAP ? " {}\n" : " []\n");
            r = r != CXD_OK || depth >= CONF_MAX_DEPTH ? r : node_show(c, depth + 1, out);
        }
    }
    return r;
}

int policy_tree_show(const struct conf *root, struct buf *out)
{
    return node_show(root, 0, out);
}

static int node_json(const struct conf *node, int depth, struct buf *out)
{
    int is_map = node->kind == CONF_MAP;
    int r;

    if (node->kind == CONF_SCALAR) {
        return node->is_secret ? conf_json_text(out, MASK, sizeof MASK - 1)
                               : conf_json_scalar(out, node);
    }
    r = buf_add_text(out, is_map ? "{" : "[");
    for (const struct conf *c = node->first; c != NULL && r == CXD_OK && depth <= CONF_MAX_DEPTH;
         c = c->next) {
        r = c != node->first ? buf_add_text(out, ",") : CXD_OK;
        if (r == CXD_OK && is_map) {
            r = conf_json_text(out, c->key, strlen(c->key));
            r = r != CXD_OK ? r : buf_add_text(out, ":");
        }
        r = r != CXD_OK ? r : node_json(c, depth + 1, out);
    }
    return r != CXD_OK ? r : buf_add_text(out, is_map ? "}" : "]");
}

int policy_tree_json(const struct conf *root, struct buf *out)
{
    int r = node_json(root, 0, out);

    return r != CXD_OK ? r : buf_add_text(out, "\n");
}
