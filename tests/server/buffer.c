/*
 * Bytes that grow up to a limit. Knows memory and JSON string quoting, nothing else.
 */
#include "buffer.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool buffer_reserve(struct buffer *buf, size_t more)
{
    if (buf->failed) {
        return false;
    }
    if (more > buf->max - buf->len) {
        buf->failed = true;
        return false;
    }
    size_t need = buf->len + more + 1;
    if (need <= buf->size) {
        return true;
    }
    size_t size = buf->size ? buf->size : 256;
    while (size < need) {
        size *= 2;
    }
    char *data = realloc(buf->data, size);
    if (!data) {
        buf->failed = true;
        return false;
    }
    buf->data = data;
    buf->size = size;
    return true;
}

void buffer_init(struct buffer *buf, size_t max)
{
    *buf = (struct buffer){.max = max};
}

void buffer_done(struct buffer *buf)
{
    free(buf->data);
    *buf = (struct buffer){.max = buf->max};
}

void buffer_clear(struct buffer *buf)
{
    buf->len = 0;
    buf->failed = false;
    if (buf->data) {
        buf->data[0] = 0;
    }
}

bool buffer_ok(const struct buffer *buf)
{
    return !buf->failed;
}

void buffer_add(struct buffer *buf, const void *data, size_t len)
{
    if (!buffer_reserve(buf, len)) {
        return;
    }
    if (len) {
        memcpy(buf->data + buf->len, data, len);
    }
    buf->len += len;
    buf->data[buf->len] = 0;
}

void buffer_text(struct buffer *buf, const char *text)
{
    buffer_add(buf, text, strlen(text));
}

void buffer_format(struct buffer *buf, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    va_list again;
    va_copy(again, args);
    int len = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (len < 0) {
        buf->failed = true;
    } else if (buffer_reserve(buf, (size_t)len)) {
        vsnprintf(buf->data + buf->len, (size_t)len + 1, format, again);
        buf->len += (size_t)len;
    }
    va_end(again);
}

void buffer_json(struct buffer *buf, const char *text, size_t len)
{
    buffer_add(buf, "\"", 1);
    size_t start = 0;
    for (size_t i = 0; i < len; i++) {
        unsigned char byte = (unsigned char)text[i];
        if (byte >= 0x20 && byte != '"' && byte != '\\') {
            continue;
        }
        buffer_add(buf, text + start, i - start);
        start = i + 1;
        if (byte == '"' || byte == '\\') {
            buffer_format(buf, "\\%c", byte);
        } else {
            buffer_format(buf, "\\u%04x", byte);
        }
    }
    buffer_add(buf, text + start, len - start);
    buffer_add(buf, "\"", 1);
}

char *buffer_take(struct buffer *buf, size_t *ret_len)
{
    if (buf->failed || !buffer_reserve(buf, 0)) {
        return NULL;
    }
    char *data = buf->data;
    *ret_len = buf->len;
    *buf = (struct buffer){.max = buf->max};
    return data;
}
