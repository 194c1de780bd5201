/*
 * buf.c: growth by doubling up to the limit. Knows realloc and nothing else.
 */
#include "base/buf.h"

#include "cxd/status.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void buf_init(struct buf *b, size_t limit)
{
    *b = (struct buf){.limit = limit};
}

int buf_reserve(struct buf *b, size_t more)
{
    size_t want;
    char *ptr;

    if (more <= b->cap - b->len) {
        return CXD_OK;
    }
    if (b->len > b->limit || more > b->limit - b->len) {
        return CXD_TOO_LARGE;
    }
    want = b->cap >= 256 ? b->cap : b->limit < 256 ? b->limit : 256;
    while (want < b->len + more) {
        want = want > b->limit / 2 ? b->limit : want * 2;
    }
    ptr = realloc(b->ptr, want);
    if (ptr == NULL) {
        return CXD_NOMEM;
    }
    b->ptr = ptr;
    b->cap = want;
    return CXD_OK;
}

int buf_add(struct buf *b, const char *ptr, size_t len)
{
    int r = buf_reserve(b, len);

    if (r == CXD_OK && len > 0) {
        memcpy(b->ptr + b->len, ptr, len);
        b->len += len;
    }
    return r;
}

int buf_add_text(struct buf *b, const char *text)
{
    return buf_add(b, text, strlen(text));
}

int buf_add_format(struct buf *b, const char *format, ...)
{
    va_list args;
    int len;
    int r;

    va_start(args, format);
    len = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (len < 0) {
        return CXD_INVALID;
    }
    r = buf_reserve(b, (size_t)len + 1); /* vsnprintf ends with NUL; it is not counted in len */
    if (r == CXD_OK) {
        va_start(args, format);
        (void)vsnprintf(b->ptr + b->len, (size_t)len + 1, format,
                        args); /* same arguments, same length */
        va_end(args);
        b->len += (size_t)len;
    }
    return r;
}

void buf_clear(struct buf *b)
{
    b->len = 0;
}

void buf_done(struct buf *b)
{
    free(b->ptr);
    *b = (struct buf){.limit = b->limit};
}
