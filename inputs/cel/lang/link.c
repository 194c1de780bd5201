/*
 * link.c: variables of macros hide others; `a.b.c` may be one variable with dots, looked up in the container first; `math.abs`
 * is a function unless `math` is a variable of a macro.
 */
#include "link_inner.h"

#include "eval.h"
#include "function.h"

#include <stdio.h>

#define FOLD_LONG (VALUE_MASK(VALUE_STRING) | VALUE_MASK(VALUE_BYTES) | VALUE_MASK(VALUE_LIST))
#define SCOPE_MAX 4096u /* variables visible at one place */

bool link_fail(struct linker *l, uint32_t at, int status, const char *text)
{
    if (l->result->problem.text == NULL) {
        l->result->problem = (struct fault){.text = text, .at = at, .status = status};
    }
    return false;
}

bool link_fail_memory(struct linker *l)
{
    return link_fail(l, FAULT_NOWHERE, CXD_NOMEM, "out of memory");
}

/* "what 'name'" as the problem. */
bool link_fail_name(struct linker *l, uint32_t at, const char *what, const char *name, size_t len)
{
    char text[LINK_NAME_MAX];
    int made = snprintf(text, sizeof text, "%s '%.*s'", what, (int)(len < 256 ? len : 256), name);
    char *copy = pool_copy(l->pool, text, (size_t)made);

    return copy != NULL ? link_fail(l, at, CXD_MALFORMED, copy) : link_fail_memory(l);
}

static bool scope_push(struct linker *l, struct node_name *name)
{
    if (l->depth == l->room) {
        uint32_t room = l->room == 0 ? 16 : l->room * 2;
        struct node_name *scope = pool_array(l->pool, room, sizeof *scope);
        if (scope == NULL) {
            return link_fail_memory(l);
        }
        if (l->depth > 0) {
            memcpy(scope, l->scope, l->depth * sizeof *scope);
        }
        l->scope = scope;
        l->room = room;
    }
    if (l->depth == SCOPE_MAX) {
        return link_fail(l, FAULT_NOWHERE, CXD_TOO_DEEP, "too many variables");
    }
    name->slot = l->depth;
    l->scope[l->depth++] = *name;
    if (l->depth > l->result->locals) {
        l->result->locals = l->depth;
    }
    return true;
}

static const struct node_name *scope_find(const struct linker *l, const char *text, size_t len)
{
    for (uint32_t i = l->depth; i-- > 0;) {
        if (l->scope[i].len == len && memcmp(l->scope[i].text, text, len) == 0) {
            return &l->scope[i];
        }
    }
    return NULL;
}

/* The dotted name that a chain of plain selections spells. 0: it is none, or begins with a variable of a macro. */
size_t link_chain_name(const struct linker *l, const struct node *node, char *out, bool *absolute)
{
    size_t len;

    if (node->kind == NODE_IDENT) {
        *absolute = (node->flags & NODE_ABSOLUTE) != 0;
        if ((!*absolute && scope_find(l, node->ident.text, node->ident.len) != NULL) ||
            node->ident.len >= LINK_NAME_MAX) {
            return 0;
        }
        memcpy(out, node->ident.text, node->ident.len);
        return node->ident.len;
    }
    if (node->kind != NODE_SELECT || node->flags != 0) {
        return 0;
    }
    len = link_chain_name(l, node->select.operand, out, absolute);
    if (len == 0 || len + 1 + node->select.key.len >= LINK_NAME_MAX) {
        return 0;
    }
    out[len++] = '.';
    memcpy(out + len, node->select.key.text, node->select.key.len);
    return len + node->select.key.len;
}

static bool global_find(const struct linker *l, const char *name, size_t len, uint32_t *ret_slot)
{
    for (size_t i = 0; i < l->env->name_count; i++) {
        if (strlen(l->env->names[i]) == len && memcmp(l->env->names[i], name, len) == 0) {
            *ret_slot = (uint32_t)i;
            return true;
        }
    }
    return false;
}

