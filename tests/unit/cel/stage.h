/* stage.h: evaluates one program for a test. */
#pragma once

#include "lang/program.h"
#include "lang/services.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

struct stage {
    struct pool pool;
    struct program *program;
    struct run run;
    struct value globals[16];
    struct value result;
    struct cxd_error err; /* why there is no program */
    char text[1024];      /* the error of the evaluation, as a person sees it */
};

/* services and limits may be NULL. stage_done afterwards, always. */
void stage_play(struct stage *stage, const char *source, const struct services *services,
                const struct program_limits *limits);
void stage_done(struct stage *stage);
/* The result as JSON, NUL-terminated in the pool; NULL: an error. */
const char *stage_json(struct stage *stage);
