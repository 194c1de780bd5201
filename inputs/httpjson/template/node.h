/*
 * node.h: a template as a tree of nodes. Private to this folder. Nodes live in the template's region.
 */
#pragma once

#include "template/template.h"

enum node_kind {
    NODE_TEXT,
    NODE_ACTION,
    NODE_IF,
    NODE_WITH,
    NODE_RANGE,
    NODE_BREAK,
    NODE_CONTINUE,
    NODE_INVOKE, /* another template by name */
    NODE_PIPE,
    NODE_COMMAND,
    NODE_FIELD,
    NODE_VARIABLE,
    NODE_CHAIN, /* a parenthesised pipeline with fields behind it */
    NODE_DOT,
    NODE_NIL,
    NODE_CONSTANT,
    NODE_FUNCTION
};

struct func;

struct node {
    struct node *next;  /* of a body, of a pipe's commands, of a command's words */
    struct node *first; /* body, commands, words, the pipe of a chain */
    struct node *other; /* else */
    struct node
        *pipe; /* what an action, if, with, range or invoke evaluates; NULL for a bare invoke */
    struct cxd_bytes
        text; /* literal text; name of an invoked template or of a word, for messages */
    const struct cxd_bytes *names; /* fields */
    const struct func *func;
    struct value constant;
    uint32_t pos;        /* byte in the source */
    uint32_t name_count; /* fields */
    uint16_t slots[2];   /* variables that a pipe sets, or that a variable reads */
    uint8_t slot_count;
    bool is_assignment; /* = instead of := */
    uint8_t kind;       /* enum node_kind */
};

/* A body with a name: [[define "x"]]. */
struct node_define {
    struct node_define *next;
    struct cxd_bytes name;
    struct node *body;
};

struct tmpl {
    struct heap heap;
    struct region region;
    struct cxd_bytes source;
    struct node *body;
    struct node_define *defines;
};

/* parse.c. Fills t->body and t->defines from t->source. */
int parse_template(struct tmpl *t, struct cxd_error *err);
/* "template: LINE:COLUMN: " with a byte of the source. */
void parse_place(struct cxd_bytes source, uint32_t pos, char out[48]);
