/*
 * call.c: calls a function or method with arguments checked against its row, as Go checks them against its signature.
 * Thread: the run's.
 */
#include "template/eval.h"

#define CALL_ARGUMENTS 65u /* those of a command and a method's own value */

static char call_type(const struct func *func, size_t index)
{
    size_t last = strlen(func->types);

    if (last == 0) {
        return 'a';
    }
    return func->types[index < last ? index : last - 1];
}

/* One text stands for a list of it nowhere in Go, so neither here. */
static bool argument_is_list(const struct value *v)
{
    return v->kind == VALUE_LIST || v->kind == VALUE_NONE ||
           (v->kind == VALUE_TREE && v->tree->kind == TREE_LIST);
}

static bool argument_fits(char type, const struct value *v)
{
    switch (type) {
    case 's':
        return v->kind == VALUE_STRING;
    case 'i':
        return v->kind == VALUE_INT || (v->kind == VALUE_NUMBER && value_is_whole(v));
    case 'n':
        return v->kind == VALUE_INT || v->kind == VALUE_FLOAT || v->kind == VALUE_NUMBER;
    case 'd':
        return v->kind == VALUE_DURATION || v->kind == VALUE_INT;
    case 't':
        return v->kind == VALUE_TIME;
    case 'l':
        return argument_is_list(v);
    default:
        return true;
    }
}

static const char *argument_name(char type)
{
    switch (type) {
    case 's':
        return "string";
    case 'i':
        return "int64";
    case 'n':
        return "a number";
    case 'd':
        return "time.Duration";
    case 't':
        return "time.Time";
    default:
        return "[]string";
    }
}

bool eval_call(struct eval *e, const struct func *func, const struct value *args, size_t count,
               struct value *ret)
{
    struct call c = {.eval = e,
                     .func = func,
                     .args = args,
                     .count = count,
                     .scratch = e->run->scratch,
                     .run = e->run,
                     .heap = &e->tmpl->heap};

    if (count < func->min || (!func->is_variadic && count > strlen(func->types))) {
        return eval_fail(e, CXD_MALFORMED, "wrong number of args for %s: want %s%zu got %zu",
                         func->name, count < func->min ? "at least " : "at most ",
                         count < func->min ? (size_t)func->min : strlen(func->types), count);
    }
    for (size_t i = 0; i < count; i++) {
        char type = call_type(func, i);

        if (!argument_fits(type, &args[i])) {
            return eval_fail(e, CXD_MALFORMED, "wrong type for value; %s expected %s; got %s",
                             func->name, argument_name(type), value_type(&args[i]));
        }
    }
    return func->fn(&c, ret) && eval_check_memory(e);
}

/* A method gets the value that it hangs on as its first argument. */
static bool eval_method(struct eval *e, const struct func *method, const struct value *of,
                        const struct value *args, size_t count, struct value *ret)
{
    struct value all[CALL_ARGUMENTS];

    all[0] = *of;
    if (count > 0) {
        memcpy(&all[1], args, count * sizeof all[0]);
    }
    return eval_call(e, method, all, count + 1, ret);
}

bool eval_field(struct eval *e, const struct value *of, struct cxd_bytes name,
                const struct value *args, size_t count, struct value *ret)
{
    int name_len = (int)(name.len < 60 ? name.len : 60);
    const struct func *method = NULL;

    if (method_find(of, name, &method)) {
        return eval_method(e, method, of, args, count, ret);
    }
    if (of->kind == VALUE_NONE) {
        return eval_fail(e, CXD_MALFORMED, "nil data; no entry for key \"%.*s\"", name_len,
                         name.ptr);
    }
    if (of->kind == VALUE_TREE && !eval_step(e, 1 + tree_count(e->run->nodes, of->tree) / 64)) {
        return false;
    }
    if (value_member(run_region(e->run, of), of, name, ret)) {
        if (count > 0) {
            return eval_fail(e, CXD_MALFORMED, "%.*s is not a method but has arguments", name_len,
                             name.ptr);
        }
        return eval_check_memory(e);
    }
    if (of->kind == VALUE_RECORD || of->kind == VALUE_MULTI ||
        (of->kind == VALUE_TREE && of->tree->kind == TREE_OBJECT)) {
        return eval_fail(e, CXD_MALFORMED, "map has no entry for key \"%.*s\"", name_len, name.ptr);
    }
    return eval_fail(e, CXD_MALFORMED, "can't evaluate field %.*s in type %s", name_len, name.ptr,
                     value_type(of));
}
