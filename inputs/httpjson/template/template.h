/*
 * template.h: Go's text/template between [[ and ]], compiled once, run over JSON trees and records without copying them.
 *
 * Semantics are Go's with missingkey=error, but for one thing: a JSON number keeps its text. It prints as it was written,
 * compares with integers and floats by value, and is an integer wherever one is wanted and it is whole.
 * A compiled template is read-only and may be run any number of times; one thread at a time for a scratch.
 */
#pragma once

#include "lib/region.h"
#include "template/value.h"

#define TEMPLATE_SOURCE_MAX 1048576u /* bytes of a template's text */
#define TEMPLATE_DEPTH 64            /* nesting of blocks and parentheses, and of calls */
#define TEMPLATE_VARIABLES 64        /* in scope at the same time */

#define TEMPLATE_SCRATCH (64u << 20)

struct tmpl;

/* What a run may cost, besides the scratch region's own limit (TEMPLATE_SCRATCH is a good one). */
struct template_limits {
    size_t output;  /* bytes written */
    uint64_t steps; /* nodes entered, elements visited */
    int64_t time_ms;
};
extern const struct template_limits template_limits;

/*
 * Compiles. The source is copied. On success the caller owns *ret (template_free). CXD_CONFIG: "template: 1:7: ..." for what
 * is no template or names a function that does not exist; CXD_TOO_LARGE, CXD_TOO_DEEP, CXD_NOMEM.
 */
int template_compile(const struct heap *h, struct cxd_bytes source, struct tmpl **ret,
                     struct cxd_error *err);
void template_free(struct tmpl *t); /* accepts NULL */
/* True: it is text alone; *ret_text is what every run writes. */
bool template_is_text(const struct tmpl *t, struct cxd_bytes *ret_text);

struct template_run {
    struct value dot;
    struct region
        *scratch; /* for values on the way; cleared by the caller, after the output is used */
    struct region *nodes;                 /* where trees reached from dot make their child nodes */
    const struct template_limits *limits; /* NULL: template_limits */
    struct cxd_bytes user_agent;          /* what userAgent says */
    struct cxd_bytes version;             /* of the agent, for beatInfo */
};

/*
 * Appends the result to out. 0; CXD_END: `terminate` was called (its message is in err). CXD_MALFORMED: the template failed,
 * with line and column; CXD_TOO_LARGE, CXD_TOO_DEEP, CXD_TIMEOUT: a limit; CXD_NOMEM. Output up to the failure stays in out.
 */
int template_execute(const struct tmpl *t, const struct template_run *run, struct text *out,
                     struct cxd_error *err);
