/*
 * sink.h: text that grows in a pool. A failed put is remembered and makes the result an error, so callers put and look once.
 * The text may be used as a value as it is; the sink must not be put to afterwards.
 */
#pragma once

#include "pool.h"
#include "value.h"

struct sink {
    struct pool *pool;
    char *text;
    size_t len;
    size_t room;
    bool failed; /* the pool refused */
};

static inline struct sink sink_on(struct pool *pool)
{
    return (struct sink){.pool = pool};
}

/* Room for len more bytes, to be filled by the caller, who then adds them to sink->len. NULL: failed. */
char *sink_room(struct sink *sink, size_t len);
void sink_put_slow(struct sink *sink, const char *text, size_t len);
static inline void sink_put(struct sink *sink, const char *text, size_t len)
{
    if (len > 0 && len <= sink->room - sink->len) { /* the usual case */
        memcpy(sink->text + sink->len, text, len);
        sink->len += len;
    } else {
        sink_put_slow(sink, text, len);
    }
}
static inline void sink_char(struct sink *sink, char c)
{
    sink_put(sink, &c, 1);
}
void sink_uint(struct sink *sink, uint64_t number);               /* decimal */
void sink_code(struct sink *sink, uint32_t code);                 /* a code point, as UTF-8 */
static inline void sink_text(struct sink *sink, const char *text) /* up to its NUL */
{
    sink_put(sink, text, strlen(text));
}
void sink_value(struct sink *sink, struct value v); /* a string or bytes */
__attribute__((format(printf, 2, 3))) void sink_print(struct sink *sink, const char *format, ...);
