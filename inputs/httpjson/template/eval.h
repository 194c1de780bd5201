/*
 * eval.h: one run of a template. Private to this folder.
 */
#pragma once

#include "template/func.h"

#define EVAL_DEPTH (2 * TEMPLATE_DEPTH) /* of bodies and pipelines inside each other */

struct eval {
    const struct tmpl *tmpl;
    const struct template_run *run;
    struct template_limits limits;
    struct text *out;
    size_t out_start; /* length of out before the run */
    struct cxd_error *err;
    struct value variables[TEMPLATE_VARIABLES];
    struct value dot;
    uint64_t steps;
    int64_t deadline_ms;
    uint32_t pos; /* of the node under way, for messages */
    int depth;
    int status;
};

/* Sets the failure, once; returns false. */
__attribute__((format(printf, 3, 4))) bool eval_fail(struct eval *e, int status, const char *format,
                                                     ...);
/* Counts work; false when a limit is reached. */
bool eval_step(struct eval *e, uint64_t steps);
/* False, with the failure set, when a region has run dry. */
bool eval_check_memory(struct eval *e);

/* term.c: a pipeline's value; its variables are set. */
bool eval_pipe(struct eval *e, const struct node *pipe, struct value *ret);
/* field.c: one step of a chain: member or method. args may be empty; has_args: a call was meant. */
bool eval_field(struct eval *e, const struct value *of, struct cxd_bytes name,
                const struct value *args, size_t count, struct value *ret);
/* method.c: false: no such method (nothing is set). */
bool method_find(const struct value *of, struct cxd_bytes name, const struct func **ret);
/* Calls with arguments checked against the row. `self` of a method is args[0]. */
bool eval_call(struct eval *e, const struct func *func, const struct value *args, size_t count,
               struct value *ret);
