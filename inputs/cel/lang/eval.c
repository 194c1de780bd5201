/*
 * eval.c: names, operators, literals and calls. An error is a value that most nodes hand on as soon as they see it; && and ||
 * look at all their operands first.
 */
#include "eval.h"

#include "arith.h"
#include "dict.h"
#include "function.h"

#define ARGS_MAX 8u /* on the stack; more go to the pool */

struct value eval_literal(struct run *run, const struct node *node)
{
    (void)run;
    return node->literal;
}

struct value eval_local(struct run *run, const struct node *node)
{
    return run->locals[node->ident.slot];
}

struct value eval_global(struct run *run, const struct node *node)
{
    struct value v = run->globals[node->ident.slot];

    if (v.kind == VALUE_ERROR && v.fault == NULL) {
        run->at = node->at;
        return run_fail(run, "no value for the variable '%.*s'", (int)node->ident.len,
                        node->ident.text);
    }
    return v;
}

struct value eval_unknown_name(struct run *run, const struct node *node)
{
    run->at = node->at;
    return run_fail(run, "no such attribute: %.*s", (int)node->ident.len, node->ident.text);
}

struct value eval_not(struct run *run, const struct node *node)
{
    struct value v = eval(run, node->pair.left);

    if (v.kind == VALUE_BOOL) {
        return value_bool(!v.truth);
    }
    run->at = node->at;
    return value_is_error(v) ? v : run_no_overload(run);
}

struct value eval_negate(struct run *run, const struct node *node)
{
    struct value v = eval(run, node->pair.left);

    run->at = node->at;
    return value_is_error(v) ? v : arith_negate(run, v);
}

/* Both operands, then the operator. */
#define BINARY_EVAL(name, result)                                                                  \
    static struct value name(struct run *run, const struct node *node)                             \
    {                                                                                              \
        struct value a = eval(run, node->pair.left);                                               \
        struct value b;                                                                            \
        if (value_is_error(a)) {                                                                   \
            return a;                                                                              \
        }                                                                                          \
        b = eval(run, node->pair.right);                                                           \
        if (value_is_error(b)) {                                                                   \
            return b;                                                                              \
        }                                                                                          \
        run->at = node->at;                                                                        \
        return result;                                                                             \
    }

static struct value equality(struct run *run, struct value a, struct value b, bool wanted)
{
    bool same;

    if (a.kind == VALUE_STRING && b.kind == VALUE_STRING) { /* the usual case */
        same = a.len == b.len && value_same_bytes(a.text, b.text, a.len);
        return value_bool(same == wanted);
    }
    if (a.kind == VALUE_INT && b.kind == VALUE_INT) {
        return value_bool((a.i == b.i) == wanted);
    }
    same = arith_equal(run, a, b);
    return run->fatal != NULL ? run_fatal(run) : value_bool(same == wanted);
}

/* `orders` has bit 0 for less, 1 for equal, 2 for greater. */
static struct value order(struct run *run, struct value a, struct value b, unsigned orders)
{
    int found = 0;

    if (a.kind == VALUE_INT && b.kind == VALUE_INT) {
        found = (a.i > b.i) - (a.i < b.i);
        return value_bool((orders >> (found + 1) & 1) != 0);
    }
    if (!arith_order(a, b, &found)) {
        return run_no_overload(run);
    }
    return value_bool(found != 2 && (orders >> (found + 1) & 1) != 0);
}

/* Two ints, the usual case, without detours. */
#define INT_FIRST(operation, other)                                                                \
    struct value r = a;                                                                            \
    return a.kind == VALUE_INT && b.kind == VALUE_INT && !operation(a.i, b.i, &r.i)                \
               ? r                                                                                 \
               : other(run, a, b);

static struct value add(struct run *run, struct value a, struct value b)
{
    INT_FIRST(__builtin_add_overflow, arith_add)
}

static struct value subtract(struct run *run, struct value a, struct value b)
{
    INT_FIRST(__builtin_sub_overflow, arith_sub)
}

static struct value multiply(struct run *run, struct value a,
                             struct value b){INT_FIRST(__builtin_mul_overflow, arith_mul)}

BINARY_EVAL(eval_eq, equality(run, a, b, true)) BINARY_EVAL(eval_ne, equality(run, a, b, false))
    BINARY_EVAL(eval_lt, order(run, a, b, 1)) BINARY_EVAL(eval_le, order(run, a, b, 3))
        BINARY_EVAL(eval_gt, order(run, a, b, 4)) BINARY_EVAL(eval_ge, order(run, a, b, 6))
            BINARY_EVAL(eval_in, arith_in(run, a, b)) BINARY_EVAL(eval_add, add(run, a, b))
                BINARY_EVAL(eval_sub, subtract(run, a, b))
                    BINARY_EVAL(eval_mul, multiply(run, a, b))
                        BINARY_EVAL(eval_div, arith_div(run, a, b))
                            BINARY_EVAL(eval_mod, arith_mod(run, a, b))

                                const node_eval_fn
    eval_binary[BINARY_COUNT] = {
        [BINARY_EQ] = eval_eq,   [BINARY_NE] = eval_ne,   [BINARY_LT] = eval_lt,
        [BINARY_LE] = eval_le,   [BINARY_GT] = eval_gt,   [BINARY_GE] = eval_ge,
        [BINARY_IN] = eval_in,   [BINARY_ADD] = eval_add, [BINARY_SUB] = eval_sub,
        [BINARY_MUL] = eval_mul, [BINARY_DIV] = eval_div, [BINARY_MOD] = eval_mod,
};

