/*
 * when.c: Beats' conditions from a policy's tree. Names may be dotted or nested in any mixture: `when.not.contains.tags: x` is
 * `when: {not: {contains: {tags: x}}}`.
 */
#include "front/run/when.h"

#include "config/number.h"

#include <stdio.h>
#include <string.h>

#define NAME_MAX_LEN 512

struct reading {
    struct condition_pool *pool;
    struct cxd_error *err;
};

static int condition_read(struct reading *rd, const char *name, const struct conf *value, int depth,
                          struct condition **ret_condition);

static int lacks_memory(const struct reading *rd, const struct conf *at)
{
    return cxd_error_set(rd->err, CXD_NOMEM, "%s:%d: out of memory", at->file, at->line);
}

/* Says where, in front of what. */
static int fail_at(const struct reading *rd, const struct conf *at, int status)
{
    (void)cxd_error_wrap(rd->err, "%s:%d", at->file, at->line);
    return status;
}

static void member_add(struct condition *parent, struct condition *member)
{
    member->next = parent->first; /* the order changes no answer */
    parent->first = member;
}

static int field_new(struct reading *rd, enum condition_kind kind, const char *name,
                     const struct conf *at, struct condition **ret_condition)
{
    struct condition *c = condition_new(rd->pool, kind);
    int r = c != NULL ? condition_field_set(rd->pool, c, name, rd->err) : CXD_NOMEM;

    if (c == NULL) {
        return lacks_memory(rd, at);
    }
    *ret_condition = c;
    return r == CXD_OK ? r : fail_at(rd, at, r);
}

static int text_set(struct reading *rd, struct condition *c, const struct conf *value)
{
    char *copy = condition_alloc(rd->pool, value->len + 1);

    if (copy == NULL) {
        return lacks_memory(rd, value);
    }
    memcpy(copy, value->text, value->len);
    c->text = (struct cxd_bytes){copy, value->len};
    return CXD_OK;
}

/* --- one field each: the value at the end of a name ------------------------------------------------ */

typedef int (*leaf_fn)(struct reading *rd, const char *name, const struct conf *value,
                       struct condition *group);

static int equals_leaf(struct reading *rd, const char *name, const struct conf *value,
                       struct condition *group)
{
    struct condition *c = NULL;
    int r = field_new(rd, CONDITION_EQUALS, name, value, &c);

    if (r != CXD_OK) {
        return r;
    }
    c->value_kind = CXD_KIND_STRING;
    if (!value->quoted && number_double(value->text, &c->low) == CXD_OK) {
        c->value_kind = CXD_KIND_NUMBER;
    } else if (!value->quoted && strcmp(value->text, "true") == 0) {
        c->value_kind = CXD_KIND_TRUE;
    } else if (!value->quoted && strcmp(value->text, "false") == 0) {
        c->value_kind = CXD_KIND_FALSE;
    }
    member_add(group, c);
    return text_set(rd, c, value);
}

static int contains_leaf(struct reading *rd, const char *name, const struct conf *value,
                         struct condition *group)
{
    struct condition *c = NULL;
    int r = field_new(rd, CONDITION_CONTAINS, name, value, &c);

    if (r != CXD_OK) {
        return r;
    }
    member_add(group, c);
    return text_set(rd, c, value);
}

static int regexp_leaf(struct reading *rd, const char *name, const struct conf *value,
                       struct condition *group)
{
    struct condition *c = NULL;
    int r = field_new(rd, CONDITION_REGEXP, name, value, &c);

    if (r != CXD_OK) {
        return r;
    }
    r = condition_regex_set(rd->pool, c, value->text, rd->err);
    member_add(group, c);
    return r == CXD_OK ? r : fail_at(rd, value, r);
}

/* The last part of the name is the bound: http.response.code.gte */
static int range_leaf(struct reading *rd, const char *name, const struct conf *value,
                      struct condition *group)
{
    static const char *const words[] = {"gte", "gt", "lte", "lt"};
    const char *dot = strrchr(name, '.');
    char field[NAME_MAX_LEN];
    struct condition *c = NULL;
    double bound = 0;
    unsigned i = 0;
    int r;

