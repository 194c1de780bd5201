/*
 * scan.c: what is the same for every core: choice of the core, the rare bytes (escapes, UTF-8, numbers), the table, the faults.
 * Knows JSON; the walk itself is in scan_walk.h.
 */
#include "base/scan.h"

#include "base/arena.h"
#include "base/scan_core.h"
#include "base/text.h"

#include <stdlib.h>
#include <string.h>

#define TABLE_FIRST 256

/* All but control characters, `"` (22), `\` (5c) and what is not ASCII. */
const unsigned char scan_plain[256] = {
    [0x20 ... 0x21] = 1,
    [0x23 ... 0x5b] = 1,
    [0x5d ... 0x7f] = 1,
};

const unsigned char scan_letter[256] = {
    ['"'] = 1, ['\\'] = 1, ['/'] = 1, ['b'] = 1, ['f'] = 1, ['n'] = 1, ['r'] = 1, ['t'] = 1,
};

const char *scan_refuse(struct scan_state *st, const char *p, int status, const char *text)
{
    *st->fault =
        (struct scan_fault){.status = status, .offset = (size_t)(p - st->start), .text = text};
    return NULL;
}

static int is_hex(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/* p at the backslash. */
static const char *escape_skip(struct scan_state *st, const char *p)
{
    char c = ++p < st->end ? *p : '\0';

    if (c == 'u') {
        for (int i = 0; i < 4; i++) {
            if (++p >= st->end || !is_hex(*p)) {
                return scan_refuse(st, p, CXD_MALFORMED, "expected four hex digits behind \\u");
            }
        }
        return p + 1;
    }
    if (!scan_letter[(unsigned char)c]) {
        return scan_refuse(st, p, CXD_MALFORMED, "expected one of \"\\/bfnrtu behind a backslash");
    }
    return p + 1;
}

const char *scan_special(struct scan_state *st, const char *p, uint8_t *flags)
{
    if (*p == '\\') {
        *flags |= CXD_VALUE_ESCAPED;
        return escape_skip(st, p);
    }
    if ((unsigned char)*p < ' ') {
        return scan_refuse(st, p, CXD_MALFORMED, "expected no control character in a string");
    }
    do {
        size_t len = text_sequence(p, st->end);
        if (len == 0) {
            return scan_refuse(st, p, CXD_MALFORMED, "expected UTF-8");
        }
        p += len;
    } while (p < st->end && (unsigned char)*p >= 0x80);
    return p;
}

static inline const char *digits_skip(const struct scan_state *st, const char *p)
{
    while (p < st->end && *p >= '0' && *p <= '9') {
        p++;
    }
    return p;
}

/* At least one digit. */
static inline const char *digits_need(struct scan_state *st, const char *p)
{
    const char *end = digits_skip(st, p);
    return end > p ? end : scan_refuse(st, p, CXD_MALFORMED, "expected a digit");
}

const char *scan_number(struct scan_state *st, const char *p)
{
    p += *p == '-';
    if (p < st->end && *p == '0') {
        p++; /* no digit follows a leading zero: what stands there is refused as no ',' */
    } else {
        p = digits_need(st, p);
    }
    if (p != NULL && p < st->end && *p == '.') {
        p = digits_need(st, p + 1);
    }
    if (p != NULL && p < st->end && (*p == 'e' || *p == 'E')) {
        p++;
        p += p < st->end && (*p == '+' || *p == '-');
        p = digits_need(st, p);
    }
    return p;
}

int scan_grow(struct scan_state *st, const char *p)
{
    struct scan *table = st->table;
    uint32_t cap = table->cap == 0 ? TABLE_FIRST : table->cap * 2;
    struct cxd_field *fields;

    if (table->count >= SCAN_MEMBERS_MAX) {
        (void)scan_refuse(st, p, CXD_TOO_LARGE, "more than 65536 members"); /* always NULL */
        return CXD_TOO_LARGE;
    }
    fields = realloc(table->fields, cap * sizeof *fields);
    if (fields == NULL) {
        (void)scan_refuse(st, p, CXD_NOMEM, "no memory for more members"); /* always NULL */
        return CXD_NOMEM;
    }
    table->fields = fields;
    table->cap = cap;
    return CXD_OK;
}

int scan_key(struct scan_state *st, struct cxd_field *field)
{
    struct cxd_bytes key = {field->key, field->key_len};
    char *copy = arena_alloc(st->arena, key.len);
    size_t len;
    int r;

    if (copy == NULL) {
        (void)scan_refuse(st, key.ptr, CXD_NOMEM, "no memory for a name"); /* always NULL */
        return CXD_NOMEM;
    }
    r = text_shorten(key, copy, &len);
    if (r != CXD_OK) {
        (void)scan_refuse(st, key.ptr, r, "expected escapes in a name"); /* always NULL */
        return r;
    }
    field->key = copy;
    field->key_len = (uint32_t)len;
    return CXD_OK;
}

const struct scan_core *scan_core_best(void)
{
#if defined(CXD_AVX2)
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi")) {
        return &scan_core_avx2;
    }
#endif
#if defined(__SSE2__)
    return &scan_core_sse2;
#else
    return &scan_core_scalar;
#endif
}

