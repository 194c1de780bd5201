/*
 * run.h: one evaluation. It holds the values of variables, the pool that results live in, and what is left of the budget.
 *
 * Every function of the language and its libraries takes a run and gives a value; a failure is a value too (run_fail).
 * Limits: `cost_left` counts steps (about a node evaluated, or 16 bytes or one element moved); at zero the evaluation ends
 * with a fatal fault. The pool's limit bounds memory. Depth is bounded when a program is compiled, and by RUN_DEPTH_MAX for
 * the nesting of values.
 */
#pragma once

#include "fault.h"
#include "pool.h"
#include "sink.h"
#include "value.h"

struct program;
struct services;

#define RUN_DEPTH_MAX 256 /* nesting of a value that is compared, written or walked */

struct run {
    struct pool *pool;
    const struct program *program;
    const struct services *services; /* the outer world; may be NULL */
    struct value *locals;            /* bound by macros; numbered when compiled */
    const struct value
        *globals; /* in the order of env.names; kind VALUE_ERROR with no fault: unset */
    int64_t cost_left;
    uint32_t at;    /* where in the source a fault would be */
    uint32_t depth; /* of walks over values */
    const struct fault *fatal;
    struct value now; /* a timestamp */
    const uint32_t
        *order; /* in which the members of the last large map were by name: the next is alike */
    uint32_t order_count;
};

/* A fault with the place of the node being evaluated. The text is copied. */
__attribute__((format(printf, 2, 3))) struct value run_fail(struct run *run, const char *format,
                                                            ...);
/* A fatal fault: no memory or a limit, from the pool's status. Used whenever an allocation gave NULL. */
struct value run_out_of_memory(struct run *run);
struct value run_no_overload(struct run *run);
/* Takes steps from the budget; false: it is used up, and run->fatal is set. */
bool run_spend(struct run *run, uint64_t steps);
/* The fatal fault as a value. */
struct value run_fatal(struct run *run);
/* Down into a value and up again. False: too deep, and run->fatal is set. */
bool run_down(struct run *run);
static inline void run_up(struct run *run)
{
    run->depth--;
}

/* The finished text as a value; charges for it. */
struct value run_text(struct run *run, struct sink *sink);
struct value run_bytes(struct run *run, struct sink *sink);
/* A list of room for count elements, to be filled through the pointer. NULL: refused. */
struct value *run_items(struct run *run, size_t count);
/* An optional with a value; a refusal is an error value. */
struct value run_optional(struct run *run, struct value inner);
static inline struct value run_empty(void)
{
    return (struct value){.kind = VALUE_OPTIONAL, .inner = NULL};
}