    while (i < 4 && (dot == NULL || strcmp(words[i], dot + 1) != 0)) {
        i++;
    }
    if (i == 4 || number_double(value->text, &bound) != CXD_OK) {
        return conf_error(rd->err, value,
                          "range \"%.100s\": expected FIELD.gte, gt, lte or lt with a number",
                          name);
    }
    (void)snprintf(field, sizeof field, "%.*s", (int)(dot - name), name);
    r = field_new(rd, CONDITION_RANGE, field, value, &c);
    if (r == CXD_OK) {
        c->bounds = 1u << i;
        c->low = bound; /* each bound is a test of its own: only one of the two is looked at */
        c->high = bound;
        member_add(group, c);
    }
    return r;
}

static int network_leaf(struct reading *rd, const char *name, const struct conf *value,
                        struct condition *group)
{
    struct condition *c = NULL;
    int r = field_new(rd, CONDITION_NETWORK, name, value, &c);

    if (r != CXD_OK) {
        return r;
    }
    r = condition_net_add(rd->pool, c, value->text, rd->err);
    member_add(group, c);
    return r == CXD_OK ? r : fail_at(rd, value, r);
}

/* --- names down to their values --------------------------------------------------------------------- */

/* Several networks for one field: one of them will do. */
static int networks_read(struct reading *rd, const char *name, const struct conf *list,
                         struct condition *group)
{
    struct condition *any = condition_new(rd->pool, CONDITION_OR);
    int r = CXD_OK;

    if (any == NULL) {
        return lacks_memory(rd, list);
    }
    for (const struct conf *c = list->first; c != NULL && r == CXD_OK; c = c->next) {
        r = c->kind == CONF_SCALAR ? network_leaf(rd, name, c, any)
                                   : conf_error(rd->err, c, "network: expected a text");
    }
    member_add(group, any);
    return r;
}

static int leaves_read(struct reading *rd, leaf_fn leaf, const char *front, const struct conf *node,
                       struct condition *group)
{
    int r = CXD_OK;

    if (node->kind == CONF_SCALAR && !conf_is_null(node) && *front != '\0') {
        return leaf(rd, front, node, group);
    }
    if (node->kind == CONF_LIST && leaf == network_leaf && *front != '\0') {
        return networks_read(rd, front, node, group);
    }
    if (node->kind != CONF_MAP || node->first == NULL) {
        return conf_error(rd->err, node, "condition: expected fields with their values here");
    }
    for (const struct conf *c = node->first; c != NULL && r == CXD_OK; c = c->next) {
        char name[NAME_MAX_LEN];
        int len = snprintf(name, sizeof name, "%s%s%s", front, *front != '\0' ? "." : "", c->key);
        r = len > 0 && (size_t)len < sizeof name
                ? leaves_read(rd, leaf, name, c, group)
                : conf_error(rd->err, c, "field's name of more than %d bytes", NAME_MAX_LEN - 1);
    }
    return r;
}

static int has_fields_read(struct reading *rd, const struct conf *value, struct condition *group)
{
    const struct conf *c = value->kind == CONF_LIST ? value->first : value;
    int r = CXD_OK;

    if (conf_is_null(value) || value->kind == CONF_MAP || c == NULL) {
        return conf_error(rd->err, value, "has_fields: expected a list of fields' names");
    }
    for (; c != NULL && r == CXD_OK; c = value->kind == CONF_LIST ? c->next : NULL) {
        struct condition *member = NULL;
        r = c->kind == CONF_SCALAR ? field_new(rd, CONDITION_HAS_FIELD, c->text, c, &member)
                                   : conf_error(rd->err, c, "has_fields: expected a field's name");
        if (r == CXD_OK) {
            member_add(group, member);
        }
    }
    return r;
}

/* A map with the one condition in it. */
static int map_read(struct reading *rd, const struct conf *node, int depth,
                    struct condition **ret_condition)
{
    if (node->kind != CONF_MAP || node->first == NULL || node->first->next != NULL) {
        return conf_error(rd->err, node,
                          "expected one condition here (equals, contains, regexp, range, network, "
                          "has_fields, and, or, not); several are joined by and: or or:");
    }
    return condition_read(rd, node->first->key, node->first, depth, ret_condition);
}

static int members_read(struct reading *rd, const struct conf *value, int depth,
                        struct condition *group)
{
    int r = CXD_OK;

    if (value->kind != CONF_LIST || value->first == NULL) {
        return conf_error(rd->err, value, "and, or: expected a list of conditions");
    }
    for (const struct conf *c = value->first; c != NULL && r == CXD_OK; c = c->next) {
        struct condition *member = NULL;
        r = map_read(rd, c, depth, &member);
        if (r == CXD_OK) {
            member_add(group, member);
        }
    }
    return r;
}

