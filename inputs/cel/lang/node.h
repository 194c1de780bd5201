/*
 * node.h: a program as a tree. Made by parse.c and macro.c, settled by link.c, walked by the eval files. Nodes live in the
 * program's pool and are not changed once it is linked.
 */
#pragma once

#include "run.h"

struct function;
struct node;

typedef struct value (*node_eval_fn)(struct run *run, const struct node *node);

enum node_kind {
    NODE_LITERAL = 0,
    NODE_IDENT,
    NODE_SELECT, /* a.b, a.?b */
    NODE_TEST,   /* has(a.b) */
    NODE_INDEX,  /* a[b], a[?b] */
    NODE_NOT,
    NODE_NEGATE,
    NODE_BINARY,
    NODE_AND,
    NODE_OR,
    NODE_CONDITION,
    NODE_LIST,
    NODE_MAP, /* items are keys and values in turn */
    NODE_CALL,
    NODE_LOOP,
    NODE_BIND
};

enum node_flag {
    NODE_OPTIONAL = 1, /* written with a question mark */
    NODE_ABSOLUTE = 2, /* a name with a dot in front */
    NODE_METHOD = 4    /* a call with a receiver, which is args[0] */
};

enum binary_op {
    BINARY_EQ = 0,
    BINARY_NE,
    BINARY_LT,
    BINARY_LE,
    BINARY_GT,
    BINARY_GE,
    BINARY_IN,
    BINARY_ADD,
    BINARY_SUB,
    BINARY_MUL,
    BINARY_DIV,
    BINARY_MOD,
    BINARY_COUNT
};

enum loop_kind {
    LOOP_ALL = 0,
    LOOP_EXISTS,
    LOOP_EXISTS_ONE,
    LOOP_MAP, /* one value for each element; with a filter: for some */
    LOOP_FILTER,
    LOOP_TO_LIST,
    LOOP_TO_MAP,
    LOOP_TO_ENTRIES,
    LOOP_COUNT
};

enum bind_kind {
    BIND_LAZY = 0, /* cel.bind: an error of the value counts only where it is used */
    BIND_AS,       /* x.as(v, e) */
    BIND_MAP,      /* optMap */
    BIND_FLAT_MAP  /* optFlatMap */
};

struct node_name {
    const char *text;
    uint32_t len;
    uint32_t slot; /* of a local or global variable */
};

struct node_loop {
    uint32_t kind;   /* enum loop_kind */
    uint32_t weight; /* nodes evaluated in one turn: its price */
    struct node *range;
    struct node *filter;     /* may be NULL */
    struct node *body;       /* NULL for LOOP_FILTER */
    struct node_name first;  /* element, or index or key when there is a second */
    struct node_name second; /* value; text NULL: none */
};

struct node_bind {
    uint32_t kind; /* enum bind_kind */
    struct node *value;
    struct node *body;
    struct node_name name;
};

struct node_call {
    struct value name;
    struct node **args;
    uint32_t count;
    const struct function *const *candidates; /* ended by NULL */
};

struct node {
    node_eval_fn eval;
    uint32_t at; /* byte offset in the source, for faults */
    uint16_t depth;
    uint8_t kind;  /* enum node_kind */
    uint8_t flags; /* enum node_flag */
    union {
        struct value literal;
        struct node_name ident;
        struct {
            struct node *operand;
            struct value key; /* a string */
            uint64_t hash;    /* of the key */
        } select;
        struct {
            uint32_t op; /* enum binary_op */
            struct node *left;
            struct node *right;
        } pair; /* BINARY, INDEX, NOT and NEGATE (left) */
        struct {
            struct node *test;
            struct node *yes;
            struct node *no;
        } condition;
        struct {
            struct node **items;
            const uint8_t *optional; /* for each item; NULL: none is */
            uint32_t count;
        } list; /* LIST, MAP, AND, OR */
        struct node_call call;
        struct node_loop *loop;
        struct node_bind *bind;
    };
};
