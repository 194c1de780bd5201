/*
 * outcome.h: what an evaluation came to, taken apart: events, cursors, more to come, and what the program tells of the server.
 * Pure; values live in the pool of the evaluation.
 */
#pragma once

#include "lang/dict.h"
#include "lang/run.h"

enum outcome_cursors { OUTCOME_NO_CURSOR, OUTCOME_ONE_CURSOR, OUTCOME_CURSOR_EACH };

struct outcome {
    const struct dict *result;
    const struct value *events; /* maps */
    uint32_t event_count;
    enum outcome_cursors cursor_kind;
    const struct value *cursors; /* one, or as many as events */
    bool wants_more;
    const struct dict
        *failure; /* `error` of an events member that is no list: what the program reports */
    const char *complaint; /* something that is not as it should be; static; NULL: nothing */
    const struct dict *rate_limit; /* or NULL */
    const struct dict *header;     /* or NULL */
    int64_t status_code;           /* 0: not told */
};

/* CXD_MALFORMED with a line for a person: there is nothing in it that can be used. */
int outcome_read(struct value v, struct outcome *ret, struct cxd_error *err);
/* Is this a member of a result that is not a part of the next state? */
bool outcome_is_spent(struct value key);
/* A number, or HUGE_VAL for "inf"; false: neither, or absent. */
bool outcome_number(const struct dict *dict, const char *name, double *ret);
/* The first text of a header, case ignored; {NULL,0}: none. */
struct cxd_bytes outcome_header(const struct dict *header, const char *name);