static int not_read(struct reading *rd, const char *rest, const struct conf *value, int depth,
                    struct condition *group)
{
    struct condition *member = NULL;
    int r = *rest != '\0' ? condition_read(rd, rest, value, depth, &member)
                          : map_read(rd, value, depth, &member);

    if (r == CXD_OK) {
        member_add(group, member);
    }
    return r;
}

static leaf_fn leaf_find(const char *name, size_t len)
{
    static const struct {
        const char *name;
        leaf_fn leaf;
    } leaves[] = {{"equals", equals_leaf},
                  {"contains", contains_leaf},
                  {"regexp", regexp_leaf},
                  {"range", range_leaf},
                  {"network", network_leaf}};

    for (size_t i = 0; i < sizeof leaves / sizeof leaves[0]; i++) {
        if (strlen(leaves[i].name) == len && memcmp(leaves[i].name, name, len) == 0) {
            return leaves[i].leaf;
        }
    }
    return NULL;
}

static bool is_word(const char *name, size_t len, const char *word)
{
    return strlen(word) == len && memcmp(name, word, len) == 0;
}

/* name: the condition's word, perhaps with more behind a dot. */
static int condition_read(struct reading *rd, const char *name, const struct conf *value, int depth,
                          struct condition **ret_condition)
{
    size_t len = strcspn(name, ".");
    const char *rest = name + len + (name[len] == '.');
    struct condition *group = condition_new(rd->pool, CONDITION_AND);
    leaf_fn leaf = leaf_find(name, len);

    if (group == NULL) {
        return lacks_memory(rd, value);
    }
    if (depth >= CONDITION_DEPTH_MAX) {
        return conf_error(rd->err, value, "conditions nested deeper than %d", CONDITION_DEPTH_MAX);
    }
    *ret_condition = group;
    if (leaf != NULL) {
        return leaves_read(rd, leaf, rest, value, group);
    }
    if (is_word(name, len, "not")) {
        group->kind = CONDITION_NOT;
        return not_read(rd, rest, value, depth + 1, group);
    }
    if (*rest == '\0' && is_word(name, len, "has_fields")) {
        return has_fields_read(rd, value, group);
    }
    if (*rest == '\0' && (is_word(name, len, "and") || is_word(name, len, "or"))) {
        group->kind = name[0] == 'o' ? CONDITION_OR : CONDITION_AND;
        return members_read(rd, value, depth + 1, group);
    }
    return conf_error(
        rd->err, value,
        "\"%.60s\" is no condition: expected equals, contains, regexp, range, network, "
        "has_fields, and, or, not",
        name);
}

static int reading_begin(struct chain *chain, const struct conf *at, struct cxd_error *err,
                         struct reading *rd)
{
    *rd = (struct reading){.pool = chain_conditions(chain), .err = err};
    return rd->pool != NULL ? CXD_OK : lacks_memory(rd, at);
}

int when_read(struct chain *chain, const struct conf *node, const struct condition **ret_condition,
              struct cxd_error *err)
{
    struct condition *condition = NULL;
    struct reading rd;
    int r = reading_begin(chain, node, err, &rd);

    r = r != CXD_OK ? r : map_read(&rd, node, 0, &condition);
    if (r == CXD_OK) {
        *ret_condition = condition;
    }
    return r;
}

/* `when: ..` and every `when.x: ..`; all of them must hold. */
int when_read_options(struct chain *chain, const struct conf *options,
                      const struct condition **ret_condition, struct cxd_error *err)
{
    struct condition *all = NULL;
    struct reading rd;
    int r = CXD_OK;

    for (const struct conf *c = options != NULL ? options->first : NULL; c != NULL && r == CXD_OK;
         c = c->next) {
        struct condition *member = NULL;
        if (strncmp(c->key, "when", 4) != 0 || (c->key[4] != '\0' && c->key[4] != '.')) {
            continue;
        }
        r = all == NULL ? reading_begin(chain, c, err, &rd) : CXD_OK;
        if (r == CXD_OK && all == NULL && (all = condition_new(rd.pool, CONDITION_AND)) == NULL) {
            r = lacks_memory(&rd, c);
        }
        if (r == CXD_OK) {
            r = c->key[4] == '.' ? condition_read(&rd, c->key + 5, c, 0, &member)
                                 : map_read(&rd, c, 0, &member);
        }
        if (r == CXD_OK) {
            member_add(all, member);
        }
    }
    if (r == CXD_OK && all != NULL) {
        *ret_condition = all;
    }
    return r;
}
