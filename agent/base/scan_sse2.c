/* scan_sse2.c: the core for every x86-64: 16 bytes at a time. */
#include "base/scan_core.h"

#if defined(__SSE2__)

#include "base/scan_sse2.h"

static inline const char *walk_stop(const char *start, const char *p, const char *end)
{
    while (end - p >= 16) {
        uint32_t stops = sse2_stops(p);
        if (stops != 0) {
            return p + __builtin_ctz(stops);
        }
        p += 16;
    }
    return sse2_stop_tail(start, p, end, scan_plain);
}

#define WALK_NAME "sse2"
#define WALK_CORE scan_core_sse2
#include "base/scan_walk.h"

#endif
