/*
 * option.c: table and policy tree to BSON. Knows the option types; no option by name.
 */
#include "config/option.h"

#include "base/status.h"
#include "config/nearest.h"
#include "config/number.h"
#include "config/secret.h"
#include "io/doc.h"

#include <stdio.h>
#include <string.h>

#define PATH_MAX_LEN 256

struct building {
    const struct option_source *source;
    struct cxd_builder *doc;
    struct cxd_error *err;
};

static const struct cxd_option *row_find(const struct cxd_option *table, const char *path)
{
    for (; table->name != NULL; table++) {
        if (strcmp(table->name, path) == 0) {
            return table;
        }
    }
    return NULL;
}

/* True when some option lies below path. */
static int is_group(const struct cxd_option *table, const char *path)
{
    size_t len = strlen(path);

    for (; table->name != NULL; table++) {
        if (strncmp(table->name, path, len) == 0 && table->name[len] == '.') {
            return 1;
        }
    }
    return 0;
}

static int unknown_fail(const struct cxd_option *table, const struct building *b,
                        const struct conf *at, const char *path)
{
    const char *near = option_nearest(table, path);

    if (b->source->unknown != NULL) {
        struct cxd_error text = CXD_ERROR_INIT;
        (void)conf_error(&text, at, "option \"%.160s\" of %s is not known and ignored", path,
                         b->source->owner);
        b->source->unknown(text.text);
        return CXD_OK;
    }
    return conf_error(b->err, at, "unknown option \"%.100s\" of %s%s%s%s", path, b->source->owner,
                      near != NULL ? ", did you mean \"" : "", near != NULL ? near : "",
                      near != NULL ? "\"?" : "");
}

/* Every key of the tree must be an option, a group of options, or somebody else's. */
static int keys_check(const struct cxd_option *table, const struct building *b,
                      const struct conf *map, const char *front, option_skip_fn skip)
{
    for (const struct conf *c = map->first; c != NULL; c = c->next) {
        char path[PATH_MAX_LEN];
        int len = snprintf(path, sizeof path, "%s%s%s", front, *front != '\0' ? "." : "", c->key);
        int r = CXD_OK;
        if (len < 0 || (size_t)len >= sizeof path) {
            return conf_error(b->err, c, "key longer than 255 bytes");
        }
        if (row_find(table, path) != NULL || (skip != NULL && skip(path))) {
            continue;
        }
        if (is_group(table, path) && c->kind == CONF_MAP) {
            r = keys_check(table, b, c, path, skip);
        } else if (!is_group(table, path) || !conf_is_null(c)) {
            r = unknown_fail(table, b, c, path);
        }
        if (r != CXD_OK) {
            return r;
        }
    }
    return CXD_OK;
}

/* What the document refused: memory, or a value that it cannot hold. */
static int doc_fail(const struct building *b, const struct conf *at, int status)
{
    return conf_error(b->err, at, "options of %s: %s", b->source->owner, status_text(status));
}

static int put(struct building *b, const struct conf *at, const char *name,
               const struct cxd_scalar *value)
{
    int r = doc_put(b->doc, name, value);

    return r == CXD_OK ? r : doc_fail(b, at, r);
}

static int push(struct building *b, const struct conf *at, const char *name, int is_array)
{
    int r = doc_push(b->doc, name, is_array);

    return r == CXD_OK ? r : doc_fail(b, at, r);
}

static int pop(struct building *b, const struct conf *at)
{
    int r = doc_pop(b->doc);

    return r == CXD_OK ? r : doc_fail(b, at, r);
}

static int text_put(struct building *b, const struct conf *at, const char *name, const char *text)
{
    return put(b, at, name, &(struct cxd_scalar){.type = CXD_TEXT, .bytes = {text, strlen(text)}});
}

/* Scalars typed as YAML's core schema does, for options of type ANY. */
static int any_put(struct building *b, const struct conf *node, const char *name)
{
    struct cxd_scalar value = {.type = CXD_TEXT, .bytes = {node->text, node->len}};
    int r;

    if (node->kind == CONF_SCALAR) {
        if (conf_is_null(node)) {
            value.type = CXD_NIL;
        } else if (!node->quoted && number_int(node->text, &value.number) == CXD_OK) {
            value.type = CXD_INT;
        } else if (!node->quoted && number_double(node->text, &value.real) == CXD_OK) {
            value.type = CXD_FLOAT;
        } else if (!node->quoted &&
                   (strcmp(node->text, "true") == 0 || strcmp(node->text, "false") == 0)) {
            value.type = CXD_BOOL;
            value.number = node->text[0] == 't';
        }
        return put(b, node, name, &value);
    }
    r = push(b, node, name, node->kind == CONF_LIST);
    if (r != CXD_OK) {
        return r;
    }
    for (const struct conf *c = node->first; c != NULL; c = c->next) {
        r = any_put(b, c, c->key != NULL ? c->key : "");
        if (r != CXD_OK) {
            return r;
        }
    }
    return pop(b, node);
}

