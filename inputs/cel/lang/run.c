/* run.c: faults and budget of an evaluation. */
#include "run.h"

#include <stdarg.h>
#include <stdio.h>

#define TEXT_MAX 1024

static const struct fault no_memory = {"out of memory", FAULT_NOWHERE, 1, CXD_NOMEM};
static const struct fault too_large = {"the evaluation needs more memory than its limit",
                                       FAULT_NOWHERE, 1, CXD_TOO_LARGE};
static const struct fault too_costly = {"the evaluation takes more steps than its limit",
                                        FAULT_NOWHERE, 1, CXD_TIMEOUT};
static const struct fault too_deep = {"a value is nested deeper than the limit", FAULT_NOWHERE, 1,
                                      CXD_TOO_DEEP};

static struct value fatal(struct run *run, const struct fault *fault)
{
    if (run->fatal == NULL) {
        struct fault *copy = pool_alloc(run->pool, sizeof *copy);
        run->fatal = fault;
        if (copy != NULL) { /* with a place, if there is room for that */
            *copy = *fault;
            copy->at = run->at;
            run->fatal = copy;
        }
    }
    return value_error(run->fatal);
}

struct value run_fail(struct run *run, const char *format, ...)
{
    char text[TEXT_MAX];
    struct fault *fault;
    va_list args;
    int len;

    va_start(args, format);
    len = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    len = len < 0 ? 0 : len < TEXT_MAX ? len : TEXT_MAX - 1;
    fault = pool_alloc(run->pool, sizeof *fault);
    if (fault == NULL) {
        return run_out_of_memory(run);
    }
    *fault = (struct fault){
        .text = pool_copy(run->pool, text, (size_t)len), .at = run->at, .status = CXD_MALFORMED};
    return fault->text != NULL ? value_error(fault) : run_out_of_memory(run);
}

struct value run_out_of_memory(struct run *run)
{
    return fatal(run, run->pool->status == CXD_TOO_LARGE ? &too_large : &no_memory);
}

struct value run_no_overload(struct run *run)
{
    return run_fail(run, "no such overload");
}

bool run_spend(struct run *run, uint64_t steps)
{
    if (steps > (uint64_t)INT64_MAX / 2) {
        steps = (uint64_t)INT64_MAX / 2;
    }
    run->cost_left -= (int64_t)steps;
    if (run->cost_left < 0) {
        run->cost_left = 0;
        (void)fatal(run, &too_costly);
        return false;
    }
    return run->fatal == NULL;
}

struct value run_fatal(struct run *run)
{
    return value_error(run->fatal);
}

bool run_down(struct run *run)
{
    if (run->depth >= RUN_DEPTH_MAX) {
        (void)fatal(run, &too_deep);
        return false;
    }
    run->depth++;
    return true;
}

static struct value text_end(struct run *run, struct sink *sink, uint32_t kind)
{
    if (sink->failed) {
        return run_out_of_memory(run);
    }
    if (!run_spend(run, 1 + sink->len / 16)) {
        return run_fatal(run);
    }
    struct value v = value_string(sink->text != NULL ? sink->text : "", sink->len);

    v.kind = kind;
    return v;
}

struct value run_text(struct run *run, struct sink *sink)
{
    return text_end(run, sink, VALUE_STRING);
}

struct value run_bytes(struct run *run, struct sink *sink)
{
    return text_end(run, sink, VALUE_BYTES);
}

struct value *run_items(struct run *run, size_t count)
{
    if (count > UINT32_MAX) {
        run->pool->status = CXD_TOO_LARGE;
        (void)run_out_of_memory(run);
        return NULL;
    }
    if (!run_spend(run, 1 + count)) {
        return NULL;
    }
    struct value *items = pool_array(run->pool, count, sizeof *items);

    if (items == NULL) {
        (void)run_out_of_memory(run);
    }
    return items;
}

struct value run_optional(struct run *run, struct value inner)
{
    struct value *copy = pool_alloc(run->pool, sizeof *copy);

    if (copy == NULL) {
        return run_out_of_memory(run);
    }
    *copy = inner;
    return (struct value){.kind = VALUE_OPTIONAL, .inner = copy};
}
