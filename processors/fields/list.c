/* list.c: append, extract_array: into lists and out of them. */
#include "lib/edit.h"
#include "lib/number.h"
#include "lib/template.h"

#include <string.h>

/* --- append ------------------------------------------------------------------------------------------- */

struct append {
    struct base base;
    struct path target;
    struct path *fields;
    size_t count;
    struct cxd_node values; /* a list */
    bool drops_empty;
    bool drops_twins;
};

static int append_open(struct base *b, struct cxd_bytes options, struct cxd_error *err)
{
    struct append *p = (struct append *)b;
    struct cxd_scalar values = b->host->doc_get(options, "values");
    int r = path_option(b, options, "target_field", &p->target, err);

    p->drops_empty = base_bool(b, options, "ignore_empty_values");
    p->drops_twins = !base_bool(b, options, "allow_duplicate");
    r = r != CXD_OK ? r : path_list(b, options, "fields", &p->fields, &p->count, err);
    if (r == CXD_OK && values.type != CXD_ARRAY && values.type != CXD_NONE) {
        return cxd_error_set(err, CXD_CONFIG, "values: expected a list");
    }
    if (r == CXD_OK && p->target.is_id) {
        return cxd_error_set(err, CXD_CONFIG, "target_field: the document's id is no list");
    }
    return r == CXD_OK && values.type == CXD_ARRAY
               ? template_read(b, &values, false, &p->values, err)
               : r;
}

static bool is_empty(const struct cxd_value *value)
{
    return value->kind == CXD_KIND_NULL || (value->kind == CXD_KIND_STRING && value->len == 0);
}

/* Equal scalars; what is written differently in JSON but means the same is told apart only for texts without escapes. */
static bool is_same(const struct cxd_value *a, const struct cxd_value *b)
{
    bool is_scalar = a->kind != CXD_KIND_LIST && a->kind != CXD_KIND_OBJECT;

    if (a->kind != b->kind || !is_scalar) {
        return false;
    }
    return a->kind < CXD_KIND_NUMBER || (a->len == b->len && memcmp(a->ptr, b->ptr, a->len) == 0);
}

static int value_add(struct edit *e, struct append *p, struct cxd_node *list,
                     const struct cxd_node *from)
{
    static const struct cxd_bytes none = {NULL, 0};
    struct cxd_node content;
    int r;

    if (p->drops_empty && is_empty(&from->value)) {
        return CXD_OK;
    }
    for (const struct cxd_node *at = list->first; p->drops_twins && at != NULL; at = at->next) {
        if (is_same(&at->value, &from->value)) {
            return CXD_OK;
        }
    }
    r = edit_copy(e, from, &content);
    return r == CXD_OK ? edit_append(e, list, none, &content) : r;
}

/* A list's elements, or the value itself. */
static int values_add(struct edit *e, struct append *p, struct cxd_node *list,
                      struct cxd_node *from)
{
    int r = CXD_OK;

    if (from->value.kind != CXD_KIND_LIST) {
        return value_add(e, p, list, from);
    }
    r = edit_expand(e, from);
    for (const struct cxd_node *at = from->first; at != NULL && r == CXD_OK; at = at->next) {
        r = value_add(e, p, list, at);
    }
    return r;
}

static int field_add(struct edit *e, struct append *p, struct cxd_node *list,
                     const struct path *field)
{
    struct edit_spot spot;
    int r = edit_find(e, field, &spot);

    return r == 1 ? values_add(e, p, list, spot.node) : r < 0 ? r : edit_missing(e, field);
}

/* The list is made beside the event and put into it when it is whole. */
static int list_make(struct edit *e, struct append *p, struct cxd_node *list)
{
    struct edit_spot spot;
    int r = edit_find(e, &p->target, &spot);

    r = r == 1 ? values_add(e, p, list, spot.node) : r;
    for (size_t i = 0; i < p->count && r == CXD_OK; i++) {
        r = edit_next(e, field_add(e, p, list, &p->fields[i]));
    }
    for (const struct cxd_node *at = p->values.first; at != NULL && r == CXD_OK; at = at->next) {
        r = value_add(e, p, list, at);
    }
    return r;
}

static int append_run(struct edit *e)
{
    struct append *p = (struct append *)e->base;
    struct cxd_node list = {.value = {.kind = CXD_KIND_LIST, .flags = CXD_VALUE_TREE}};
    bool is_undoable = e->is_undoable;
    int r;

    e->is_undoable = false;
    r = list_make(e, p, &list);
    e->is_undoable = is_undoable;
    return r == CXD_OK ? edit_put(e, &p->target, &list) : r;
}

static const struct cxd_option append_options[] = {
    {.name = "target_field",
     .type = CXD_OPTION_STRING,
     .flags = CXD_OPTION_REQUIRED,
     .help = "List to append to; a single value becomes a list, an absent field too."},
    {.name = "fields",
     .type = CXD_OPTION_STRING_LIST,
     .help = "Fields whose values are appended, lists by their elements."},
    {.name = "values", .type = CXD_OPTION_ANY, .help = "Fixed values to append."},
    {.name = "ignore_empty_values",
     .type = CXD_OPTION_BOOL,
     .default_value = "false",
     .help = "true: null and \"\" are left out."},
    {.name = "allow_duplicate",
     .type = CXD_OPTION_BOOL,
     .default_value = "true",
     .help = "false: a scalar that is in the list is not added again."},
    OPTION_IGNORE_MISSING,
    OPTION_FAIL_ON_ERROR,
    {.name = NULL},
};