/* A decisive operand wins over errors on either side of it; else the first error stays. */
static struct value eval_chain(struct run *run, const struct node *node, bool decisive)
{
    struct value problem = value_bool(!decisive);

    for (uint32_t i = 0; i < node->list.count; i++) {
        struct value v = eval(run, node->list.items[i]);
        if (v.kind == VALUE_BOOL) {
            if (v.truth == decisive) {
                return v;
            }
            continue;
        }
        if (run->fatal != NULL) {
            return run_fatal(run);
        }
        if (!value_is_error(problem)) {
            run->at = node->list.items[i]->at;
            problem = value_is_error(v) ? v : run_no_overload(run);
        }
    }
    return problem;
}

struct value eval_and(struct run *run, const struct node *node)
{
    return eval_chain(run, node, false);
}

struct value eval_or(struct run *run, const struct node *node)
{
    return eval_chain(run, node, true);
}

struct value eval_condition(struct run *run, const struct node *node)
{
    struct value test = eval(run, node->condition.test);

    if (test.kind == VALUE_BOOL) {
        return eval(run, test.truth ? node->condition.yes : node->condition.no);
    }
    run->at = node->at;
    return value_is_error(test) ? test : run_no_overload(run);
}

struct value eval_list(struct run *run, const struct node *node)
{
    struct value *items = run_items(run, node->list.count);
    uint32_t count = 0;

    if (items == NULL) {
        return run_fatal(run);
    }
    for (uint32_t i = 0; i < node->list.count; i++) {
        struct value v = eval(run, node->list.items[i]);
        if (value_is_error(v)) {
            return v;
        }
        if (node->list.optional == NULL || !node->list.optional[i]) {
            items[count++] = v;
            continue;
        }
        if (v.kind != VALUE_OPTIONAL) {
            run->at = node->list.items[i]->at;
            return run_fail(run, "an optional element must be an optional");
        }
        if (v.inner != NULL) {
            items[count++] = *v.inner;
        }
    }
    return value_list(items, count);
}

/* Adds one entry; an error or null. */
static struct value map_entry(struct run *run, const struct node *node, uint32_t i,
                              struct dict *dict)
{
    struct value key = eval(run, node->list.items[i]);
    struct value v = value_is_error(key) ? key : eval(run, node->list.items[i + 1]);

    if (value_is_error(v)) {
        return v;
    }
    run->at = node->list.items[i]->at;
    if (!dict_is_key(key)) {
        return run_fail(run, "unsupported key type");
    }
    if (node->list.optional != NULL && node->list.optional[i]) {
        if (v.kind != VALUE_OPTIONAL) {
            return run_fail(run, "the value of an optional entry must be an optional");
        }
        if (v.inner == NULL) {
            return value_null();
        }
        v = *v.inner;
    }
    return dict_put(dict, key, v) ? value_null() : run_fail(run, "Failed with repeated key");
}

struct value eval_map(struct run *run, const struct node *node)
{
    struct dict *dict = NULL;

    if (!run_spend(run, 1 + node->list.count / 2)) {
        return run_fatal(run);
    }
    dict = dict_new(run->pool, node->list.count / 2);
    if (dict == NULL) {
        return run_out_of_memory(run);
    }
    for (uint32_t i = 0; i < node->list.count; i += 2) {
        struct value v = map_entry(run, node, i, dict);
        if (value_is_error(v)) {
            return v;
        }
    }
    return value_map(dict);
}

static struct value dispatch(struct run *run, const struct node *node, const struct value *args)
{
    const struct function *const *candidate = node->call.candidates;
    uint32_t mask = node->call.count > 0 ? VALUE_MASK(args[0].kind) : 0;

    run->at = node->at;
    if (!run_spend(run, 1)) {
        return run_fatal(run);
    }
    for (; *candidate != NULL; candidate++) {
        const struct function *f = *candidate;
        if (f->first == 0 || (f->first & mask) != 0) {
            return f->call(run, args, node->call.count);
        }
    }
    return run_no_overload(run);
}

/* True when an error must not reach the function: all but a few never see one. */
static bool is_stopper(const struct run *run, const struct node *node, struct value v)
{
    return value_is_error(v) &&
           (run->fatal != NULL || (node->call.candidates[0]->flags & FUNCTION_ERRORS) == 0);
}

struct value eval_call_one(struct run *run, const struct node *node)
{
    struct value arg = eval(run, node->call.args[0]);

    return is_stopper(run, node, arg) ? arg : dispatch(run, node, &arg);
}

struct value eval_call(struct run *run, const struct node *node)
{
    struct value few[ARGS_MAX];
    struct value *args = few;

    if (node->call.count > ARGS_MAX) {
        args = run_items(run, node->call.count);
        if (args == NULL) {
            return run_fatal(run);
        }
    }
    for (uint32_t i = 0; i < node->call.count; i++) {
        args[i] = eval(run, node->call.args[i]);
        if (is_stopper(run, node, args[i])) {
            return args[i];
        }
    }
    return dispatch(run, node, args);
}

struct value eval_unknown_call(struct run *run, const struct node *node)
{
    run->at = node->at;
    return run_fail(run, "no such function: %.*s", (int)node->call.name.len, node->call.name.text);
}
