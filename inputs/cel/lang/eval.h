/* eval.h: the functions that nodes are evaluated by; link.c chooses among them. Internal to the language. */
#pragma once

#include "node.h"

struct value eval_literal(struct run *run, const struct node *node);
struct value eval_local(struct run *run, const struct node *node);
struct value eval_global(struct run *run, const struct node *node);
struct value eval_unknown_name(struct run *run, const struct node *node);
struct value eval_select(struct run *run, const struct node *node);
struct value eval_test(struct run *run, const struct node *node);
struct value eval_index(struct run *run, const struct node *node);
struct value eval_not(struct run *run, const struct node *node);
struct value eval_negate(struct run *run, const struct node *node);
struct value eval_and(struct run *run, const struct node *node);
struct value eval_or(struct run *run, const struct node *node);
struct value eval_condition(struct run *run, const struct node *node);
struct value eval_list(struct run *run, const struct node *node);
struct value eval_map(struct run *run, const struct node *node);
struct value eval_call(struct run *run, const struct node *node);
struct value eval_call_one(struct run *run, const struct node *node);
struct value eval_unknown_call(struct run *run, const struct node *node);
struct value eval_bind(struct run *run, const struct node *node);
struct value eval_optional_or(struct run *run, const struct node *node);
struct value eval_optional_or_value(struct run *run, const struct node *node);

extern const node_eval_fn eval_binary[BINARY_COUNT];
extern const node_eval_fn eval_loop[LOOP_COUNT];

static inline struct value eval(struct run *run, const struct node *node)
{
    return node->eval(run, node);
}

/* The condition of a loop or an operand of && and ||. */
enum eval_truth { EVAL_FALSE = 0, EVAL_TRUE, EVAL_NEITHER };
static inline enum eval_truth eval_truth(struct value v)
{
    return v.kind == VALUE_BOOL ? (v.truth ? EVAL_TRUE : EVAL_FALSE) : EVAL_NEITHER;
}
