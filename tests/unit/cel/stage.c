/* stage.c: programs of tests run with the variables of collection programs. */
#include "stage.h"

#include "lib/globals.h"
#include "lib/json_text.h"

#include <string.h>

void stage_play(struct stage *stage, const char *source, const struct services *services,
                const struct program_limits *limits)
{
    *stage = (struct stage){.err = CXD_ERROR_INIT};
    pool_init(&stage->pool, (size_t)64 << 20);
    stage->result = value_null();
    stage->run = (struct run){.pool = &stage->pool,
                              .services = services,
                              .globals = stage->globals,
                              .now = value_timestamp(1700000000, 0)};
    if (program_compile(&globals_env, (struct cxd_bytes){source, strlen(source)}, &stage->program,
                        &stage->err) < 0) {
        return;
    }
    stage->result = globals_set(&stage->run, stage->globals);
    if (!value_is_error(stage->result)) {
        stage->result = program_run(stage->program, &stage->run, limits);
    }
    if (value_is_error(stage->result)) {
        program_explain(stage->program, stage->result, stage->text, sizeof stage->text);
    }
}

void stage_done(struct stage *stage)
{
    program_free(stage->program);
    pool_done(&stage->pool);
}

const char *stage_json(struct stage *stage)
{
    struct sink out = sink_on(&stage->pool);
    struct value problem;

    if (value_is_error(stage->result) ||
        !json_text_put(&stage->run, &out, stage->result, &problem)) {
        return NULL;
    }
    sink_char(&out, '\0');
    return out.text;
}
