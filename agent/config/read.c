/*
 * read.c: YAML text to a conf tree. The only file that knows libyaml. A safe subset: one document, no tags, no duplicate
 * keys, scalar keys only, depth, size and node count bounded (an alias counts as all that it repeats).
 */
#include "config/conf.h"

#include "config/vars.h"

#include <string.h>
#include <yaml.h>

struct anchor {
    struct anchor *next;
    const char *name;
    struct conf *node;
};

struct reader {
    yaml_parser_t parser;
    struct arena *arena;
    const char *file;
    struct anchor *anchors;
    size_t nodes;
    bool is_input;     /* below the key inputs of the top */
    bool is_condition; /* the value of a key condition there */
    struct cxd_error *err;
};

static int read_fail(struct reader *rd, const yaml_event_t *ev, int status, const char *what)
{
    return cxd_error_set(rd->err, status, "%s:%zu: %s", rd->file, ev->start_mark.line + 1, what);
}

static int event_next(struct reader *rd, yaml_event_t *ev)
{
    if (yaml_parser_parse(&rd->parser, ev)) {
        return CXD_OK;
    }
    if (rd->parser.error == YAML_MEMORY_ERROR) {
        return cxd_error_set(rd->err, CXD_NOMEM, "%s: out of memory", rd->file);
    }
    return cxd_error_set(
        rd->err, CXD_CONFIG, "%s:%zu: not YAML: %s%s%s", rd->file, rd->parser.problem_mark.line + 1,
        rd->parser.problem != NULL ? rd->parser.problem : "", rd->parser.context != NULL ? " " : "",
        rd->parser.context != NULL ? rd->parser.context : "");
}

static struct conf *node_new(struct reader *rd, const yaml_event_t *ev, enum conf_kind kind)
{
    struct conf *node = arena_alloc(rd->arena, sizeof *node);

    if (node != NULL) {
        *node = (struct conf){.kind = kind, .file = rd->file, .line = (int)ev->start_mark.line + 1};
    }
    rd->nodes++;
    return node;
}

static int anchor_add(struct reader *rd, const char *name, struct conf *node)
{
    struct anchor *a;

    if (name == NULL) {
        return CXD_OK;
    }
    a = arena_alloc(rd->arena, sizeof *a);
    if (a == NULL) {
        return cxd_error_set(rd->err, CXD_NOMEM, "%s: out of memory", rd->file);
    }
    *a = (struct anchor){
        .next = rd->anchors, .name = arena_copy(rd->arena, name, strlen(name)), .node = node};
    if (a->name == NULL) {
        return cxd_error_set(rd->err, CXD_NOMEM, "%s: out of memory", rd->file);
    }
    rd->anchors = a;
    return CXD_OK;
}

/* The input will be left out, and the warning says why. */
static int missing_keep(struct reader *rd, struct conf *node, const char *why)
{
    node->text = "";
    node->len = 0;
    node->missing = arena_copy(rd->arena, why, strlen(why));
    return node->missing != NULL ? CXD_OK : CXD_NOMEM;
}

/* Levels of a tree, and its values added to *nodes. Trees that are shared have passed the limit already. */
static int height_of(const struct conf *node, size_t *nodes)
{
    int most = 0;

    ++*nodes;
    for (const struct conf *c = node->first; c != NULL && *nodes <= CONF_MAX_NODES; c = c->next) {
        int height = height_of(c, nodes);
        most = height > most ? height : most;
    }
    return most + 1;
}

/* A tree that stands here too: its children are shared, as trees never change. */
static int share(struct reader *rd, const yaml_event_t *ev, int depth, const struct conf *from,
                 struct conf *node)
{
    size_t nodes = 0;
    int height = height_of(from, &nodes);

    rd->nodes += nodes;
    if (rd->nodes > CONF_MAX_NODES) {
        return read_fail(rd, ev, CXD_TOO_LARGE,
                         "more than 200000 values (aliases counted as what they repeat)");
    }
    if (depth + height - 1 > CONF_MAX_DEPTH) {
        return read_fail(rd, ev, CXD_TOO_DEEP, "nested deeper than 64 levels");
    }
    node->kind = from->kind;
    node->first = from->first;
    node->text = from->text;
    node->len = from->len;
    node->quoted = from->quoted;
    node->raw = from->raw;
    node->missing = from->missing;
    node->is_secret = from->is_secret;
    return CXD_OK;
}

/* ${local.hosts} by itself is whatever hosts is: a list, a map, a number. */
static int whole_read(struct reader *rd, const yaml_event_t *ev, int depth, struct conf *node)
{
    struct var var;

    if (rd->is_condition || vars_find_whole((const char *)ev->data.scalar.value,
                                            ev->data.scalar.length, rd->arena, &var) != CXD_OK) {
        return CXD_END;
    }
    return share(rd, ev, depth, var.node, node);
}