static int strings_put(struct building *b, const struct conf *node, const char *name,
                       const struct cxd_option *row)
{
    const struct conf *c = node->kind == CONF_LIST ? node->first : node;
    int r;

    if (node->kind == CONF_MAP) {
        return conf_error(b->err, node, "option \"%s\" of %s: expected text or a list of texts",
                          row->name, b->source->owner);
    }
    r = push(b, node, name, 1);
    if (r != CXD_OK) {
        return r;
    }
    for (; c != NULL; c = node->kind == CONF_LIST ? c->next : NULL) {
        r = c->kind == CONF_SCALAR
                ? text_put(b, c, "", c->text)
                : conf_error(b->err, c, "option \"%s\": expected a text", row->name);
        if (r != CXD_OK) {
            return r;
        }
    }
    return pop(b, node);
}

static int table_put(const struct cxd_option *table, struct building *b,
                     const struct conf *const layers[2], const char *front);

static int groups_put(struct building *b, const struct conf *node, const char *name,
                      const struct cxd_option *row)
{
    int r;

    if (node->kind != CONF_LIST) {
        return conf_error(b->err, node, "option \"%s\" of %s: expected a list (\"- name: ...\")",
                          row->name, b->source->owner);
    }
    r = push(b, node, name, 1);
    if (r != CXD_OK) {
        return r;
    }
    for (const struct conf *c = node->first; c != NULL; c = c->next) {
        const struct conf *const layers[2] = {c, NULL};
        if (c->kind != CONF_MAP) {
            return conf_error(b->err, c, "option \"%s\": expected keys here", row->name);
        }
        r = keys_check(row->children, b, c, "", NULL);
        r = r != CXD_OK ? r : push(b, c, "", 0);
        r = r != CXD_OK ? r : table_put(row->children, b, layers, "");
        r = r != CXD_OK ? r : pop(b, c);
        if (r != CXD_OK) {
            return r;
        }
    }
    return pop(b, node);
}

static const char *const type_words[] = {
    [CXD_OPTION_INT] = "a whole number",
    [CXD_OPTION_BOOL] = "true or false",
    [CXD_OPTION_DURATION] = "a duration (10s, 5m, 250ms)",
    [CXD_OPTION_SIZE] = "a size (4096, 16MiB, 10MB)",
    [CXD_OPTION_DOUBLE] = "a number",
};

/* A scalar text by its option type. */
static int scalar_read(uint32_t type, const char *text, struct cxd_scalar *ret_value)
{
    const struct conf node = {.kind = CONF_SCALAR, .text = text, .len = strlen(text)};

    *ret_value = (struct cxd_scalar){.type = CXD_INT};
    switch (type) {
    case CXD_OPTION_INT:
        return number_int(text, &ret_value->number);
    case CXD_OPTION_DURATION:
        return number_duration_ms(text, &ret_value->number);
    case CXD_OPTION_SIZE:
        return number_size(text, &ret_value->number);
    case CXD_OPTION_DOUBLE:
        ret_value->type = CXD_FLOAT;
        return number_double(text, &ret_value->real);
    case CXD_OPTION_BOOL:
        ret_value->type = CXD_BOOL;
        ret_value->number = conf_bool(&node);
        return ret_value->number >= 0 ? CXD_OK : CXD_CONFIG;
    default:
        ret_value->type = CXD_TEXT;
        ret_value->bytes = (struct cxd_bytes){text, strlen(text)};
        return CXD_OK;
    }
}

static int node_put_option(struct building *b, const struct conf *node, const char *name,
                           const struct cxd_option *row)
{
    struct cxd_scalar value;

    if (((row->flags & CXD_OPTION_SECRET) ? secret_learn(node) : secret_find(name, node)) !=
        CXD_OK) {
        return conf_error(b->err, node, "out of memory");
    }
    switch (row->type) {
    case CXD_OPTION_ANY:
        return any_put(b, node, name);
    case CXD_OPTION_STRING_LIST:
        return strings_put(b, node, name, row);
    case CXD_OPTION_GROUP_LIST:
        return groups_put(b, node, name, row);
    default:
        break;
    }
    if (node->kind != CONF_SCALAR || scalar_read(row->type, node->text, &value) != CXD_OK) {
        return conf_error(
            b->err, node, "option \"%s\" of %s: expected %s", row->name, b->source->owner,
            row->type < sizeof type_words / sizeof type_words[0] && type_words[row->type] != NULL
                ? type_words[row->type]
                : "a text");
    }
    return put(b, node, name, &value);
}

