/* tryout.c: see the header. */
#include "front/module/tryout.h"

#include <stddef.h>

#define LIMIT_MS 10000

const struct probe *tryout_probe(void)
{
    static const char *const words[] = {"check-module", "--try", NULL};
    static const struct probe probe = {
        .program = "/proc/self/exe", .words = words, .limit_ms = LIMIT_MS};

    return &probe;
}
