/*
 * value.c: kinds, truth, numbers and members of values. Knows trees; does not know the language. Thread: the run's.
 */
#include "template/value.h"

#include <math.h>
#include <stdlib.h>

struct value value_of_tree(struct region *r, struct tree *node)
{
    struct value v = {0};

    if (node == NULL) {
        return v;
    }
    switch (node->kind) {
    case TREE_NULL:
        break;
    case TREE_FALSE:
    case TREE_TRUE:
        v = value_bool(node->kind == TREE_TRUE);
        break;
    case TREE_NUMBER:
        v = (struct value){.kind = VALUE_NUMBER, .bytes = node->text};
        break;
    case TREE_STRING:
        v = value_string(tree_string(r, node));
        break;
    default:
        v = (struct value){.kind = VALUE_TREE, .tree = node};
        break;
    }
    return v;
}

bool value_as_real(const struct value *v, double *ret)
{
    switch (v->kind) {
    case VALUE_INT:
    case VALUE_DURATION:
    case VALUE_MONTH:
    case VALUE_WEEKDAY:
        *ret = (double)v->number;
        return true;
    case VALUE_FLOAT:
        *ret = v->real;
        return true;
    case VALUE_NUMBER:
        *ret = strtod(v->bytes.ptr, NULL); /* the text is checked, and something else follows it */
        return true;
    default:
        return false;
    }
}

static bool real_to_int(double real, int64_t *ret)
{
    if (!(real >= -9223372036854775808.0 && real < 9223372036854775808.0) || trunc(real) != real) {
        return false;
    }
    *ret = (int64_t)real;
    return true;
}

bool value_as_int(const struct value *v, int64_t *ret)
{
    double real;

    switch (v->kind) {
    case VALUE_INT:
    case VALUE_DURATION:
    case VALUE_MONTH:
    case VALUE_WEEKDAY:
        *ret = v->number;
        return true;
    case VALUE_NUMBER:
        if (number_parse(v->bytes.ptr, v->bytes.len, ret)) {
            return true;
        }
        return value_as_real(v, &real) && real_to_int(real, ret);
    default:
        return false;
    }
}

bool value_is_whole(const struct value *v)
{
    int64_t ignored;

    return value_as_int(v, &ignored);
}

bool value_is_true(struct region *r, const struct value *v)
{
    double real;

    switch (v->kind) {
    case VALUE_NONE:
        return false;
    case VALUE_BOOL:
        return v->flag;
    case VALUE_INT:
    case VALUE_FLOAT:
    case VALUE_NUMBER:
    case VALUE_DURATION:
    case VALUE_MONTH:
    case VALUE_WEEKDAY:
        return value_as_real(v, &real) && real != 0;
    case VALUE_TIME:
    case VALUE_URL:
        return true; /* structs are */
    default:
        return value_len(r, v) > 0;
    }
}

const char *value_type(const struct value *v)
{
    static const char *const ints[] = {"int", "int64", "int32", "uint8"};
    static const char *const names[] = {
        [VALUE_NONE] = "nil",
        [VALUE_BOOL] = "bool",
        [VALUE_FLOAT] = "float64",
        [VALUE_NUMBER] = "float64",
        [VALUE_STRING] = "string",
        [VALUE_LIST] = "[]interface {}",
        [VALUE_RECORD] = "map[string]interface {}",
        [VALUE_URL] = "url.URL",
        [VALUE_TIME] = "time.Time",
        [VALUE_DURATION] = "time.Duration",
        [VALUE_MONTH] = "time.Month",
        [VALUE_WEEKDAY] = "time.Weekday",
    };

    if (v->kind == VALUE_INT) {
        return ints[v->type];
    }
    if (v->kind == VALUE_TREE) {
        return v->tree->kind == TREE_LIST ? "[]interface {}" : "map[string]interface {}";
    }
    if (v->kind == VALUE_MULTI) {
        return v->multi->is_header ? "http.Header" : "url.Values";
    }
    return names[v->kind];
}

static bool record_member(const struct value_record *record, struct cxd_bytes name,
                          struct value *ret)
{
    for (size_t i = 0; i < record->count; i++) {
        const struct value_field *f = &record->fields[i];

        if (f->name.len == name.len && memcmp(f->name.ptr, name.ptr, name.len) == 0) {
            *ret = f->value;
            return true;
        }
    }
    return false;
}

bool value_member(struct region *r, const struct value *v, struct cxd_bytes name, struct value *ret)
{
    struct tree *found;

    *ret = value_none();
    if (v->kind == VALUE_RECORD) {
        return record_member(v->record, name, ret);
    }
    if (v->kind == VALUE_MULTI) {
        return multi_all(r, v->multi, name, ret);
    }
    if (v->kind != VALUE_TREE) {
        return false;
    }
    found = tree_find(r, v->tree, name);
    *ret = value_of_tree(r, found);
    return found != NULL;
}

int64_t value_len(struct region *r, const struct value *v)
{
    struct value names;

    switch (v->kind) {
    case VALUE_STRING:
        return (int64_t)v->bytes.len;
    case VALUE_LIST:
        return (int64_t)v->list->count;
    case VALUE_RECORD:
        return (int64_t)v->record->count;
    case VALUE_TREE:
        return (int64_t)tree_count(r, v->tree);
    case VALUE_MULTI:
        names = multi_names(r, v->multi);
        return names.kind == VALUE_LIST ? (int64_t)names.list->count : 0;
    default:
        return -1;
    }
}