static int default_put(struct building *b, const struct cxd_option *row, const char *name)
{
    struct cxd_scalar value;
    struct conf node = {
        .kind = CONF_SCALAR, .text = row->default_value, .file = "default", .line = 0};

    node.len = strlen(row->default_value);
    if (row->type == CXD_OPTION_STRING_LIST) {
        return strings_put(b, &node, name, row);
    }
    if (scalar_read(row->type, row->default_value, &value) != CXD_OK) {
        return cxd_error_set(b->err, CXD_BUG,
                             "default of option \"%s\" of %s does not fit its type", row->name,
                             b->source->owner);
    }
    return put(b, NULL, name, &value);
}

static int row_put(struct building *b, const struct cxd_option *row,
                   const struct conf *const layers[2], const char *name)
{
    for (int i = 0; i < 2; i++) {
        const struct conf *node = conf_find(layers[i], row->name);
        if (!conf_is_null(node)) {
            return (row->flags & CXD_OPTION_REQUIRED) && node->kind == CONF_LIST &&
                           node->first == NULL
                       ? conf_error(b->err, node,
                                    "%s needs the option \"%s\", and not an empty list: %s",
                                    b->source->owner, row->name, row->help)
                       : node_put_option(b, node, name, row);
        }
    }
    if (row->default_value != NULL) {
        return default_put(b, row, name);
    }
    if (row->flags & CXD_OPTION_REQUIRED) {
        return conf_error(b->err,
                          layers[0] != NULL && layers[0]->line > 0 ? layers[0] : b->source->at,
                          "%s needs the option \"%s\": %s", b->source->owner, row->name, row->help);
    }
    return CXD_OK;
}

/* True when an earlier row lies in the same group, which was therefore written already. */
static int group_is_done(const struct cxd_option *table, const struct cxd_option *row, size_t len)
{
    for (; table < row; table++) {
        if (strncmp(table->name, row->name, len) == 0 && table->name[len] == '.') {
            return 1;
        }
    }
    return 0;
}

/* Rows whose name starts with front (""; "ssl."), written at this level; groups become nested documents. */
static int table_put(const struct cxd_option *table, struct building *b,
                     const struct conf *const layers[2], const char *front)
{
    size_t front_len = strlen(front);

    for (const struct cxd_option *row = table; row->name != NULL; row++) {
        const char *rest = row->name + front_len;
        const char *dot;
        char name[PATH_MAX_LEN];
        int r;
        if (strncmp(row->name, front, front_len) != 0) {
            continue;
        }
        dot = strchr(rest, '.');
        if (dot == NULL) {
            r = row_put(b, row, layers, rest);
        } else if (group_is_done(table, row, (size_t)(dot - row->name))) {
            continue;
        } else {
            (void)snprintf(name, sizeof name, "%.*s", (int)(dot - rest), rest);
            r = push(b, b->source->at, name, 0);
            (void)snprintf(name, sizeof name, "%.*s", (int)(dot + 1 - row->name), row->name);
            r = r != CXD_OK ? r : table_put(table, b, layers, name);
            r = r != CXD_OK ? r : pop(b, b->source->at);
        }
        if (r != CXD_OK) {
            return r;
        }
    }
    return CXD_OK;
}

int option_build(const struct cxd_option *table, const struct option_source *source,
                 struct cxd_builder **ret_doc, struct cxd_error *err)
{
    struct building b = {.source = source, .err = err};
    int r = CXD_OK;

    b.doc = doc_new();
    if (b.doc == NULL) {
        return cxd_error_set(err, CXD_NOMEM, "%s: out of memory", source->owner);
    }
    for (int i = 0; i < 2 && r == CXD_OK; i++) {
        if (source->layers[i] != NULL && source->layers[i]->kind == CONF_MAP) {
            r = keys_check(table, &b, source->layers[i], "", source->skip);
        }
    }
    r = r != CXD_OK ? r : table_put(table, &b, source->layers, "");
    if (r != CXD_OK) {
        doc_free(b.doc);
        return r;
    }
    *ret_doc = b.doc;
    return CXD_OK;
}
