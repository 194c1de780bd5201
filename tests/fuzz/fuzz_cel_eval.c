/*
 * fuzz_cel_eval.c: any program ends within its limits, and what it comes to can be written as JSON or says why not; a second
 * evaluation comes to the same.
 */
#include "fuzz.h"
#include "lang/arith.h"
#include "lang/program.h"
#include "lang/services.h"
#include "lib/globals.h"
#include "lib/json_text.h"

#include <string.h>

static const char state_text[] =
    "{\"url\":\"https://h.example:1/"
    "p?q=1\",\"n\":3,\"s\":\"text\",\"l\":[1,2,[3]],\"m\":{\"a\":{\"b\":null}}}";

static void sha256(const void *bytes, size_t len, unsigned char out[32])
{
    (void)bytes;
    memset(out, (int)len & 0xff, 32);
}

static const struct services services = {.sha256 = sha256};

static struct value evaluate(const struct program *program, struct run *run,
                             struct value globals[GLOBALS_COUNT])
{
    static const struct program_limits limits = {.cost = 20000, .memory = (size_t)4 << 20};
    struct value v;

    run->now = value_timestamp(1700000000, 5);
    run->cost_left = 100000;
    (void)globals_set(run, globals); /* the pool is large enough */
    globals[GLOBALS_STATE] =
        json_text_read_all(run, (struct cxd_bytes){state_text, sizeof state_text - 1}, 0);
    run->globals = globals;
    run->services = &services;
    v = program_run(program, run, &limits);
    FUZZ_CHECK(v.kind < VALUE_KIND_COUNT);
    FUZZ_CHECK(v.kind != VALUE_ERROR || v.fault->text != NULL);
    return v;
}

static void result_check(const struct program *program, struct run *run, struct value v)
{
    struct sink out = sink_on(run->pool);
    struct value problem;
    char text[300];

    if (value_is_error(v)) {
        program_explain(program, v, text, sizeof text);
        FUZZ_CHECK(text[0] != '\0');
    } else if (run->fatal == NULL && !json_text_put(run, &out, v, &problem)) {
        FUZZ_CHECK(value_is_error(problem));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct value globals[GLOBALS_COUNT];
    struct program *program = NULL;
    struct pool first;
    struct pool second;
    struct run run = {0};
    struct value a;
    struct value b;

    if (size > 4096 || program_compile(&globals_env, (struct cxd_bytes){(const char *)data, size},
                                       &program, NULL) < 0) {
        return 0;
    }
    pool_init(&first, (size_t)4 << 20);
    pool_init(&second, (size_t)4 << 20);
    run.pool = &first;
    a = evaluate(program, &run, globals);
    result_check(program, &run, a);
    run.pool = &second;
    b = evaluate(program, &run, globals);
    FUZZ_CHECK(a.kind == b.kind);
    pool_done(&second);
    pool_done(&first);
    program_free(program);
    return 0;
}
