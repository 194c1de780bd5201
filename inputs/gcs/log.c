/*
 * log.c: the input's lines, counters and health.
 *
 * Thread: the instance's.
 */
#include "input.h"

#include <stdarg.h>
#include <stdio.h>

void input_log(const struct input *in, int level, const char *format, ...)
{
    char line[1024];
    va_list args;
    int len;

    if (!in->heap.host->is_logged(in->heap.self, level)) {
        return;
    }
    va_start(args, format);
    len = vsnprintf(line, sizeof line, format, args);
    va_end(args);
    if (len >= (int)sizeof line) {
        len = (int)sizeof line - 1; /* a cut line is still a line */
    }
    if (len > 0) {
        in->heap.host->log(in->heap.self, level, line, (size_t)len);
    }
}

void input_count(const struct input *in, const char *name, int64_t delta)
{
    if (delta != 0) {
        in->heap.host->count(in->heap.self, name, delta);
    }
}

void input_degraded(struct input *in, int health, const char *reason)
{
    in->ill = true;
    in->heap.host->health(in->heap.self, health, reason);
}

void input_recovered(struct input *in)
{
    if (!in->ill || in->auth.park.result != 0) {
        return;
    }
    if (in->share != NULL && share_is_ill(in->share)) {
        return;
    }
    for (size_t i = 0; i < in->config.bucket_count; i++) {
        const struct bucket *b = &in->buckets[i];

        if (b->park.result != 0 || b->troubles > 0 || cursor_failed(b->cursor) > 0) {
            return;
        }
    }
    in->ill = false;
    in->heap.host->health(in->heap.self, CXD_HEALTHY, NULL);
}

void input_halt(struct input *in, const struct cxd_error *err)
{
    in->halted = true;
    if (!in->halt_failed) {
        in->halt_failed = true;
        in->halt = *err;
    }
}
