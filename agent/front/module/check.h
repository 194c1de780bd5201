/* check.h: the steps of `cortexd check-module`, run in a child so that the module may crash or hang. */
#pragma once

#include "cxd/module.h"

#define CHECK_STEP_MAX 16

struct check_order {
    const char *path;
    const char *name; /* of the one module that options and events are for; NULL: all */
    const char *options;
    const char *events;
    const char *expect;
    int64_t limit_ms;
    unsigned polls;
    int has_documents; /* print them */
    char *step;        /* shared with the parent: what is being done, CHECK_STEP_MAX bytes */
};

/* All steps, a line each on standard output. 1: every one was good. */
int check_steps(const struct check_order *order);
/* "ok       load       text"; verdict: ok, skipped, failed. */
__attribute__((format(printf, 3, 4))) void check_say(const char *verdict, const char *step,
                                                     const char *format, ...);
/* `cortexd check-module --try load FILE` and `--try open FILE KIND NAME`, options as BSON on standard input: what gate/probe.h
 * starts. Exit code. */
int check_try(int argc, char **argv);
