/*
 * macro.c: which calls are macros, by name, receiver and number of arguments. A name alone does not make one: `a.as()` is a
 * call of a method.
 */
#include "macro.h"

#include <stdio.h>

#define BLOCK_MAX 256u

struct macro {
    const char *name;
    uint32_t library; /* 0: always there */
    uint8_t first;    /* arguments behind the receiver: */
    uint8_t last;     /* from first to last */
    uint8_t variables;
    uint8_t kind; /* enum loop_kind or enum bind_kind */
    struct node *(*expand)(struct parser *p, const struct node *call, const struct macro *macro);
};

static bool variable_take(struct parser *p, const struct node *node, struct node_name *ret_name)
{
    if (node->kind != NODE_IDENT || (node->flags & NODE_ABSOLUTE) != 0) {
        (void)parse_fail(p, node->at, CXD_MALFORMED,
                         "the variable of a macro must be a plain name");
        return false;
    }
    *ret_name = node->ident;
    return true;
}

static struct node *loop_node(struct parser *p, const struct node *call, struct node_loop *loop)
{
    struct node *node = parse_node(p, NODE_LOOP, call->at);

    if (node == NULL || !parse_adopt(p, node, loop->range) ||
        (loop->filter != NULL && !parse_adopt(p, node, loop->filter)) ||
        (loop->body != NULL && !parse_adopt(p, node, loop->body))) {
        return NULL;
    }
    node->loop = loop;
    return node;
}

/* receiver.name(variables, [filter,] body) */
static struct node *expand_loop(struct parser *p, const struct node *call,
                                const struct macro *macro)
{
    struct node_loop *loop = pool_zero(p->pool, sizeof *loop);
    struct node **args = call->call.args;
    uint32_t left = call->call.count - 1 - macro->variables;

    if (loop == NULL) {
        return parse_fail_memory(p);
    }
    loop->kind = macro->kind;
    loop->range = args[0];
    if (!variable_take(p, args[1], &loop->first) ||
        (macro->variables == 2 && !variable_take(p, args[2], &loop->second))) {
        return NULL;
    }
    if (macro->variables == 2 && loop->first.len == loop->second.len &&
        memcmp(loop->first.text, loop->second.text, loop->first.len) == 0) {
        return parse_fail(p, args[2]->at, CXD_MALFORMED, "the variables must have different names");
    }
    args += 1 + macro->variables;
    if (left == 2) {
        loop->filter = *args++;
    }
    if (macro->kind == LOOP_FILTER) {
        loop->filter = args[0];
    } else {
        loop->body = args[0];
    }
    return loop_node(p, call, loop);
}

static struct node *bind_node(struct parser *p, const struct node *call, uint32_t kind,
                              struct node_name name, struct node *value, struct node *body)
{
    struct node *node = parse_node(p, NODE_BIND, call->at);
    struct node_bind *bind = pool_zero(p->pool, sizeof *bind);

    if (node == NULL || bind == NULL) {
        return parse_fail_memory(p);
    }
    if (!parse_adopt(p, node, value) || !parse_adopt(p, node, body)) {
        return NULL;
    }
    *bind = (struct node_bind){.kind = kind, .value = value, .body = body, .name = name};
    node->bind = bind;
    return node;
}

/* receiver.name(variable, body) */
static struct node *expand_bind(struct parser *p, const struct node *call,
                                const struct macro *macro)
{
    struct node **args = call->call.args;
    struct node_name name;

    if (!variable_take(p, args[1], &name)) {
        return NULL;
    }
    return bind_node(p, call, macro->kind, name, args[0], args[2]);
}

static struct node *expand_has(struct parser *p, const struct node *call, const struct macro *macro)
{
    const struct node *arg = call->call.args[0];
    struct node *node;

