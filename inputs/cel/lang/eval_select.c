/* eval_select.c: members, elements and the optionals they may be wrapped in. */
#include "dict.h"
#include "eval.h"

#include <math.h>

static struct value missing_key(struct run *run, struct value key)
{
    struct sink text = sink_on(run->pool);

    switch (key.kind) {
    case VALUE_STRING:
        sink_value(&text, key);
        break;
    case VALUE_INT:
        sink_print(&text, "%lld", (long long)key.i);
        break;
    case VALUE_UINT:
        sink_print(&text, "%llu", (unsigned long long)key.u);
        break;
    default:
        sink_text(&text, value_type_of(key)->name);
    }
    return text.failed ? run_out_of_memory(run)
                       : run_fail(run, "no such key: %.*s", (int)text.len, text.text);
}

/* The member of a map; NULL and *ret_problem, or NULL and null there: no such key. */
static const struct value *member_find(struct run *run, struct value container, struct value key,
                                       struct value *ret_problem)
{
    *ret_problem = value_null();
    if (container.kind != VALUE_MAP) {
        *ret_problem = run_no_overload(run);
        return NULL;
    }
    return dict_find(container.dict, key);
}

/* Elements: a whole number of any kind is an index. */
static const struct value *element_find(struct run *run, struct value list, struct value index,
                                        struct value *ret_problem)
{
    int64_t at = index.i;

    *ret_problem = value_null();
    if (index.kind == VALUE_DOUBLE) {
        if (!(fabs(index.d) < 9.0e18) || index.d != floor(index.d)) {
            *ret_problem = run_fail(run, "unsupported index value");
            return NULL;
        }
        at = (int64_t)index.d;
    } else if (index.kind == VALUE_UINT) {
        at = index.u > INT64_MAX ? INT64_MAX : (int64_t)index.u;
    } else if (index.kind != VALUE_INT) {
        *ret_problem =
            run_fail(run, "unsupported index type '%s' in list", value_type_of(index)->name);
        return NULL;
    }
    return at >= 0 && at < (int64_t)list.len ? &list.items[at] : NULL;
}

static const struct value *find(struct run *run, struct value container, struct value key,
                                struct value *ret_problem)
{
    return container.kind == VALUE_LIST ? element_find(run, container, key, ret_problem)
                                        : member_find(run, container, key, ret_problem);
}

static struct value missing(struct run *run, struct value container, struct value key)
{
    if (container.kind != VALUE_LIST) {
        return missing_key(run, key);
    }
    return key.kind == VALUE_DOUBLE ? run_fail(run, "index out of bounds: %.0f", key.d)
                                    : run_fail(run, "index out of bounds: %lld", (long long)key.i);
}

/* What lies in a container lives as long as the optional around it. */
static struct value wrapped(const struct value *found)
{
    return (struct value){.kind = VALUE_OPTIONAL, .inner = found};
}

/* container[key]; with `optional` or an optional container the result is an optional. */
static struct value get(struct run *run, struct value container, struct value key, bool optional,
                        bool by_name)
{
    const struct value *found;
    struct value problem;

    if (container.kind == VALUE_OPTIONAL) {
        if (container.inner == NULL) {
            return container;
        }
        container = *container.inner;
        optional = true;
    }
    found =
        by_name ? member_find(run, container, key, &problem) : find(run, container, key, &problem);
    if (value_is_error(problem)) {
        return problem;
    }
    if (found == NULL) {
        return optional ? run_empty() : missing(run, container, key);
    }
    return optional ? wrapped(found) : *found;
}

/* The operand of a selection, which is most often a variable: then without a call. */
static inline struct value operand_of(struct run *run, const struct node *node)
{
    const struct node *operand = node->select.operand;

    if (operand->eval == eval_global && run->globals[operand->ident.slot].kind == VALUE_MAP) {
        return run->globals[operand->ident.slot];
    }
    return eval(run, operand);
}

