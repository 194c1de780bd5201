/* program.c: compile once, evaluate often. */
#include "program.h"

#include "eval.h"
#include "link.h"
#include "parse.h"

#include <stdlib.h>

#define PROGRAM_MEMORY ((size_t)128 << 20) /* of one compiled program */
#define COST_DEFAULT 50000000
#define MEMORY_DEFAULT ((size_t)256 << 20)

struct program {
    struct pool pool;
    struct cxd_bytes source;
    struct node *tree;
    uint32_t locals;
    uint32_t nodes;
};

static int explain(struct cxd_bytes source, const struct fault *fault, struct cxd_error *err)
{
    char text[400];

    fault_show(source, fault, text, sizeof text);
    return cxd_error_set(err, fault->status, "%s", text);
}

static int compile(struct program *program, const struct env *env, struct cxd_bytes source,
                   struct cxd_error *err)
{
    struct parser parser = {.pool = &program->pool, .env = env};
    struct link_result linked;
    char *copy;

    if (source.len > PARSE_SOURCE_MAX) {
        return cxd_error_set(err, CXD_TOO_LARGE, "the program is larger than %zu bytes",
                             PARSE_SOURCE_MAX);
    }
    copy = pool_copy(&program->pool, source.ptr, source.len);
    if (copy == NULL) {
        return cxd_error_set(err, CXD_NOMEM, "out of memory");
    }
    program->source = (struct cxd_bytes){copy, source.len};
    program->tree = parse_source(&parser, program->source);
    if (program->tree == NULL) {
        return explain(program->source, &parser.problem, err);
    }
    if (!link_tree(&program->pool, env, program->tree, &linked)) {
        return explain(program->source, &linked.problem, err);
    }
    program->locals = linked.locals;
    program->nodes = linked.nodes;
    return 0;
}

int program_compile(const struct env *env, struct cxd_bytes source, struct program **ret_program,
                    struct cxd_error *err)
{
    struct program *program = calloc(1, sizeof *program);
    int status;

    if (program == NULL) {
        return cxd_error_set(err, CXD_NOMEM, "out of memory");
    }
    pool_init(&program->pool, PROGRAM_MEMORY);
    status = compile(program, env, source, err);
    if (status < 0) {
        program_free(program);
        return status;
    }
    *ret_program = program;
    return 0;
}

void program_free(struct program *program)
{
    if (program != NULL) {
        pool_done(&program->pool);
        free(program);
    }
}

struct value program_run(const struct program *program, struct run *run,
                         const struct program_limits *limits)
{
    run->program = program;
    run->fatal = NULL;
    run->at = 0;
    run->order = NULL; /* it may lie in memory that was given back */
    run->order_count = 0;
    run->depth = 0;
    run->cost_left = limits != NULL && limits->cost > 0 ? limits->cost : COST_DEFAULT;
    run->pool->limit = limits != NULL && limits->memory > 0 ? limits->memory : MEMORY_DEFAULT;
    run->locals = NULL;
    if (program->locals > 0) {
        run->locals = pool_array(run->pool, program->locals, sizeof *run->locals);
        if (run->locals == NULL) {
            return run_out_of_memory(run);
        }
    }
    if (!run_spend(run, program->nodes)) {
        return run_fatal(run);
    }
    return eval(run, program->tree);
}

void program_explain(const struct program *program, struct value error, char *out, size_t room)
{
    fault_show(program->source, error.fault, out, room);
}

size_t program_size(const struct program *program)
{
    return program->nodes;
}