    (void)macro;
    if (arg->kind != NODE_SELECT) {
        return parse_fail(p, arg->at, CXD_MALFORMED, "has() needs a selection such as a.b");
    }
    node = parse_node(p, NODE_TEST, arg->at);
    if (node != NULL) {
        node->depth = arg->depth;
        node->flags = arg->flags;
        node->select = arg->select;
    }
    return node;
}

/* cel.bind(variable, value, body) */
static struct node *expand_cel_bind(struct parser *p, const struct node *call)
{
    struct node **args = call->call.args;
    struct node_name name;

    if (!variable_take(p, args[1], &name)) {
        return NULL;
    }
    return bind_node(p, call, BIND_LAZY, name, args[2], args[3]);
}

/* A made-up name that no source can spell: "@index3", "@it0:1". */
static struct node *made_name(struct parser *p, const struct node *call, const char *prefix)
{
    struct node **args = call->call.args;
    struct node *node;
    char text[80];
    int len = snprintf(text, sizeof text, "%s", prefix);

    for (uint32_t i = 1; i < call->call.count; i++) {
        if (args[i]->kind != NODE_LITERAL || args[i]->literal.kind != VALUE_INT) {
            return parse_fail(p, args[i]->at, CXD_MALFORMED, "expected an int literal");
        }
        len +=
            snprintf(text + len, sizeof text - (size_t)len, ":%lld", (long long)args[i]->literal.i);
    }
    node = parse_node(p, NODE_IDENT, call->at);
    if (node == NULL) {
        return NULL;
    }
    node->ident.text = pool_copy(p->pool, text, (size_t)len);
    node->ident.len = (uint32_t)len;
    return node->ident.text != NULL ? node : parse_fail_memory(p);
}

/* cel.block([e0, e1, ...], body): each element has a name that later ones and the body may use. */
static struct node *expand_block(struct parser *p, const struct node *call)
{
    struct node *slots = call->call.args[1];
    struct node *body = call->call.args[2];

    if (slots->kind != NODE_LIST || slots->list.optional != NULL || slots->list.count > BLOCK_MAX) {
        return parse_fail(p, slots->at, CXD_MALFORMED, "cel.block() needs a list literal");
    }
    for (uint32_t i = slots->list.count; i-- > 0 && body != NULL;) {
        char text[32];
        int len = snprintf(text, sizeof text, "@index:%u", i);
        struct node_name name = {.text = pool_copy(p->pool, text, (size_t)len),
                                 .len = (uint32_t)len};
        if (name.text == NULL) {
            return parse_fail_memory(p);
        }
        body = bind_node(p, call, BIND_LAZY, name, slots->list.items[i], body);
    }
    return body;
}

static bool name_is(struct value name, const char *text)
{
    return value_text_is(name, text);
}

/* cel.something(...) */
static struct node *expand_cel(struct parser *p, const struct node *call)
{
    uint32_t count = call->call.count;
    struct value name = call->call.name;

    if (name_is(name, "bind") && count == 4) {
        return expand_cel_bind(p, call);
    }
    if (name_is(name, "block") && count == 3) {
        return expand_block(p, call);
    }
    if (name_is(name, "index") && count == 2) {
        return made_name(p, call, "@index");
    }
    if (name_is(name, "iterVar") && count == 3) {
        return made_name(p, call, "@it");
    }
    if (name_is(name, "accuVar") && count == 3) {
        return made_name(p, call, "@ac");
    }
    return NULL;
}

static struct node *ident_node(struct parser *p, const struct node *call, struct node_name name)
{
    struct node *node = parse_node(p, NODE_IDENT, call->at);

    if (node != NULL) {
        node->ident = name;
    }
    return node;
}