/* Offers name with each prefix of the container, the longest first, until one is taken. */
bool link_name_each(struct linker *l, const char *name, size_t len, bool absolute,
                    link_name_fn take, void *ctx)
{
    const char *container = l->env->container;
    size_t prefix = container != NULL && !absolute ? strlen(container) : 0;
    char full[2 * LINK_NAME_MAX];

    while (prefix > 0 && prefix < LINK_NAME_MAX) {
        memcpy(full, container, prefix);
        full[prefix] = '.';
        memcpy(full + prefix + 1, name, len);
        if (take(l, full, prefix + 1 + len, ctx)) {
            return true;
        }
        while (prefix > 0 && container[prefix - 1] != '.') {
            prefix--;
        }
        prefix -= prefix > 0 ? 1 : 0;
    }
    return take(l, name, len, ctx);
}

/* Makes the node a variable or a type of that name. */
static bool take_name(struct linker *l, const char *name, size_t len, void *ctx)
{
    struct node *node = ctx;
    const struct value_type *type;
    uint32_t slot = 0;

    if (global_find(l, name, len, &slot)) {
        node->kind = NODE_IDENT;
        node->ident =
            (struct node_name){.text = l->env->names[slot], .len = (uint32_t)len, .slot = slot};
        node->eval = eval_global;
        return true;
    }
    type = value_type_find(name, len);
    if (type == NULL) {
        return false;
    }
    node->kind = NODE_LITERAL;
    node->literal = value_of_type(type);
    node->eval = eval_literal;
    return true;
}

static bool take_chain(struct linker *l, struct node *node)
{
    char name[LINK_NAME_MAX];
    bool absolute = false;
    size_t len = link_chain_name(l, node, name, &absolute);

    return len > 0 && link_name_each(l, name, len, absolute, take_name, node);
}

static bool settle_ident(struct linker *l, struct node *node)
{
    const struct node_name *local = (node->flags & NODE_ABSOLUTE) == 0
                                        ? scope_find(l, node->ident.text, node->ident.len)
                                        : NULL;

    if (local != NULL) {
        node->ident.slot = local->slot;
        node->eval = eval_local;
        return true;
    }
    if (take_chain(l, node)) {
        return true;
    }
    if ((l->env->flags & ENV_STRICT) != 0) {
        return link_fail_name(l, node->at, "undeclared name", node->ident.text, node->ident.len);
    }
    node->eval = eval_unknown_name;
    return true;
}

static bool settle_select(struct linker *l, struct node *node)
{
    if (node->kind == NODE_SELECT && take_chain(l, node)) {
        return true;
    }
    node->eval = node->kind == NODE_TEST ? eval_test : eval_select;
    return link_settle(l, node->select.operand);
}

static bool is_literal_list(const struct node *node)
{
    for (uint32_t i = 0; i < node->list.count; i++) {
        if (node->list.items[i]->kind != NODE_LITERAL) {
            return false;
        }
    }
    return node->kind == NODE_LIST && node->list.optional == NULL;
}

/* A list of literals is a literal. */
static bool list_fold(struct linker *l, struct node *node)
{
    uint32_t count = node->list.count;
    struct value *items = pool_array(l->pool, count, sizeof *items);

    if (items == NULL) {
        return link_fail_memory(l);
    }
    for (uint32_t i = 0; i < count; i++) {
        items[i] = node->list.items[i]->literal;
    }
    node->kind = NODE_LITERAL;
    node->literal = value_list(items, count);
    node->eval = eval_literal;
    return true;
}

static bool settle_items(struct linker *l, struct node *node)
{
    static const node_eval_fn evals[] = {
        [NODE_AND] = eval_and, [NODE_OR] = eval_or, [NODE_LIST] = eval_list, [NODE_MAP] = eval_map};

    node->eval = evals[node->kind];
    for (uint32_t i = 0; i < node->list.count; i++) {
        if (!link_settle(l, node->list.items[i])) {
            return false;
        }
    }
    return is_literal_list(node) ? list_fold(l, node) : true;
}

