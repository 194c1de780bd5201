#pragma once
/*
 * A growing byte buffer with a maximum given at birth. Owner: whoever holds the struct; released by buffer_done. Errors are
 * sticky: after the first failed growth every call does nothing and buffer_ok is false, so that a builder checks once, at
 * its end. Not shared between threads.
 */
#include <stdbool.h>
#include <stddef.h>

struct buffer {
    char *data; /* always NUL-terminated when not NULL */
    size_t len;
    size_t size;
    size_t max;
    bool failed;
};

void buffer_init(struct buffer *buf, size_t max);
void buffer_done(struct buffer *buf);
/* Empties the buffer and keeps its memory; clears a sticky error. */
void buffer_clear(struct buffer *buf);
bool buffer_ok(const struct buffer *buf);
void buffer_add(struct buffer *buf, const void *data, size_t len);
void buffer_text(struct buffer *buf, const char *text);
void buffer_format(struct buffer *buf, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* A JSON string, quotes included. */
void buffer_json(struct buffer *buf, const char *text, size_t len);
/* Moves the memory out; the buffer is empty afterwards. NULL when the buffer failed. */
char *buffer_take(struct buffer *buf, size_t *ret_len);
