/*
 * parse.h: what the two halves of the parser share: blocks (parse.c) and pipelines (parse_pipe.c). Private to this folder.
 */
#pragma once

#include "template/func.h"
#include "template/lex.h"

struct parse {
    struct tmpl *tmpl;
    struct lex lex;
    struct lex_token token; /* the one to be looked at */
    struct cxd_error *err;
    struct cxd_bytes names[TEMPLATE_VARIABLES]; /* in scope; number 0 is $ */
    int name_count;
    int depth;
    int loops; /* ranges around */
    int status;
};

/* Sets the failure, once; returns NULL for `return parse_fail(...)`. */
__attribute__((format(printf, 3, 4))) void *parse_fail(struct parse *p, int status,
                                                       const char *format, ...);
void parse_next(struct parse *p);
struct node *parse_node(struct parse *p, enum node_kind kind, uint32_t pos);
/* Declares a variable; its slot, or -1 after parse_fail. */
int parse_declare(struct parse *p, struct cxd_bytes name);
bool parse_is_word(const struct parse *p, const char *word);
/* One level deeper; false after parse_fail. */
bool parse_enter(struct parse *p);

/* parse_constant.c: the constant that the token is. */
struct node *parse_constant(struct parse *p);

/* A pipeline up to `end` (LEX_CLOSE or LEX_RIGHT), which is passed. is_range: two variables are allowed. */
struct node *parse_pipe(struct parse *p, enum lex_kind end, bool is_range);