static int scalar_read(struct reader *rd, const yaml_event_t *ev, int depth, struct conf **ret_node)
{
    struct conf *node = node_new(rd, ev, CONF_SCALAR);
    struct var var;
    struct cxd_error why = CXD_ERROR_INIT;
    int r;

    if (node == NULL) {
        return read_fail(rd, ev, CXD_NOMEM, "out of memory");
    }
    if (ev->data.scalar.tag != NULL) {
        return read_fail(rd, ev, CXD_CONFIG, "YAML tags (!...) are not accepted");
    }
    if (memchr(ev->data.scalar.value, '\0', ev->data.scalar.length) != NULL) {
        return read_fail(rd, ev, CXD_CONFIG, "a text with a NUL in it is not accepted");
    }
    node->quoted = ev->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
    r = whole_read(rd, ev, depth, node);
    if (r != CXD_END) {
        *ret_node = node;
        return r != CXD_OK ? r : anchor_add(rd, (const char *)ev->data.scalar.anchor, node);
    }
    r = vars_expand((const char *)ev->data.scalar.value, ev->data.scalar.length, rd->arena, &var,
                    &why);
    if (r == CXD_OK) {
        node->text = var.ptr;
        node->len = var.len;
        node->is_secret = var.is_secret;
    }
    if (r == CXD_NOT_FOUND && rd->is_input) {
        r = missing_keep(rd, node, why.text);
    }
    if (r == CXD_UNSUPPORTED && rd->is_condition) { /* a list there is eql.c's */
        node->text = "";
        r = CXD_OK;
    }
    if (r == CXD_OK && rd->is_condition) {
        node->raw =
            arena_copy(rd->arena, (const char *)ev->data.scalar.value, ev->data.scalar.length);
        r = node->raw != NULL ? CXD_OK : cxd_error_set(&why, CXD_NOMEM, "out of memory");
    }
    if (r != CXD_OK) {
        return read_fail(rd, ev, r == CXD_NOT_FOUND || r == CXD_UNSUPPORTED ? CXD_CONFIG : r,
                         why.text);
    }
    *ret_node = node;
    return anchor_add(rd, (const char *)ev->data.scalar.anchor, node);
}

static int alias_read(struct reader *rd, const yaml_event_t *ev, int depth, struct conf **ret_node)
{
    for (struct anchor *a = rd->anchors; a != NULL; a = a->next) {
        if (strcmp(a->name, (const char *)ev->data.alias.anchor) == 0) {
            struct conf *node = node_new(rd, ev, a->node->kind);
            if (node == NULL) {
                return read_fail(rd, ev, CXD_NOMEM, "out of memory");
            }
            *ret_node = node;
            return share(rd, ev, depth, a->node, node);
        }
    }
    return read_fail(rd, ev, CXD_CONFIG, "alias of an anchor that does not stand before it");
}

static int node_read(struct reader *rd, yaml_event_t *ev, int depth, struct conf **ret_node);

/* The key of a map member; consumes nothing but the event given. */
static int key_read(struct reader *rd, const yaml_event_t *ev, const struct conf *map,
                    const char **ret_key)
{
    size_t count = 0;

    if (ev->type != YAML_SCALAR_EVENT) {
        return read_fail(rd, ev, CXD_CONFIG, "expected a key (text) here");
    }
    if (memchr(ev->data.scalar.value, '\0', ev->data.scalar.length) != NULL) {
        return read_fail(rd, ev, CXD_CONFIG, "a key with a NUL in it is not accepted");
    }
    for (const struct conf *c = map->first; c != NULL; c = c->next) {
        if (++count >= CONF_MAX_KEYS) {
            return read_fail(rd, ev, CXD_TOO_LARGE, "more than 4096 keys in one map");
        }
        if (strcmp(c->key, (const char *)ev->data.scalar.value) == 0) {
            return cxd_error_set(rd->err, CXD_CONFIG,
                                 "%s:%zu: key \"%.100s\" stands twice, first in line %d", rd->file,
                                 ev->start_mark.line + 1, c->key, c->line);
        }
    }
    *ret_key = arena_copy(rd->arena, (const char *)ev->data.scalar.value, ev->data.scalar.length);
    return *ret_key != NULL ? CXD_OK : read_fail(rd, ev, CXD_NOMEM, "out of memory");
}

