/*
 * function.h: functions as tables. A library is an array of rows that ends with one whose name is NULL; it may have several
 * rows of one name, told apart by form, number of arguments and kind of the first.
 */
#pragma once

#include "run.h"

enum function_flag {
    FUNCTION_FREE = 1,   /* f(x, ...) */
    FUNCTION_METHOD = 2, /* x.f(...) */
    FUNCTION_BOTH = 3,
    FUNCTION_ERRORS = 4, /* is given errors as arguments; others never see one */
    FUNCTION_PURE =
        8 /* cheap and always the same: with literals as arguments it becomes one when linked */
};

struct function {
    const char *name; /* with dots when it is in a namespace: "math.abs" */
    uint8_t flags;    /* enum function_flag */
    uint8_t least;    /* arguments, the receiver included */
    uint8_t most;
    uint32_t first; /* VALUE_MASKs of the first argument; 0: any */
    struct value (*call)(struct run *run, const struct value *args, uint32_t count);
};

/* The standard functions of the language. */
extern const struct function standard_functions[];
extern const struct function standard_time_functions[];
extern const struct function optional_functions[];
