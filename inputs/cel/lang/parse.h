/*
 * parse.h: tokens to nodes. Recursion and the depth of the tree are bounded, the source's length too.
 */
#pragma once

#include "env.h"
#include "fault.h"
#include "lex.h"
#include "node.h"

#define PARSE_SOURCE_MAX ((size_t)1 << 20) /* bytes */
#define PARSE_NESTING_MAX 250u             /* brackets, calls and the like inside each other */
#define PARSE_DEPTH_MAX 1000u              /* of the tree; chains of operators count as well */

struct parser {
    struct lex lex;
    struct token token; /* the one looked at */
    struct pool *pool;
    const struct env *env;
    uint32_t nesting;
    struct fault problem; /* the first; text NULL: none so far */
};

/* The tree of a whole source, or NULL and parser->problem. */
struct node *parse_source(struct parser *parser, struct cxd_bytes source);

/* For macro.c: remembers the first problem and gives NULL. The text is static. */
struct node *parse_fail(struct parser *parser, uint32_t at, int status, const char *text);
struct node *parse_node(struct parser *parser, enum node_kind kind, uint32_t at);
/* Takes the depth of a child into its parent's. False: too deep. */
bool parse_adopt(struct parser *parser, struct node *parent, const struct node *child);

/* Shared by parse.c and parse_member.c. */

/* Nodes being collected. */
struct parse_items {
    struct node **nodes;
    uint8_t *optional;
    uint32_t count;
    uint32_t room;
    bool any_optional;
};

struct node *parse_expression(struct parser *parser);
struct node *parse_unary(struct parser *parser);
struct node *parse_fail_memory(struct parser *parser);
void parse_advance(struct parser *parser);
bool parse_is_sign(const struct parser *parser, uint32_t sign);
bool parse_accept(struct parser *parser, uint32_t sign);
bool parse_expect(struct parser *parser, uint32_t sign, const char *problem);
/* False when node is NULL (a problem is set then), or with a problem of its own. */
bool parse_items_add(struct parser *parser, struct parse_items *items, struct node *node,
                     bool optional);
struct node *parse_items_node(struct parser *parser, enum node_kind kind, uint32_t at,
                              const struct parse_items *items);
