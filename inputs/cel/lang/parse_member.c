/*
 * parse_member.c: what stands at the ends of operators: literals, names, calls, lists, maps, and the selections, indexes and
 * signs around them. A minus sign directly before a number belongs to the number.
 */
#include "dict.h"
#include "literal.h"
#include "macro.h"
#include "parse.h"

static bool word_is(struct cxd_bytes text, const char *word)
{
    return text.len == strlen(word) && memcmp(text.ptr, word, text.len) == 0;
}

static bool is_optional(struct parser *p)
{
    if (!parse_is_sign(p, '?')) {
        return false;
    }
    if ((p->env->libraries & ENV_OPTIONAL) == 0) {
        (void)parse_fail(p, p->token.at, CXD_MALFORMED, "optional syntax is not enabled");
    }
    parse_advance(p);
    return true;
}

static struct node *parse_list(struct parser *p, uint32_t at)
{
    struct parse_items items = {0};

    while (!parse_is_sign(p, ']')) {
        bool optional = is_optional(p);
        if (!parse_items_add(p, &items, parse_expression(p), optional)) {
            return NULL;
        }
        if (!parse_accept(p, ',')) {
            break;
        }
    }
    return parse_expect(p, ']', "expected ',' or ']'") ? parse_items_node(p, NODE_LIST, at, &items)
                                                       : NULL;
}

static struct node *parse_map(struct parser *p, uint32_t at)
{
    struct parse_items items = {0};

    while (!parse_is_sign(p, '}')) {
        bool optional = is_optional(p);
        if (!parse_items_add(p, &items, parse_expression(p), optional) ||
            !parse_expect(p, ':', "expected ':' after the key") ||
            !parse_items_add(p, &items, parse_expression(p), optional)) {
            return NULL;
        }
        if (!parse_accept(p, ',')) {
            break;
        }
    }
    return parse_expect(p, '}', "expected ',' or '}'") ? parse_items_node(p, NODE_MAP, at, &items)
                                                       : NULL;
}

/* The current token is behind the opening bracket. receiver may be NULL. */
static struct node *parse_call(struct parser *p, struct node *receiver, struct token name,
                               uint8_t flags)
{
    struct parse_items items = {0};
    struct node *call = parse_node(p, NODE_CALL, name.at);
    struct node *expanded;

    if (call == NULL || (receiver != NULL && !parse_items_add(p, &items, receiver, false))) {
        return NULL;
    }
    while (!parse_is_sign(p, ')')) {
        if (!parse_items_add(p, &items, parse_expression(p), false)) {
            return NULL;
        }
        if (!parse_accept(p, ',')) {
            break;
        }
        if (parse_is_sign(p, ')')) {
            return parse_fail(p, p->token.at, CXD_MALFORMED, "expected an argument");
        }
    }
    if (!parse_expect(p, ')', "expected ',' or ')'")) {
        return NULL;
    }
    call->flags = (uint8_t)(flags | (receiver != NULL ? NODE_METHOD : 0));
    call->call.name = value_string(name.text.ptr, name.text.len);
    call->call.args = items.nodes;
    call->call.count = items.count;
    expanded = (p->env->flags & ENV_NO_MACROS) == 0 ? macro_expand(p, call) : NULL;
    if (expanded != NULL || p->problem.text != NULL) {
        return expanded;
    }
    for (uint32_t i = 0; i < items.count; i++) {
        if (!parse_adopt(p, call, items.nodes[i])) {
            return NULL;
        }
    }
    return call;
}

static bool is_reserved(struct cxd_bytes text)
{
    static const char *const words[] = {
        "as",  "break", "const",   "continue",  "else",   "for", "function", "if",    "import",
        "let", "loop",  "package", "namespace", "return", "var", "void",     "while", "in"};

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (word_is(text, words[i])) {
            return true;
        }
    }
    return false;
}

static struct node *parse_name(struct parser *p, uint8_t flags)
{
    struct token name = p->token;
    struct node *node;

    if (name.kind != TOKEN_IDENT || is_reserved(name.text)) {
        return parse_fail(p, name.at, CXD_MALFORMED,
                          name.kind == TOKEN_IDENT ? "reserved word used as a name"
                          : name.kind == TOKEN_END ? "unexpected end of the expression"
                                                   : "expected an expression");
    }
    parse_advance(p);
    if (parse_accept(p, '(')) {
        return parse_call(p, NULL, name, flags);
    }
    node = parse_node(p, NODE_IDENT, name.at);
    if (node != NULL) {
        node->flags = flags;
        node->ident.text = name.text.ptr;
        node->ident.len = (uint32_t)name.text.len;
    }
    return node;
}

static struct node *parse_literal(struct parser *p, bool negative)
{
    struct node *node = parse_node(p, NODE_LITERAL, p->token.at);
    const char *problem = NULL;
    uint32_t at = 0;

