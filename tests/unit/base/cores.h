/* cores.h: every core of the scanner that this processor runs, and exact copies of texts, so that ASan sees an overrun. */
#pragma once

#include "base/scan_core.h"

#include <stdlib.h>
#include <string.h>

#define CORES_MAX 4

static inline size_t cores_list(const struct scan_core *cores[CORES_MAX])
{
    size_t count = 0;

    cores[count++] = &scan_core_scalar;
#if defined(__SSE2__)
    cores[count++] = &scan_core_sse2;
#endif
#if defined(CXD_AVX2)
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi")) {
        cores[count++] = &scan_core_avx2;
    }
#endif
    return count;
}

/* A block of exactly len bytes (1 at least). Freed by the caller; ends the process without memory. */
static inline char *exact_copy(const char *ptr, size_t len)
{
    char *copy = malloc(len > 0 ? len : 1);

    if (copy == NULL) {
        abort();
    }
    if (len > 0) {
        memcpy(copy, ptr, len);
    }
    return copy;
}
