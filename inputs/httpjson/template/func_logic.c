/* func_logic.c: Go's built-in functions of templates, but for escaping. Thread: the run's. */
#include "template/eval.h"

static bool ret_bool(struct value *ret, bool flag)
{
    *ret = value_bool(flag);
    return true;
}

static bool logic_eq(struct call *c, struct value *ret)
{
    bool found = false;

    for (size_t i = 1; i < c->count && !found; i++) {
        int equal = compare_equal(c, &c->args[0], &c->args[i]);

        if (equal < 0) {
            return false;
        }
        found = equal == 1;
    }
    return ret_bool(ret, found);
}

static bool logic_ne(struct call *c, struct value *ret)
{
    int equal = compare_equal(c, &c->args[0], &c->args[1]);

    return equal >= 0 && ret_bool(ret, equal == 0);
}

static bool logic_lt(struct call *c, struct value *ret)
{
    int less = compare_less(c, &c->args[0], &c->args[1]);

    return less >= 0 && ret_bool(ret, less == 1);
}

static int less_or_equal(struct call *c)
{
    int less = compare_less(c, &c->args[0], &c->args[1]);

    return less == 0 ? compare_equal(c, &c->args[0], &c->args[1]) : less;
}

static bool logic_le(struct call *c, struct value *ret)
{
    int le = less_or_equal(c);

    return le >= 0 && ret_bool(ret, le == 1);
}

static bool logic_gt(struct call *c, struct value *ret)
{
    int le = less_or_equal(c);

    return le >= 0 && ret_bool(ret, le == 0);
}

static bool logic_ge(struct call *c, struct value *ret)
{
    int less = compare_less(c, &c->args[0], &c->args[1]);

    return less >= 0 && ret_bool(ret, less == 0);
}

static bool logic_not(struct call *c, struct value *ret)
{
    return ret_bool(ret, !value_is_true(run_region(c->run, &c->args[0]), &c->args[0]));
}

/* Reached only where the short circuit is not: as an argument without words of its own. */
static bool logic_and(struct call *c, struct value *ret)
{
    bool is_and = c->func->name[0] == 'a';
    size_t i = 0;

    while (i + 1 < c->count &&
           value_is_true(run_region(c->run, &c->args[i]), &c->args[i]) == is_and) {
        i++;
    }
    *ret = c->args[i];
    return true;
}

/* One step of index: v[key]. */
static bool index_one(struct call *c, const struct value *v, const struct value *key,
                      struct value *ret)
{
    int64_t at = 0;
    int64_t len = value_len(run_region(c->run, v), v);
    bool is_list = v->kind == VALUE_LIST || v->kind == VALUE_STRING ||
                   (v->kind == VALUE_TREE && v->tree->kind == TREE_LIST);

    if (v->kind == VALUE_NONE) {
        return call_fail(c, CXD_MALFORMED, "index of untyped nil");
    }
    if (len < 0) {
        return call_fail(c, CXD_MALFORMED, "can't index item of type %s", value_type(v));
    }
    if (!is_list) {
        if (key->kind != VALUE_STRING) {
            return call_fail(c, CXD_MALFORMED, "value has type %s; should be string",
                             value_type(key));
        }
        (void)value_member(run_region(c->run, v), v, key->bytes, ret); /* absent: Go's zero value */
        return eval_check_memory(c->eval);
    }
    if (key->kind == VALUE_NONE || !value_as_int(key, &at)) {
        return call_fail(c, CXD_MALFORMED, "cannot index slice/array with type %s",
                         value_type(key));
    }
    if (at < 0 || at >= len) {
        return call_fail(c, CXD_MALFORMED, "index out of range: %lld", (long long)at);
    }
    if (v->kind == VALUE_STRING) {
        *ret = value_int((unsigned char)v->bytes.ptr[at]);
        ret->type = VALUE_INT_8;
    } else if (v->kind == VALUE_LIST) {
        *ret = v->list->items[at];
    } else {
        *ret = value_of_tree(c->run->nodes, tree_at(c->run->nodes, v->tree, (size_t)at));
        return eval_step(c->eval, 1 + (uint64_t)at / 64); /* elements are walked, not jumped to */
    }
    return true;
}

static bool logic_index(struct call *c, struct value *ret)
{
    struct value v = c->args[0];

    for (size_t i = 1; i < c->count; i++) {
        struct value next = value_none();

        if (!index_one(c, &v, &c->args[i], &next)) {
            return false;
        }
        v = next;
    }
    if (c->count == 1 && v.kind == VALUE_NONE) {
        return call_fail(c, CXD_MALFORMED, "index of untyped nil");
    }
    *ret = v;
    return true;
}