static bool settle_loop(struct linker *l, struct node *node)
{
    struct node_loop *loop = node->loop;
    uint32_t depth = l->depth;
    uint32_t before;
    bool ok;

    node->eval = eval_loop[loop->kind];
    if (!link_settle(l, loop->range)) {
        return false;
    }
    before = l->result->nodes;
    ok = scope_push(l, &loop->first) &&
         (loop->second.text == NULL || scope_push(l, &loop->second)) &&
         (loop->filter == NULL || link_settle(l, loop->filter)) &&
         (loop->body == NULL || link_settle(l, loop->body));
    loop->weight = 1 + l->result->nodes - before;
    l->depth = depth;
    return ok;
}

static bool settle_bind(struct linker *l, struct node *node)
{
    struct node_bind *bind = node->bind;
    uint32_t depth = l->depth;
    bool ok;

    node->eval = eval_bind;
    ok = link_settle(l, bind->value) && scope_push(l, &bind->name) && link_settle(l, bind->body);
    l->depth = depth;
    return ok;
}

/* May the node be evaluated now? Long texts are left alone: folding chains of them would copy again and again. */
static bool is_foldable(const struct node *node)
{
    const struct node *left = node->pair.left;
    const struct node *right = node->pair.right;

    switch (node->kind) {
    case NODE_NOT:
    case NODE_NEGATE:
        return left->kind == NODE_LITERAL;
    case NODE_BINARY:
        return left->kind == NODE_LITERAL && right->kind == NODE_LITERAL &&
               !value_is(left->literal, FOLD_LONG) && !value_is(right->literal, FOLD_LONG);
    case NODE_CALL:
        return node->call.count == 1 && node->call.candidates != NULL &&
               node->call.args[0]->kind == NODE_LITERAL &&
               (node->call.candidates[0]->flags & FUNCTION_PURE) != 0;
    default:
        return false;
    }
}

/* A node of literals becomes one, unless it is an error: that must wait until it is evaluated. */
static void fold(struct linker *l, struct node *node)
{
    struct run run = {.pool = l->pool, .cost_left = 1000};
    struct value v;

    if (!is_foldable(node)) {
        return;
    }
    v = node->eval(&run, node);
    if (!value_is_error(v)) {
        node->kind = NODE_LITERAL;
        node->literal = v;
        node->eval = eval_literal;
    }
}

static bool settle_kind(struct linker *l, struct node *node)
{
    switch (node->kind) {
    case NODE_LITERAL:
        node->eval = eval_literal;
        return true;
    case NODE_IDENT:
        return settle_ident(l, node);
    case NODE_SELECT:
    case NODE_TEST:
        return settle_select(l, node);
    case NODE_INDEX:
        node->eval = eval_index;
        return link_settle(l, node->pair.left) && link_settle(l, node->pair.right);
    case NODE_NOT:
    case NODE_NEGATE:
        node->eval = node->kind == NODE_NOT ? eval_not : eval_negate;
        return link_settle(l, node->pair.left);
    case NODE_BINARY:
        node->eval = eval_binary[node->pair.op];
        return link_settle(l, node->pair.left) && link_settle(l, node->pair.right);
    case NODE_CONDITION:
        node->eval = eval_condition;
        return link_settle(l, node->condition.test) && link_settle(l, node->condition.yes) &&
               link_settle(l, node->condition.no);
    case NODE_CALL:
        return link_settle_call(l, node);
    case NODE_LOOP:
        return settle_loop(l, node);
    case NODE_BIND:
        return settle_bind(l, node);
    default:
        return settle_items(l, node);
    }
}

bool link_settle(struct linker *l, struct node *node)
{
    l->result->nodes++;
    if (!settle_kind(l, node)) {
        return false;
    }
    fold(l, node);
    return true;
}

bool link_tree(struct pool *pool, const struct env *env, struct node *tree,
               struct link_result *result)
{
    struct linker l = {.pool = pool, .env = env, .result = result};

    *result = (struct link_result){0};
    return link_settle(&l, tree);
}
