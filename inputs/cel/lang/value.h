/*
 * value.h: what an expression can come to. Sixteen bytes, passed by value; everything it points to is immutable and lives
 * in the pool of its evaluation (or is static), so values are shared freely and never freed alone.
 */
#pragma once

#include <cxd/abi.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

enum value_kind {
    VALUE_NULL = 0,
    VALUE_BOOL,
    VALUE_INT,
    VALUE_UINT,
    VALUE_DOUBLE,
    VALUE_STRING,
    VALUE_BYTES,
    VALUE_LIST,
    VALUE_MAP,
    VALUE_TIMESTAMP,
    VALUE_DURATION,
    VALUE_TYPE,
    VALUE_OPTIONAL,
    VALUE_ADDRESS, /* an IP address */
    VALUE_NETWORK, /* an IP range */
    VALUE_ERROR,
    VALUE_KIND_COUNT
};

#define VALUE_MASK(kind) (1u << (kind))
#define VALUE_ANY (~0u)

struct value_type {
    const char *name;
};

struct address;
struct dict;
struct fault;

struct value {
    uint32_t kind; /* enum value_kind */
    /* STRING, BYTES: bytes. LIST: elements. TIMESTAMP: nanoseconds, 0 to 999,999,999. DOUBLE: 0, or see value_whole. */
    uint32_t len;
    union {
        bool truth;
        int64_t i; /* INT; TIMESTAMP: seconds since 1970; DURATION: nanoseconds */
        uint64_t u;
        double d;
        const char *text;          /* STRING (UTF-8), BYTES; no NUL behind */
        const struct value *items; /* LIST */
        const struct dict *dict;   /* MAP */
        const struct value *inner; /* OPTIONAL; NULL: empty */
        const struct value_type *type;
        const struct address *address; /* ADDRESS, NETWORK */
        const struct fault *fault;     /* ERROR */
    };
};

static inline struct value value_null(void)
{
    return (struct value){.kind = VALUE_NULL};
}

static inline struct value value_bool(bool truth)
{
    return (struct value){.kind = VALUE_BOOL, .u = truth ? 1 : 0};
}

static inline struct value value_int(int64_t i)
{
    return (struct value){.kind = VALUE_INT, .i = i};
}

static inline struct value value_uint(uint64_t u)
{
    return (struct value){.kind = VALUE_UINT, .u = u};
}

static inline struct value value_double(double d)
{
    return (struct value){.kind = VALUE_DOUBLE, .d = d};
}

static inline struct value value_string(const char *text, size_t len)
{
    return (struct value){.kind = VALUE_STRING, .len = (uint32_t)len, .text = text};
}

static inline struct value value_bytes(const char *text, size_t len)
{
    return (struct value){.kind = VALUE_BYTES, .len = (uint32_t)len, .text = text};
}

static inline struct value value_list(const struct value *items, size_t count)
{
    return (struct value){.kind = VALUE_LIST, .len = (uint32_t)count, .items = items};
}

static inline struct value value_map(const struct dict *dict)
{
    return (struct value){.kind = VALUE_MAP, .dict = dict};
}

static inline struct value value_duration(int64_t ns)
{
    return (struct value){.kind = VALUE_DURATION, .i = ns};
}

static inline struct value value_timestamp(int64_t seconds, uint32_t ns)
{
    return (struct value){.kind = VALUE_TIMESTAMP, .len = ns, .i = seconds};
}

static inline struct value value_error(const struct fault *fault)
{
    return (struct value){.kind = VALUE_ERROR, .fault = fault};
}

/* A string literal. */
#define VALUE_TEXT(literal) value_string((literal), sizeof(literal) - 1)

static inline bool value_is(struct value v, uint32_t mask)
{
    return (VALUE_MASK(v.kind) & mask) != 0;
}

static inline bool value_is_error(struct value v)
{
    return v.kind == VALUE_ERROR;
}

/* A string or bytes as a range; others as none. */
static inline struct cxd_bytes value_range(struct value v)
{
    if (v.kind != VALUE_STRING && v.kind != VALUE_BYTES) {
        return (struct cxd_bytes){NULL, 0};
    }
    return (struct cxd_bytes){v.text, v.len};
}

/* Are len bytes the same? Names are short: those of up to 16 bytes are compared without a call. */
static inline bool value_same_bytes(const char *a, const char *b, uint32_t len)
{
    uint64_t x[2];
    uint64_t y[2];
    uint32_t v[2];
    uint32_t w[2];

    if (len > 16) {
        return memcmp(a, b, len) == 0;
    }
    if (len >= 8) {
        memcpy(&x[0], a, 8);
        memcpy(&x[1], a + len - 8, 8);
        memcpy(&y[0], b, 8);
        memcpy(&y[1], b + len - 8, 8);
        return ((x[0] ^ y[0]) | (x[1] ^ y[1])) == 0;
    }
    if (len >= 4) {
        memcpy(&v[0], a, 4);
        memcpy(&v[1], a + len - 4, 4);
        memcpy(&w[0], b, 4);
        memcpy(&w[1], b + len - 4, 4);
        return ((v[0] ^ w[0]) | (v[1] ^ w[1])) == 0;
    }
    return len == 0 || (a[0] == b[0] && a[len / 2] == b[len / 2] && a[len - 1] == b[len - 1]);
}

static inline bool value_text_is(struct value v, const char *text)
{
    size_t len = strlen(text);

    return v.kind == VALUE_STRING && v.len == len && memcmp(v.text, text, len) == 0;
}

/*
 * Numbers of JSON are doubles, as programs expect. An integer that a double cannot hold keeps what is missing beside it in
 * `len`, so that it is written, compared and turned into an int exactly.
 */
struct value value_whole(bool negative, uint64_t magnitude);
/* True when v is such a double; then its sign and magnitude. */
bool value_whole_get(struct value v, bool *ret_negative, uint64_t *ret_magnitude);

/* The type of a value, and a type by its name (NULL: none). */
const struct value_type *value_type_of(struct value v);
const struct value_type *value_type_find(const char *name, size_t len);
struct value value_of_type(const struct value_type *type);
