/*
 * env.h: what a program may name. Static or owned by whoever compiles; a program borrows it for its whole life.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

enum env_library {
    ENV_OPTIONAL = 1u << 0,   /* optional types */
    ENV_MACROS_TWO = 1u << 1, /* comprehensions with two variables */
    ENV_BINDINGS = 1u << 2,   /* cel.bind, cel.block */
    ENV_STRINGS = 1u << 3,    /* the extension libraries of the language */
    ENV_MATH = 1u << 4,
    ENV_LISTS = 1u << 5,
    ENV_ENCODERS = 1u << 6,
    ENV_NETWORK = 1u << 7,
    ENV_AGENT = 1u << 8 /* the functions that collection programs use: HTTP, JSON, crypto, ... */
};
#define ENV_EXTENSIONS (0x1ffu & ~ENV_AGENT)
#define ENV_ALL 0x1ffu

enum env_flag {
    ENV_STRICT = 1u << 0,   /* unknown names are errors when compiled, not when evaluated */
    ENV_NO_MACROS = 1u << 1 /* macros are calls like others */
};

struct function;

struct env {
    uint32_t libraries;       /* enum env_library */
    uint32_t flags;           /* enum env_flag */
    const char *const *names; /* of variables; may have dots */
    size_t name_count;
    const struct function *const
        *functions;        /* tables, ended by NULL; the first that fits is called */
    const char *container; /* names are looked up in it first; NULL: none */
};