BASE_MODULE(append, "append_processor", "appends values to a list", NULL)

/* --- extract_array ------------------------------------------------------------------------------------ */

struct mapping {
    int64_t index;
    struct path to;
};

struct extract_array {
    struct base base;
    struct path field;
    struct mapping *mappings;
    size_t count;
    bool omits_empty;
};

/* "a: {b: 0}" is "a.b: 0". */
static int mappings_read(struct base *b, struct extract_array *p, const struct cxd_node *content,
                         struct cxd_error *err)
{
    size_t count = 0;

    for (const struct cxd_node *at = content->first; at != NULL; at = at->next) {
        count++;
    }
    p->mappings = base_alloc(b, count * sizeof *p->mappings);
    if (p->mappings == NULL) {
        return base_lack(err);
    }
    for (const struct cxd_node *at = content->first; at != NULL; at = at->next) {
        struct mapping *m = &p->mappings[p->count++];
        int r = path_read(b, (struct cxd_bytes){at->key, at->key_len}, &m->to, err);
        if (r != CXD_OK) {
            return r;
        }
        if (at->value.kind != CXD_KIND_NUMBER ||
            !number_read_int((struct cxd_bytes){at->value.ptr, at->value.len}, &m->index) ||
            m->index < 0) {
            return cxd_error_set(err, CXD_CONFIG, "mappings: %.100s: expected an index from 0",
                                 m->to.name.ptr);
        }
    }
    return CXD_OK;
}

static int extract_array_open(struct base *b, struct cxd_bytes options, struct cxd_error *err)
{
    struct extract_array *p = (struct extract_array *)b;
    struct cxd_scalar mappings = b->host->doc_get(options, "mappings");
    struct cxd_node content;
    int r = path_option(b, options, "field", &p->field, err);

    p->omits_empty = base_bool(b, options, "omit_empty");
    if (r == CXD_OK && (mappings.type != CXD_DOCUMENT || mappings.count == 0)) {
        return cxd_error_set(err, CXD_CONFIG, "mappings: expected field: index");
    }
    r = r != CXD_OK ? r : template_flatten(b, mappings.bytes, &content, err);
    return r != CXD_OK ? r : mappings_read(b, p, &content, err);
}

static bool is_nothing(const struct cxd_value *value)
{
    return is_empty(value) || ((value->kind == CXD_KIND_LIST || value->kind == CXD_KIND_OBJECT) &&
                               (value->flags & CXD_VALUE_TREE) == 0 && value->len == 2);
}

static int element_put(struct edit *e, struct extract_array *p, struct cxd_node *list,
                       const struct mapping *m)
{
    struct cxd_node *at = list->first;
    struct cxd_node content;
    struct edit_spot there;
    int r;

    for (int64_t i = 0; i < m->index && at != NULL; i++) {
        at = at->next;
    }
    if (at == NULL) {
        return edit_fail(e, "field %.140s has no element %lld", p->field.name.ptr,
                         (long long)m->index);
    }
    if (p->omits_empty && is_nothing(&at->value)) {
        return CXD_OK;
    }
    r = p->base.overwrites ? 0 : edit_find(e, &m->to, &there);
    if (r == 1) {
        return edit_fail(e, "field %.140s is there already", m->to.name.ptr);
    }
    r = r != CXD_OK ? r : edit_copy(e, at, &content);
    return r != CXD_OK ? r : edit_put(e, &m->to, &content);
}

static int extract_array_run(struct edit *e)
{
    struct extract_array *p = (struct extract_array *)e->base;
    struct edit_spot spot;
    int r = edit_find(e, &p->field, &spot);

    if (r <= 0) {
        return r < 0 ? r : edit_missing(e, &p->field);
    }
    if (spot.node->value.kind != CXD_KIND_LIST) {
        return edit_fail(e, "field %.200s is no list", p->field.name.ptr);
    }
    r = edit_expand(e, spot.node);
    for (size_t i = 0; i < p->count && r == CXD_OK; i++) {
        r = edit_next(e, element_put(e, p, spot.node, &p->mappings[i]));
    }
    return r;
}

static const struct cxd_option extract_array_options[] = {
    {.name = "field",
     .type = CXD_OPTION_STRING,
     .flags = CXD_OPTION_REQUIRED,
     .help = "List to take from."},
    {.name = "mappings",
     .type = CXD_OPTION_ANY,
     .flags = CXD_OPTION_REQUIRED,
     .help = "Target fields, each with the index of its element, from 0."},
    {.name = "omit_empty",
     .type = CXD_OPTION_BOOL,
     .default_value = "false",
     .help = "true: null, \"\", [] and {} are left out."},
    OPTION_IGNORE_MISSING,
    OPTION_OVERWRITE_KEYS,
    OPTION_FAIL_ON_ERROR,
    {.name = NULL},
};

BASE_MODULE(extract_array, NULL, "puts a list's elements into fields", NULL)
