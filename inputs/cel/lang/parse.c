/*
 * parse.c: operators by precedence climbing. A chain of && or || is one node of many items, so that it may be long.
 */
#include "parse.h"

#include "utf8.h"

#define ITEMS_MAX 65535u

struct node *parse_fail(struct parser *p, uint32_t at, int status, const char *text)
{
    if (p->problem.text == NULL) {
        p->problem = (struct fault){.text = text, .at = at, .status = status};
    }
    return NULL;
}

struct node *parse_fail_memory(struct parser *p)
{
    return parse_fail(p, FAULT_NOWHERE, p->pool->status != 0 ? p->pool->status : CXD_NOMEM,
                      p->pool->status == CXD_TOO_LARGE ? "the program is too large"
                                                       : "out of memory");
}

struct node *parse_node(struct parser *p, enum node_kind kind, uint32_t at)
{
    struct node *node = pool_zero(p->pool, sizeof *node);

    if (node == NULL) {
        return parse_fail_memory(p);
    }
    node->kind = (uint8_t)kind;
    node->at = at;
    node->depth = 1;
    return node;
}

bool parse_adopt(struct parser *p, struct node *parent, const struct node *child)
{
    if (child->depth >= PARSE_DEPTH_MAX) {
        (void)parse_fail(p, child->at, CXD_TOO_DEEP, "the expression is nested too deep");
        return false;
    }
    if (child->depth >= parent->depth) {
        parent->depth = (uint16_t)(child->depth + 1);
    }
    return true;
}

void parse_advance(struct parser *p)
{
    p->token = lex_next(&p->lex);
    if (p->token.kind == TOKEN_BAD) {
        (void)parse_fail(p, p->token.at, CXD_MALFORMED, p->lex.problem);
    }
}

bool parse_is_sign(const struct parser *p, uint32_t sign)
{
    return p->token.kind == TOKEN_SIGN && p->token.sign == sign;
}

bool parse_accept(struct parser *p, uint32_t sign)
{
    if (!parse_is_sign(p, sign)) {
        return false;
    }
    parse_advance(p);
    return true;
}

bool parse_expect(struct parser *p, uint32_t sign, const char *problem)
{
    if (!parse_accept(p, sign)) {
        (void)parse_fail(p, p->token.at, CXD_MALFORMED, problem);
    }
    return p->problem.text == NULL;
}

bool parse_items_add(struct parser *p, struct parse_items *items, struct node *node, bool optional)
{
    if (node == NULL) {
        return false;
    }
    if (items->count == items->room) {
        uint32_t room = items->room == 0 ? 4 : items->room * 2;
        struct node **nodes = pool_array(p->pool, room, sizeof(struct node *));
        uint8_t *flags = pool_alloc(p->pool, room);
        if (nodes == NULL || flags == NULL) {
            return parse_fail_memory(p) != NULL;
        }
        if (items->count > 0) {
            memcpy(nodes, items->nodes, items->count * sizeof(struct node *));
            memcpy(flags, items->optional, items->count);
        }
        items->nodes = nodes;
        items->optional = flags;
        items->room = room;
    }
    if (items->count == ITEMS_MAX) {
        return parse_fail(p, node->at, CXD_TOO_LARGE, "too many elements") != NULL;
    }
    items->optional[items->count] = optional;
    items->nodes[items->count++] = node;
    items->any_optional |= optional;
    return true;
}

/* A node of many items. */
struct node *parse_items_node(struct parser *p, enum node_kind kind, uint32_t at,
                              const struct parse_items *items)
{
    struct node *node = parse_node(p, kind, at);

    for (uint32_t i = 0; node != NULL && i < items->count; i++) {
        if (!parse_adopt(p, node, items->nodes[i])) {
            return NULL;
        }
    }
    if (node != NULL) {
        node->list.items = items->nodes;
        node->list.count = items->count;
        node->list.optional = items->any_optional ? items->optional : NULL;
    }
    return node;
}

static const struct {
    uint32_t sign;
    uint32_t op;
    int level; /* how tightly it binds */
} operators[] = {{SIGN_EQ, BINARY_EQ, 1}, {SIGN_NE, BINARY_NE, 1}, {'<', BINARY_LT, 1},
                 {SIGN_LE, BINARY_LE, 1}, {'>', BINARY_GT, 1},     {SIGN_GE, BINARY_GE, 1},
                 {'+', BINARY_ADD, 2},    {'-', BINARY_SUB, 2},    {'*', BINARY_MUL, 3},
                 {'/', BINARY_DIV, 3},    {'%', BINARY_MOD, 3}};

