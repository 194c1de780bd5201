/*
 * globals.h: the variables of a collection program. The three layouts that came later than the map time_layout are variables
 * with a dot, so that the map stays what it was.
 */
#pragma once

#include "../lang/env.h"
#include "../lang/run.h"

enum globals_index {
    GLOBALS_STATE = 0,
    GLOBALS_NOW,
    GLOBALS_TIME_LAYOUT,
    GLOBALS_USERAGENT,
    GLOBALS_ENV,
    GLOBALS_REMAINING, /* remaining_executions */
    GLOBALS_DATE_ONLY,
    GLOBALS_DATE_TIME,
    GLOBALS_TIME_ONLY,
    GLOBALS_COUNT
};

extern const char *const globals_names[GLOBALS_COUNT];

/* All libraries, these variables, unknown names refused when compiled. */
extern const struct env globals_env;

/* Every variable without a value, but for now (the run's) and the layouts. An error value: no memory. */
struct value globals_set(struct run *run, struct value values[GLOBALS_COUNT]);
