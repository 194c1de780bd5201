/* cleanup.h: scope-bound release. `_cleanup_(buf_done) struct buf body = {0};` calls buf_done(&body) at the end of the scope. */
#pragma once

#include <stdlib.h>
#include <unistd.h>

#define _cleanup_(fn) __attribute__((cleanup(fn)))

/* Moves ownership out of a variable: the value, and NULL left behind. */
#define TAKE_PTR(ptr)                                                                              \
    ({                                                                                             \
        __typeof__(ptr) taken_ = (ptr);                                                            \
        (ptr) = NULL;                                                                              \
        taken_;                                                                                    \
    })

static inline void freep(void *ptr)
{
    free(*(void **)ptr);
}

static inline void closep(const int *fd)
{
    if (*fd >= 0) {
        (void)close(*fd); /* nothing was written through it that matters here */
    }
}