/* The operator at the current token, or -1. */
static int operator_find(const struct parser *p, uint32_t *ret_op)
{
    if (p->token.kind == TOKEN_IDENT && p->token.text.len == 2 &&
        memcmp(p->token.text.ptr, "in", 2) == 0) {
        *ret_op = BINARY_IN;
        return 1;
    }
    for (size_t i = 0; i < sizeof operators / sizeof operators[0]; i++) {
        if (parse_is_sign(p, operators[i].sign)) {
            *ret_op = operators[i].op;
            return operators[i].level;
        }
    }
    return -1;
}

/* Operators that bind at least as tightly as `level`. */
static struct node *parse_binary(struct parser *p, int level)
{
    struct node *left = parse_unary(p);

    while (left != NULL && p->problem.text == NULL) {
        uint32_t op = 0;
        uint32_t at = p->token.at;
        int found = operator_find(p, &op);
        struct node *node;
        struct node *right;
        if (found < level) {
            return left;
        }
        parse_advance(p);
        right = parse_binary(p, found + 1);
        node = right != NULL ? parse_node(p, NODE_BINARY, at) : NULL;
        if (node == NULL || !parse_adopt(p, node, left) || !parse_adopt(p, node, right)) {
            return NULL;
        }
        node->pair.op = op;
        node->pair.left = left;
        node->pair.right = right;
        left = node;
    }
    return p->problem.text == NULL ? left : NULL;
}

/* a && b && ..., or with ||, of which each part is a chain of &&. */
static struct node *parse_chain(struct parser *p, bool is_or)
{
    uint32_t sign = is_or ? SIGN_OR : SIGN_AND;
    struct node *first = is_or ? parse_chain(p, false) : parse_binary(p, 1);
    struct parse_items items = {0};
    uint32_t at = p->token.at;

    if (first == NULL || !parse_is_sign(p, sign)) {
        return first;
    }
    if (!parse_items_add(p, &items, first, false)) {
        return NULL;
    }
    while (parse_accept(p, sign)) {
        struct node *next = is_or ? parse_chain(p, false) : parse_binary(p, 1);
        if (!parse_items_add(p, &items, next, false)) {
            return NULL;
        }
    }
    return parse_items_node(p, is_or ? NODE_OR : NODE_AND, at, &items);
}

static struct node *parse_condition(struct parser *p)
{
    struct node *test = parse_chain(p, true);
    uint32_t at = p->token.at;
    struct node *yes;
    struct node *no;
    struct node *node;

    if (test == NULL || !parse_accept(p, '?')) {
        return test;
    }
    yes = parse_chain(p, true);
    if (yes == NULL || !parse_expect(p, ':', "expected ':' of the condition")) {
        return NULL;
    }
    no = parse_expression(p);
    node = no != NULL ? parse_node(p, NODE_CONDITION, at) : NULL;
    if (node == NULL || !parse_adopt(p, node, test) || !parse_adopt(p, node, yes) ||
        !parse_adopt(p, node, no)) {
        return NULL;
    }
    node->condition.test = test;
    node->condition.yes = yes;
    node->condition.no = no;
    return node;
}

struct node *parse_expression(struct parser *p)
{
    struct node *node;

    if (p->nesting >= PARSE_NESTING_MAX) {
        return parse_fail(p, p->token.at, CXD_TOO_DEEP, "the expression is nested too deep");
    }
    p->nesting++;
    node = parse_condition(p);
    p->nesting--;
    return p->problem.text == NULL ? node : NULL;
}

struct node *parse_source(struct parser *p, struct cxd_bytes source)
{
    struct node *node;

    p->problem = (struct fault){0};
    p->nesting = 0;
    if (source.len > PARSE_SOURCE_MAX) {
        return parse_fail(p, FAULT_NOWHERE, CXD_TOO_LARGE, "the program is too large");
    }
    if (!utf8_is_valid(source)) {
        return parse_fail(p, FAULT_NOWHERE, CXD_MALFORMED, "the program is not UTF-8");
    }
    lex_init(&p->lex, source);
    parse_advance(p);
    node = parse_expression(p);
    if (node != NULL && p->token.kind != TOKEN_END) {
        return parse_fail(p, p->token.at, CXD_MALFORMED, "expected the end of the expression");
    }
    return p->problem.text == NULL ? node : NULL;
}
