/*
 * fault.h: why an expression has no value. A fault is a value like others until it reaches the top: `&&`, `||`, all, exists
 * and try see it. A fatal one (limits, memory) ends the evaluation and is absorbed by nothing.
 */
#pragma once

#include "pool.h"
#include "value.h"

#include <cxd/status.h>

#define FAULT_NOWHERE UINT32_MAX

struct fault {
    const char *text;
    uint32_t at;    /* byte offset in the source, or FAULT_NOWHERE */
    uint32_t fatal; /* 1: not to be absorbed */
    int status;     /* enum cxd_status */
};

/* Line and column of a byte offset, both from 1; the column counts code points. */
struct fault_place {
    uint32_t line;
    uint32_t column;
};
struct fault_place fault_locate(struct cxd_bytes source, uint32_t at);

/*
 * "2:7: division by zero" and under it the line with a caret below the place. At most room bytes, terminated; long lines
 * are cut around the place. A fault that is nowhere is its text alone.
 */
void fault_show(struct cxd_bytes source, const struct fault *fault, char *out, size_t room);
