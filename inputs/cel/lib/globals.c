/* globals.c: names and first values of the variables of a collection program. */
#include "globals.h"

#include "catalog.h"
#include "layout.h"

const char *const globals_names[GLOBALS_COUNT] = {
    [GLOBALS_STATE] = "state",
    [GLOBALS_NOW] = "now",
    [GLOBALS_TIME_LAYOUT] = "time_layout",
    [GLOBALS_USERAGENT] = "useragent",
    [GLOBALS_ENV] = "env",
    [GLOBALS_REMAINING] = "remaining_executions",
    [GLOBALS_DATE_ONLY] = "time_layout.DateOnly",
    [GLOBALS_DATE_TIME] = "time_layout.DateTime",
    [GLOBALS_TIME_ONLY] = "time_layout.TimeOnly",
};

const struct env globals_env = {.libraries = ENV_ALL,
                                .flags = ENV_STRICT,
                                .names = globals_names,
                                .name_count = GLOBALS_COUNT,
                                .functions = catalog_agent};

struct value globals_set(struct run *run, struct value values[GLOBALS_COUNT])
{
    for (size_t i = 0; i < GLOBALS_COUNT; i++) {
        values[i] = value_error(NULL);
    }
    values[GLOBALS_NOW] = run->now;
    values[GLOBALS_TIME_LAYOUT] = layout_names(run);
    values[GLOBALS_DATE_ONLY] = VALUE_TEXT("2006-01-02");
    values[GLOBALS_DATE_TIME] = VALUE_TEXT("2006-01-02 15:04:05");
    values[GLOBALS_TIME_ONLY] = VALUE_TEXT("15:04:05");
    return values[GLOBALS_TIME_LAYOUT];
}