struct value eval_select(struct run *run, const struct node *node)
{
    struct value container = operand_of(run, node);

    if (container.kind == VALUE_MAP) { /* the usual case, without detours */
        const struct value *found = dict_find_name(container.dict, node->select.key.text,
                                                   node->select.key.len, node->select.hash);
        if (found != NULL) {
            return node->flags == 0 ? *found : wrapped(found);
        }
        if (node->flags != 0) {
            return run_empty();
        }
    }
    if (value_is_error(container)) {
        return container;
    }
    run->at = node->at;
    return get(run, container, node->select.key, (node->flags & NODE_OPTIONAL) != 0, true);
}

struct value eval_index(struct run *run, const struct node *node)
{
    struct value container = eval(run, node->pair.left);
    struct value key = value_is_error(container) ? container : eval(run, node->pair.right);

    if (value_is_error(key)) {
        return key;
    }
    run->at = node->at;
    return get(run, container, key, (node->flags & NODE_OPTIONAL) != 0, false);
}

struct value eval_test(struct run *run, const struct node *node)
{
    struct value container = operand_of(run, node);

    if (container.kind == VALUE_MAP) { /* the usual case, without detours */
        return value_bool(dict_find_name(container.dict, node->select.key.text,
                                         node->select.key.len, node->select.hash) != NULL);
    }
    if (value_is_error(container)) {
        return container;
    }
    run->at = node->at;
    if (container.kind == VALUE_OPTIONAL) {
        if (container.inner == NULL) {
            return value_bool(false);
        }
        container = *container.inner;
    }
    if (container.kind != VALUE_MAP) {
        return run_no_overload(run);
    }
    return value_bool(dict_find_name(container.dict, node->select.key.text, node->select.key.len,
                                     node->select.hash) != NULL);
}

static struct value optional_operand(struct run *run, const struct node *node)
{
    struct value v = eval(run, node->call.args[0]);

    run->at = node->at;
    return value_is_error(v) || v.kind == VALUE_OPTIONAL ? v : run_no_overload(run);
}

/* a.or(b): b is evaluated only when a is empty. */
struct value eval_optional_or(struct run *run, const struct node *node)
{
    struct value v = optional_operand(run, node);

    if (value_is_error(v) || v.inner != NULL) {
        return v;
    }
    v = eval(run, node->call.args[1]);
    run->at = node->at;
    return value_is_error(v) || v.kind == VALUE_OPTIONAL ? v : run_no_overload(run);
}

/* a.orValue(b) */
struct value eval_optional_or_value(struct run *run, const struct node *node)
{
    struct value v = optional_operand(run, node);

    if (value_is_error(v)) {
        return v;
    }
    return v.inner != NULL ? *v.inner : eval(run, node->call.args[1]);
}

static struct value bind_optional(struct run *run, const struct node_bind *bind, struct value v)
{
    struct value result;

    if (v.kind != VALUE_OPTIONAL) {
        return run_no_overload(run);
    }
    if (v.inner == NULL) {
        return v;
    }
    run->locals[bind->name.slot] = *v.inner;
    result = eval(run, bind->body);
    if (value_is_error(result)) {
        return result;
    }
    if (bind->kind == BIND_MAP) {
        return run_optional(run, result);
    }
    return result.kind == VALUE_OPTIONAL ? result : run_no_overload(run);
}

struct value eval_bind(struct run *run, const struct node *node)
{
    const struct node_bind *bind = node->bind;
    struct value v = eval(run, bind->value);

    if (value_is_error(v) && (bind->kind != BIND_LAZY || run->fatal != NULL)) {
        return v;
    }
    run->at = node->at;
    if (bind->kind == BIND_MAP || bind->kind == BIND_FLAT_MAP) {
        return bind_optional(run, bind, v);
    }
    run->locals[bind->name.slot] = v;
    return eval(run, bind->body);
}