static int state_init(struct scan_state *st, struct cxd_bytes text, struct scan_fault *fault)
{
    const char *start = text.len > 0 ? text.ptr : ""; /* no arithmetic on NULL */

    *st = (struct scan_state){.start = start, .end = start + text.len, .fault = fault};
    if (text.len > UINT32_MAX) {
        (void)scan_refuse(st, st->start, CXD_TOO_LARGE, "more than 4294967295 bytes");
        return CXD_TOO_LARGE;
    }
    return CXD_OK;
}

/* The first byte that is not white: a cheap look ahead of the walk. */
static size_t white_len(struct cxd_bytes text)
{
    size_t i = 0;

    while (i < text.len && (text.ptr[i] == ' ' || (text.ptr[i] >= '\t' && text.ptr[i] <= '\r' &&
                                                   text.ptr[i] != '\v' && text.ptr[i] != '\f'))) {
        i++;
    }
    return i;
}

int scan_members_with(const struct scan_core *core, struct scan *s, struct cxd_bytes text,
                      struct arena *arena, struct scan_fault *fault)
{
    struct scan_state st;
    size_t white = white_len(text);
    int r = state_init(&st, text, fault);

    s->count = 0;
    if (r != CXD_OK) {
        return r;
    }
    if (white == text.len || (text.ptr[white] != '{' && text.ptr[white] != '[')) {
        (void)scan_refuse(&st, st.start + white, CXD_MALFORMED, "expected '{' or '['");
        return CXD_MALFORMED;
    }
    st.table = s;
    st.arena = arena;
    return core->members(&st);
}

int scan_members(struct scan *s, struct cxd_bytes text, struct arena *arena,
                 struct scan_fault *fault)
{
    return scan_members_with(scan_core_best(), s, text, arena, fault);
}

int scan_record(struct scan *s, struct cxd_bytes text, struct arena *arena,
                struct scan_fault *fault)
{
    size_t white = white_len(text);

    if (white == text.len || text.ptr[white] != '{') {
        s->count = 0;
        *fault =
            (struct scan_fault){.status = CXD_MALFORMED, .offset = white, .text = "expected '{'"};
        return CXD_MALFORMED;
    }
    return scan_members_with(scan_core_best(), s, text, arena, fault);
}

int scan_value(struct cxd_bytes text, struct cxd_value *ret_value, struct scan_fault *fault)
{
    struct scan_state st;
    int r = state_init(&st, text, fault);

    return r == CXD_OK ? scan_core_best()->value(&st, ret_value) : r;
}

const struct cxd_field *scan_find(const struct cxd_field *fields, uint32_t count,
                                  struct cxd_bytes key)
{
    for (uint32_t i = count; i > 0; i--) {
        const struct cxd_field *field = &fields[i - 1];
        if (field->key != NULL && field->key_len == key.len &&
            (key.len == 0 || memcmp(field->key, key.ptr, key.len) == 0)) {
            return field;
        }
    }
    return NULL;
}

int scan_error(const struct scan_fault *fault, struct cxd_error *err)
{
    return cxd_error_set(err, fault->status, "byte %zu: %s", fault->offset, fault->text);
}

void scan_done(struct scan *s)
{
    free(s->fields);
    *s = (struct scan){0};
}
