/*
 * program.h: a compiled program and its evaluation: the face of the language.
 *
 *     struct program *program = NULL;
 *     program_compile(&env, source, &program, &fault_text...)
 *
 * Owner: the caller, until program_free. A program is immutable and may be evaluated by several threads at once, each with
 * its own run and pool. The source is copied; the env is borrowed.
 */
#pragma once

#include "env.h"
#include "run.h"

struct program;

struct program_limits {
    int64_t cost;  /* steps of one evaluation; 0: 50,000,000 */
    size_t memory; /* bytes of one evaluation; 0: 256 MiB */
};

/* 0, or a status and err with line, column and a caret. */
int program_compile(const struct env *env, struct cxd_bytes source, struct program **ret_program,
                    struct cxd_error *err);
void program_free(struct program *program); /* accepts NULL */

/*
 * One evaluation in the run's pool. The caller has set pool, services, globals (one for each name of the env, in its order)
 * and now; the rest is set here. The result lives in the pool; it may be an error.
 */
struct value program_run(const struct program *program, struct run *run,
                         const struct program_limits *limits);
/* The error value of this program as text with line, column and caret. */
void program_explain(const struct program *program, struct value error, char *out, size_t room);
/* Length in nodes: for tests and figures. */
size_t program_size(const struct program *program);