    if (node == NULL) {
        return NULL;
    }
    if (!literal_value(p->pool, &p->token, negative, &node->literal, &problem, &at)) {
        return parse_fail(p, at, p->pool->status != 0 ? p->pool->status : CXD_MALFORMED, problem);
    }
    parse_advance(p);
    return node;
}

static struct node *parse_constant(struct parser *p, struct value v)
{
    struct node *node = parse_node(p, NODE_LITERAL, p->token.at);

    if (node != NULL) {
        node->literal = v;
        parse_advance(p);
    }
    return node;
}

static struct node *parse_primary(struct parser *p)
{
    uint32_t at = p->token.at;
    struct node *node;

    if (p->token.kind >= TOKEN_INT && p->token.kind <= TOKEN_BYTES) {
        return parse_literal(p, false);
    }
    if (p->token.kind == TOKEN_IDENT) {
        if (word_is(p->token.text, "true") || word_is(p->token.text, "false")) {
            return parse_constant(p, value_bool(p->token.text.len == 4));
        }
        if (word_is(p->token.text, "null")) {
            return parse_constant(p, value_null());
        }
        return parse_name(p, 0);
    }
    if (parse_accept(p, '.')) {
        return parse_name(p, NODE_ABSOLUTE);
    }
    if (parse_accept(p, '[')) {
        return parse_list(p, at);
    }
    if (parse_accept(p, '{')) {
        return parse_map(p, at);
    }
    if (parse_accept(p, '(')) {
        node = parse_expression(p);
        return node != NULL && parse_expect(p, ')', "expected ')'") ? node : NULL;
    }
    return parse_name(p, 0); /* which says what is wrong */
}

/* Behind the dot. */
static struct node *parse_select(struct parser *p, struct node *operand)
{
    bool optional = is_optional(p);
    struct token name = p->token;
    struct node *node;

    if (name.kind != TOKEN_IDENT && name.kind != TOKEN_QUOTED) {
        return parse_fail(p, name.at, CXD_MALFORMED, "expected a name after '.'");
    }
    parse_advance(p);
    if (name.kind == TOKEN_IDENT && !optional && parse_accept(p, '(')) {
        return parse_call(p, operand, name, 0);
    }
    node = parse_node(p, NODE_SELECT, name.at);
    if (node == NULL || !parse_adopt(p, node, operand)) {
        return NULL;
    }
    node->flags = optional ? NODE_OPTIONAL : 0;
    node->select.operand = operand;
    node->select.key = value_string(name.text.ptr, name.text.len);
    node->select.hash = dict_hash(name.text.ptr, name.text.len);
    return node;
}

/* Behind the bracket. */
static struct node *parse_index(struct parser *p, struct node *operand, uint32_t at)
{
    bool optional = is_optional(p);
    struct node *index = parse_expression(p);
    struct node *node = index != NULL ? parse_node(p, NODE_INDEX, at) : NULL;

    if (node == NULL || !parse_expect(p, ']', "expected ']'") || !parse_adopt(p, node, operand) ||
        !parse_adopt(p, node, index)) {
        return NULL;
    }
    node->flags = optional ? NODE_OPTIONAL : 0;
    node->pair.left = operand;
    node->pair.right = index;
    return node;
}

static struct node *parse_suffixes(struct parser *p, struct node *node)
{
    while (node != NULL && p->problem.text == NULL) {
        uint32_t at = p->token.at;
        if (parse_accept(p, '.')) {
            node = parse_select(p, node);
        } else if (parse_accept(p, '[')) {
            node = parse_index(p, node, at);
        } else if (parse_is_sign(p, '{') &&
                   (node->kind == NODE_IDENT || node->kind == NODE_SELECT)) {
            return parse_fail(p, at, CXD_UNSUPPORTED, "message types are not supported");
        } else {
            return node;
        }
    }
    return NULL;
}

struct node *parse_unary(struct parser *p)
{
    uint32_t at = p->token.at;
    uint32_t sign = p->token.kind == TOKEN_SIGN ? p->token.sign : 0;
    struct node *operand = NULL;
    struct node *node;
    size_t count = 0;

    for (; (sign == '!' || sign == '-') && parse_is_sign(p, sign); count++) {
        parse_advance(p);
        if (sign == '-' && p->token.kind >= TOKEN_INT && p->token.kind <= TOKEN_DOUBLE) {
            operand = parse_literal(p, true); /* this minus is the number's */
            break;
        }
    }
    operand = parse_suffixes(p, operand != NULL ? operand : parse_primary(p));
    if (operand == NULL || count % 2 == 0) { /* a pair of signs is none */
        return operand;
    }
    node = parse_node(p, sign == '!' ? NODE_NOT : NODE_NEGATE, at);
    if (node == NULL || !parse_adopt(p, node, operand)) {
        return NULL;
    }
    node->pair.left = operand;
    return node;
}