static bool slice_list(struct call *c, int64_t from, int64_t to, struct value *ret)
{
    size_t count = (size_t)(to - from);
    struct value_list *list =
        region_alloc(c->scratch, sizeof *list + count * sizeof list->items[0]);
    struct tree *child = NULL;

    if (list == NULL) {
        return eval_check_memory(c->eval);
    }
    if (c->args[0].kind == VALUE_TREE) {
        child = tree_at(c->run->nodes, c->args[0].tree, (size_t)from);
    }
    for (size_t i = 0; i < count; i++) {
        if (c->args[0].kind == VALUE_LIST) {
            list->items[i] = c->args[0].list->items[(size_t)from + i];
        } else {
            list->items[i] = value_of_tree(c->run->nodes, child);
            child = child->next;
        }
    }
    list->count = count;
    *ret = (struct value){.kind = VALUE_LIST, .list = list};
    return eval_step(c->eval, 1 + count / 16);
}

static bool logic_slice(struct call *c, struct value *ret)
{
    const struct value *v = &c->args[0];
    bool is_list = v->kind == VALUE_LIST || (v->kind == VALUE_TREE && v->tree->kind == TREE_LIST);
    int64_t bounds[3] = {0, 0, 0};
    int64_t len;

    if (v->kind != VALUE_STRING && !is_list) {
        return call_fail(c, CXD_MALFORMED, "can't slice item of type %s", value_type(v));
    }
    if (v->kind == VALUE_STRING && c->count == 4) {
        return call_fail(c, CXD_MALFORMED, "cannot 3-index slice a string");
    }
    len = value_len(run_region(c->run, v), v);
    bounds[1] = len;
    for (size_t i = 1; i < c->count; i++) {
        (void)value_as_int(&c->args[i], &bounds[i - 1]);
        if (bounds[i - 1] < 0 || bounds[i - 1] > len) {
            return call_fail(c, CXD_MALFORMED, "index out of range: %lld",
                             (long long)bounds[i - 1]);
        }
    }
    if (bounds[0] > bounds[1] || (c->count == 4 && bounds[1] > bounds[2])) {
        return call_fail(c, CXD_MALFORMED, "invalid slice index: %lld > %lld",
                         (long long)bounds[bounds[0] > bounds[1] ? 0 : 1],
                         (long long)bounds[bounds[0] > bounds[1] ? 1 : 2]);
    }
    if (is_list) {
        return slice_list(c, bounds[0], bounds[1], ret);
    }
    *ret =
        value_string((struct cxd_bytes){v->bytes.ptr + bounds[0], (size_t)(bounds[1] - bounds[0])});
    return true;
}

static bool logic_len(struct call *c, struct value *ret)
{
    int64_t len = value_len(run_region(c->run, &c->args[0]), &c->args[0]);

    if (len < 0) {
        return c->args[0].kind == VALUE_NONE
                   ? call_fail(c, CXD_MALFORMED, "len of nil pointer")
                   : call_fail(c, CXD_MALFORMED, "len of type %s", value_type(&c->args[0]));
    }
    *ret = value_int(len);
    return true;
}

static bool logic_print(struct call *c, struct value *ret)
{
    struct text text;

    call_text(c, &text);
    format_print(c->run, c->args, c->count, &text);
    return call_text_done(c, &text, ret);
}

static bool logic_println(struct call *c, struct value *ret)
{
    struct text text;

    call_text(c, &text);
    format_println(c->run, c->args, c->count, &text);
    return call_text_done(c, &text, ret);
}

static bool logic_printf(struct call *c, struct value *ret)
{
    struct text text;

    call_text(c, &text);
    format_printf(c->run, c->args[0].bytes, c->args + 1, c->count - 1, &text);
    return call_text_done(c, &text, ret);
}

/* No value here is a function. */
static bool logic_call(struct call *c, struct value *ret)
{
    (void)ret;
    if (c->args[0].kind == VALUE_NONE) {
        return call_fail(c, CXD_MALFORMED, "call of nil");
    }
    return call_fail(c, CXD_MALFORMED, "non-function of type %s", value_type(&c->args[0]));
}

const struct func func_logic[] = {
    {"eq", logic_eq, "aa", 2, true},          {"ne", logic_ne, "aa", 2, false},
    {"lt", logic_lt, "aa", 2, false},         {"le", logic_le, "aa", 2, false},
    {"gt", logic_gt, "aa", 2, false},         {"ge", logic_ge, "aa", 2, false},
    {"not", logic_not, "a", 1, false},        {"and", logic_and, "a", 1, true},
    {"or", logic_and, "a", 1, true},          {"index", logic_index, "aa", 1, true},
    {"slice", logic_slice, "aiii", 1, false}, {"len", logic_len, "a", 1, false},
    {"print", logic_print, "a", 0, true},     {"println", logic_println, "a", 0, true},
    {"printf", logic_printf, "sa", 1, true},  {"sprintf", logic_printf, "sa", 1, true},
    {"call", logic_call, "a", 1, true},       {NULL, NULL, NULL, 0, false},
};