/* list.sortBy(variable, key): list.as(@list, @sortBy(@list, @list.map(variable, key))) */
static struct node *expand_sort(struct parser *p, const struct node *call,
                                const struct macro *macro)
{
    const struct node_name made = {.text = "@list", .len = 5};
    struct node **args = call->call.args;
    struct node **inner = pool_array(p->pool, 2, sizeof *inner);
    struct node_loop *loop = pool_zero(p->pool, sizeof *loop);
    struct node *sorted = parse_node(p, NODE_CALL, call->at);

    if (inner == NULL || loop == NULL || sorted == NULL) {
        return parse_fail_memory(p);
    }
    loop->kind = macro->kind;
    loop->range = ident_node(p, call, made);
    loop->body = args[2];
    if (loop->range == NULL || !variable_take(p, args[1], &loop->first)) {
        return NULL;
    }
    inner[0] = ident_node(p, call, made);
    inner[1] = loop_node(p, call, loop);
    if (inner[0] == NULL || inner[1] == NULL || !parse_adopt(p, sorted, inner[0]) ||
        !parse_adopt(p, sorted, inner[1])) {
        return NULL;
    }
    sorted->call.name = VALUE_TEXT("@sortBy");
    sorted->call.args = inner;
    sorted->call.count = 2;
    return bind_node(p, call, BIND_AS, made, args[0], sorted);
}

static const struct macro methods[] = {
    {"all", 0, 2, 2, 1, LOOP_ALL, expand_loop},
    {"exists", 0, 2, 2, 1, LOOP_EXISTS, expand_loop},
    {"exists_one", 0, 2, 2, 1, LOOP_EXISTS_ONE, expand_loop},
    {"existsOne", 0, 2, 2, 1, LOOP_EXISTS_ONE, expand_loop},
    {"map", 0, 2, 3, 1, LOOP_MAP, expand_loop},
    {"filter", 0, 2, 2, 1, LOOP_FILTER, expand_loop},
    {"all", ENV_MACROS_TWO, 3, 3, 2, LOOP_ALL, expand_loop},
    {"exists", ENV_MACROS_TWO, 3, 3, 2, LOOP_EXISTS, expand_loop},
    {"exists_one", ENV_MACROS_TWO, 3, 3, 2, LOOP_EXISTS_ONE, expand_loop},
    {"existsOne", ENV_MACROS_TWO, 3, 3, 2, LOOP_EXISTS_ONE, expand_loop},
    {"transformList", ENV_MACROS_TWO, 3, 4, 2, LOOP_TO_LIST, expand_loop},
    {"transformMap", ENV_MACROS_TWO, 3, 4, 2, LOOP_TO_MAP, expand_loop},
    {"transformMapEntry", ENV_MACROS_TWO, 3, 4, 2, LOOP_TO_ENTRIES, expand_loop},
    {"optMap", ENV_OPTIONAL, 2, 2, 1, BIND_MAP, expand_bind},
    {"optFlatMap", ENV_OPTIONAL, 2, 2, 1, BIND_FLAT_MAP, expand_bind},
    {"sortBy", ENV_LISTS, 2, 2, 1, LOOP_MAP, expand_sort},
    {"as", ENV_AGENT, 2, 2, 1, BIND_AS, expand_bind},
};

static const struct macro has_macro = {"has", 0, 1, 1, 0, 0, expand_has};

struct node *macro_expand(struct parser *p, const struct node *call)
{
    uint32_t libraries = p->env->libraries;
    const struct node *receiver = call->call.args != NULL ? call->call.args[0] : NULL;

    if ((call->flags & NODE_METHOD) == 0) {
        return name_is(call->call.name, "has") && call->call.count == 1
                   ? has_macro.expand(p, call, &has_macro)
                   : NULL;
    }
    if ((libraries & ENV_BINDINGS) != 0 && receiver->kind == NODE_IDENT &&
        name_is(value_string(receiver->ident.text, receiver->ident.len), "cel")) {
        return expand_cel(p, call);
    }
    for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++) {
        const struct macro *macro = &methods[i];
        uint32_t count = call->call.count - 1;
        if ((macro->library & ~libraries) == 0 && count >= macro->first && count <= macro->last &&
            name_is(call->call.name, macro->name)) {
            return macro->expand(p, call, macro);
        }
    }
    return NULL;
}
