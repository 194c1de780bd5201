/* scan_scalar.c: the core for every processor: eight bytes at a time in one word. */
#include "base/scan_core.h"

#include <string.h>

#define EACH(byte) (0x0101010101010101ull * (byte))

/* Not 0 when some byte of the word is a stop. Exact for the word; which byte it is, the caller finds out. */
static inline uint64_t word_stops(uint64_t word)
{
    uint64_t quote = word ^ EACH('"');
    uint64_t slash = word ^ EACH('\\');

    return (((quote - EACH(1)) & ~quote) | ((slash - EACH(1)) & ~slash) |
            ((word - EACH(' ')) & ~word) | word) &
           EACH(0x80);
}

static inline const char *walk_stop(const char *start, const char *p, const char *end)
{
    (void)start; /* only those who read backwards need it */
    while (end - p >= 8) {
        uint64_t word;
        memcpy(&word, p, sizeof word);
        if (word_stops(word) != 0) {
            break;
        }
        p += 8;
    }
    while (p < end && scan_plain[(unsigned char)*p]) {
        p++;
    }
    return p;
}

#define WALK_NAME "scalar"
#define WALK_CORE scan_core_scalar
#include "base/scan_walk.h"