/* One member or element; sets *done at the end of the container. */
static int child_read(struct reader *rd, struct conf *parent, int depth, struct conf **ret_child,
                      bool *done)
{
    yaml_event_t ev;
    const char *key = NULL;
    int r = event_next(rd, &ev);

    if (r != CXD_OK) {
        return r;
    }
    *done = ev.type == YAML_MAPPING_END_EVENT || ev.type == YAML_SEQUENCE_END_EVENT;
    if (!*done && parent->kind == CONF_MAP) {
        int line = (int)ev.start_mark.line + 1;
        r = key_read(rd, &ev, parent, &key);
        yaml_event_delete(&ev);
        r = r != CXD_OK ? r : event_next(rd, &ev);
        if (r != CXD_OK) {
            return r;
        }
        if (depth == 1) {
            rd->is_input = strcmp(key, "inputs") == 0;
        }
        rd->is_condition = rd->is_input && strcmp(key, "condition") == 0;
        r = node_read(rd, &ev, depth + 1, ret_child);
        rd->is_condition = false;
        if (r == CXD_OK) {
            (*ret_child)->key = key;
            (*ret_child)->line = line;
        }
    } else if (!*done) {
        r = node_read(rd, &ev, depth + 1, ret_child);
    }
    yaml_event_delete(&ev);
    return r;
}

static int container_read(struct reader *rd, const yaml_event_t *ev, int depth,
                          struct conf **ret_node)
{
    bool is_map = ev->type == YAML_MAPPING_START_EVENT;
    const yaml_char_t *tag = is_map ? ev->data.mapping_start.tag : ev->data.sequence_start.tag;
    const yaml_char_t *anchor =
        is_map ? ev->data.mapping_start.anchor : ev->data.sequence_start.anchor;
    struct conf *node = node_new(rd, ev, is_map ? CONF_MAP : CONF_LIST);
    struct conf **end;

    if (node == NULL) {
        return read_fail(rd, ev, CXD_NOMEM, "out of memory");
    }
    if (tag != NULL) {
        return read_fail(rd, ev, CXD_CONFIG, "YAML tags (!...) are not accepted");
    }
    end = &node->first;
    for (;;) {
        bool done = false;
        int r = child_read(rd, node, depth, end, &done);
        if (r != CXD_OK) {
            return r;
        }
        if (done) {
            *ret_node = node;
            return anchor_add(rd, (const char *)anchor, node);
        }
        end = &(*end)->next;
    }
}

static int node_read(struct reader *rd, yaml_event_t *ev, int depth, struct conf **ret_node)
{
    if (depth > CONF_MAX_DEPTH) {
        return read_fail(rd, ev, CXD_TOO_DEEP, "nested deeper than 64 levels");
    }
    if (rd->nodes > CONF_MAX_NODES) {
        return read_fail(rd, ev, CXD_TOO_LARGE,
                         "more than 200000 values (aliases counted as what they repeat)");
    }
    switch (ev->type) {
    case YAML_SCALAR_EVENT:
        return scalar_read(rd, ev, depth, ret_node);
    case YAML_ALIAS_EVENT:
        return alias_read(rd, ev, depth, ret_node);
    case YAML_MAPPING_START_EVENT:
    case YAML_SEQUENCE_START_EVENT:
        return container_read(rd, ev, depth, ret_node);
    default:
        return read_fail(rd, ev, CXD_CONFIG, "expected a value here");
    }
}

/* Events around the one document. */
static int stream_read(struct reader *rd, struct conf **ret_root)
{
    struct conf *root = NULL;

    for (;;) {
        yaml_event_t ev;
        yaml_event_type_t type;
        int r = event_next(rd, &ev);
        if (r != CXD_OK) {
            return r;
        }
        type = ev.type;
        if (type == YAML_DOCUMENT_START_EVENT && root != NULL) {
            r = read_fail(rd, &ev, CXD_CONFIG, "a second document; one policy is one document");
        } else if (type != YAML_STREAM_START_EVENT && type != YAML_DOCUMENT_START_EVENT &&
                   type != YAML_DOCUMENT_END_EVENT && type != YAML_STREAM_END_EVENT) {
            r = node_read(rd, &ev, 1, &root);
        }
        yaml_event_delete(&ev);
        if (r != CXD_OK) {
            return r;
        }
        if (type == YAML_STREAM_END_EVENT) {
            break;
        }
    }
    if (root == NULL || root->kind != CONF_MAP) {
        return cxd_error_set(rd->err, CXD_CONFIG,
                             "%s:1: expected keys (outputs:, inputs:) at the top", rd->file);
    }
    *ret_root = root;
    return CXD_OK;
}

int conf_read_text(const char *name, const char *text, size_t len, struct arena *arena,
                   struct conf **ret_root, struct cxd_error *err)
{
    struct reader rd = {.arena = arena, .err = err};
    int r;

    rd.file = arena_copy(arena, name, strlen(name));
    if (rd.file == NULL || !yaml_parser_initialize(&rd.parser)) {
        return cxd_error_set(err, CXD_NOMEM, "%s: out of memory", name);
    }
    if (len > CONF_MAX_BYTES) {
        r = cxd_error_set(err, CXD_TOO_LARGE, "%s: larger than 4 MiB", name);
    } else {
        yaml_parser_set_input_string(&rd.parser, (const unsigned char *)text, len);
        r = stream_read(&rd, ret_root);
    }
    yaml_parser_delete(&rd.parser);
    return r;
}
