/*
 * buf.h: a growing byte buffer with a limit from birth. One owner, one thread.
 */
#pragma once

#include <stddef.h>
#include <string.h>

struct buf {
    char *ptr;
    size_t len;
    size_t cap;
    size_t limit; /* bytes at the most; set by buf_init */
};

void buf_init(struct buf *b, size_t limit);
/* Room for `more` bytes behind len. 0, CXD_NOMEM, or CXD_TOO_LARGE when the limit would be passed (nothing changes). */
int buf_reserve(struct buf *b, size_t more);
int buf_add(struct buf *b, const char *ptr, size_t len);
int buf_add_text(struct buf *b, const char *text);
__attribute__((format(printf, 2, 3))) int buf_add_format(struct buf *b, const char *format, ...);
void buf_clear(struct buf *b); /* empty, memory kept */
void buf_done(struct buf *b);  /* memory released; may be used again after buf_init */
