/* sink.c: doubling buffers in a pool. */
#include "sink.h"

#include "utf8.h"

#include <cxd/status.h>
#include <stdarg.h>
#include <stdio.h>

#define ROOM_FIRST ((size_t)64)
#define TEXT_MAX ((size_t)1 << 31) /* a value's length has 32 bits */

static bool grow(struct sink *sink, size_t len)
{
    size_t room = sink->room < ROOM_FIRST ? ROOM_FIRST : sink->room * 2;
    char *text;

    if (sink->failed || len > TEXT_MAX - sink->len) {
        sink->pool->status = sink->failed ? sink->pool->status : CXD_TOO_LARGE;
        sink->failed = true;
        return false;
    }
    while (room < sink->len + len) {
        room *= 2;
    }
    if (sink->text != NULL && pool_stretch(sink->pool, sink->text, sink->room, room)) {
        sink->room = room;
        return true;
    }
    text = pool_alloc(sink->pool, room);
    if (text == NULL) {
        sink->failed = true;
        return false;
    }
    if (sink->len > 0) {
        memcpy(text, sink->text, sink->len);
    }
    sink->text = text;
    sink->room = room;
    return true;
}

char *sink_room(struct sink *sink, size_t len)
{
    if (len > sink->room - sink->len && !grow(sink, len)) {
        return NULL;
    }
    return sink->text + sink->len;
}

void sink_put_slow(struct sink *sink, const char *text, size_t len)
{
    char *room = len > 0 ? sink_room(sink, len) : NULL;

    if (room != NULL) {
        memcpy(room, text, len);
        sink->len += len;
    }
}

void sink_code(struct sink *sink, uint32_t code)
{
    char bytes[4];

    sink_put(sink, bytes, utf8_put(code, bytes));
}

void sink_uint(struct sink *sink, uint64_t number)
{
    char digits[20];
    size_t at = sizeof digits;

    do {
        digits[--at] = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    sink_put(sink, digits + at, sizeof digits - at);
}

void sink_value(struct sink *sink, struct value v)
{
    sink_put(sink, v.text, v.len);
}

void sink_print(struct sink *sink, const char *format, ...)
{
    char small[512];
    va_list args;
    int len;

    va_start(args, format);
    len = vsnprintf(small, sizeof small, format, args);
    va_end(args);
    if (len > 0) {
        sink_put(sink, small, (size_t)len < sizeof small ? (size_t)len : sizeof small - 1);
    }
}
