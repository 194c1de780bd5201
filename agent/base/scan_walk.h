/*
 * scan_walk.h: the walk over a JSON text, included once by every core. Before it the core defines WALK_NAME ("sse2"),
 * WALK_CORE (the struct scan_core to define) and walk_stop (see scan_core.stop).
 *
 * Position is a pointer that functions take and return; NULL means refused, with the fault noted. No recursion: the kinds of
 * the open containers are bits of one word.
 */
#include "base/scan_core.h"

#include <string.h>

/* The byte at p, or NUL, which fits nowhere in JSON, at the end. */
static inline char walk_peek(const struct scan_state *st, const char *p)
{
    return p < st->end ? *p : '\0';
}

static inline const char *walk_white(const struct scan_state *st, const char *p)
{
    const uint64_t white = 1ull << ' ' | 1ull << '\t' | 1ull << '\n' | 1ull << '\r';

    while (p < st->end && (unsigned char)*p <= ' ' && (white >> (unsigned char)*p & 1) != 0) {
        p++;
    }
    return p;
}

/* p at a byte that is a stop, or at the end. Returns at the closing quote. */
static __attribute__((noinline)) const char *walk_rest(struct scan_state *st, const char *p,
                                                       uint8_t *flags)
{
    while (p < st->end) {
        if (*p == '"') {
            return p;
        }
        if (*p == '\\' && st->end - p >= 2 && scan_letter[(unsigned char)p[1]]) {
            *flags |= CXD_VALUE_ESCAPED;
            p += 2;
        } else {
            p = scan_special(st, p, flags);
            if (p == NULL) {
                return NULL;
            }
        }
        p = walk_stop(st->start, p, st->end);
    }
    return scan_refuse(st, p, CXD_MALFORMED, "expected the closing quote of a string");
}

/* p behind the opening quote; returns at the closing one. Most strings are plain: only that is inline. */
static inline __attribute__((always_inline)) const char *walk_string(struct scan_state *st,
                                                                     const char *p, uint8_t *flags)
{
    p = walk_stop(st->start, p, st->end);
    return p < st->end && *p == '"' ? p : walk_rest(st, p, flags);
}

/* A name and its colon; p at the quote. Returns at the value. */
static inline const char *walk_name(struct scan_state *st, const char *p, const char **ret_end,
                                    uint8_t *flags)
{
    if (walk_peek(st, p) != '"') {
        return scan_refuse(st, p, CXD_MALFORMED, "expected a name in quotes");
    }
    p = walk_string(st, p + 1, flags);
    if (p == NULL) {
        return NULL;
    }
    *ret_end = p;
    p++;
    if (walk_peek(st, p) != ':') {
        p = walk_white(st, p);
        if (walk_peek(st, p) != ':') {
            return scan_refuse(st, p, CXD_MALFORMED, "expected ':' behind a name");
        }
    }
    return walk_white(st, p + 1);
}

static inline int walk_is(const struct scan_state *st, const char *p, const char *word, size_t len)
{
    return (size_t)(st->end - p) >= len && memcmp(p, word, len) == 0;
}

static inline const char *walk_word(struct scan_state *st, const char *p, struct cxd_value *value)
{
    *value = (struct cxd_value){.ptr = p, .len = 4};
    if (walk_is(st, p, "null", 4)) {
        value->kind = CXD_KIND_NULL;
    } else if (walk_is(st, p, "true", 4)) {
        value->kind = CXD_KIND_TRUE;
    } else if (walk_is(st, p, "false", 5)) {
        value->kind = CXD_KIND_FALSE;
        value->len = 5;
    } else {
        return scan_refuse(st, p, CXD_MALFORMED, "expected a value");
    }
    return p + value->len;
}

/* Anything but a container. */
static inline __attribute__((always_inline)) const char *
walk_scalar(struct scan_state *st, const char *p, struct cxd_value *value)
{
    char c = walk_peek(st, p);
    const char *end;

    if (c == '"') {
        uint8_t flags = 0;
        end = walk_string(st, p + 1, &flags);
        if (end == NULL) {
            return NULL;
        }
        *value = (struct cxd_value){
            .ptr = p + 1, .len = (uint32_t)(end - p - 1), .kind = CXD_KIND_STRING, .flags = flags};
        return end + 1;
    }
    if (c == '-' || (c >= '0' && c <= '9')) {
        end = scan_number(st, p);
        if (end == NULL) {
            return NULL;
        }
        *value = (struct cxd_value){.ptr = p, .len = (uint32_t)(end - p), .kind = CXD_KIND_NUMBER};
        return end;
    }
    return walk_word(st, p, value);
}

static inline int walk_is_open(char c)
{
    return c == '[' || c == '{';
}

static inline const char *walk_refuse_next(struct scan_state *st, const char *p, int is_object)
{
    return scan_refuse(st, p, CXD_MALFORMED,
                       is_object ? "expected ',' or '}'" : "expected ',' or ']'");
}

/* The containers that are open, innermost in bit 0 of kinds: 1 for an object. */
struct walk_nest {
    uint64_t kinds;
    unsigned depth; /* those within the one that began the walk, and itself */
    unsigned depth_max;
    uint8_t flags; /* CXD_VALUE_DIRTY */
};

static inline char walk_closer(const struct walk_nest *nest)
{
    return (nest->kinds & 1) != 0 ? '}' : ']';
}

/* Behind a value or an empty container: closes what ends here. Returns at the next value, or, with depth 0, behind it all. */
static inline const char *walk_next(struct scan_state *st, const char *p, struct walk_nest *nest)
{
    const char *name_end;
    uint8_t flags;

    while (nest->depth > 0) {
        char c = walk_peek(st, p);
        if (c != ',' && c != walk_closer(nest)) {
            p = walk_white(st, p);
            c = walk_peek(st, p);
        }
        if (c == ',') {
            p = walk_white(st, p + 1);
            return (nest->kinds & 1) != 0 ? walk_name(st, p, &name_end, &flags) : p;
        }
        if (c != walk_closer(nest)) {
            return walk_refuse_next(st, p, nest->kinds & 1);
        }
        p++;
        nest->kinds >>= 1;
        nest->depth--;
    }
    return p;
}

/* Into the container at p. Returns at its first value, or, when it is empty, what walk_next returns. */
static inline const char *walk_enter(struct scan_state *st, const char *p, struct walk_nest *nest)
{
    const char *name_end;
    uint8_t flags;

    if (nest->depth == nest->depth_max) {
        return scan_refuse(st, p, CXD_TOO_DEEP, "more than 64 containers inside each other");
    }
    nest->depth++;
    nest->kinds = nest->kinds << 1 | (*p == '{');
    p = walk_white(st, p + 1);
    if (walk_peek(st, p) == walk_closer(nest)) {
        nest->flags |= CXD_VALUE_DIRTY;
        return walk_next(st, p, nest);
    }
    return (nest->kinds & 1) != 0 ? walk_name(st, p, &name_end, &flags) : p;
}

/* The container at p as a slice, checked all the way down. */
static const char *walk_container(struct scan_state *st, const char *p, unsigned depth_max,
                                  struct cxd_value *ret_value)
{
    struct walk_nest nest = {.depth_max = depth_max};
    const char *start = p;
    struct cxd_value value;

    do {
        if (walk_is_open(walk_peek(st, p))) {
            p = walk_enter(st, p, &nest);
        } else {
            p = walk_scalar(st, p, &value);
            if (p != NULL) {
                if (value.kind == CXD_KIND_NULL ||
                    (value.kind == CXD_KIND_STRING && value.len == 0)) {
                    nest.flags |= CXD_VALUE_DIRTY;
                }
                p = walk_next(st, p, &nest);
            }
        }
    } while (p != NULL && nest.depth > 0);
    if (p != NULL) {
        *ret_value = (struct cxd_value){.ptr = start,
                                        .len = (uint32_t)(p - start),
                                        .kind = *start == '{' ? CXD_KIND_OBJECT : CXD_KIND_LIST,
                                        .flags = nest.flags};
    }
    return p;
}

static inline const char *walk_value(struct scan_state *st, const char *p, unsigned depth_max,
                                     struct cxd_value *value)
{
    return walk_is_open(walk_peek(st, p)) ? walk_container(st, p, depth_max, value)
                                          : walk_scalar(st, p, value);
}

/* One member or element at p, appended to the table. Returns behind its value. */
static inline const char *walk_member(struct scan_state *st, const char *p, int is_object)
{
    struct scan *table = st->table;
    struct cxd_field *field;
    uint8_t flags = 0;

    if (table->count == table->cap && scan_grow(st, p) != CXD_OK) {
        return NULL;
    }
    field = &table->fields[table->count];
    field->key = NULL;
    field->key_len = 0;
    field->reserved = 0;
    if (is_object) {
        const char *key_end = NULL;
        const char *key = p + 1;
        p = walk_name(st, p, &key_end, &flags);
        if (p == NULL) {
            return NULL;
        }
        field->key = key;
        field->key_len = (uint32_t)(key_end - key);
        if (flags != 0 && scan_key(st, field) != CXD_OK) {
            return NULL;
        }
    }
    p = walk_value(st, p, SCAN_DEPTH_MAX - 1, &field->value);
    table->count += p != NULL;
    return p;
}

static const char *walk_finish(struct scan_state *st, const char *p)
{
    p = walk_white(st, p);
    return p == st->end ? p
                        : scan_refuse(st, p, CXD_MALFORMED, "expected nothing behind the value");
}

static int walk_members(struct scan_state *st)
{
    const char *p = walk_white(st, st->start);
    int is_object = walk_peek(st, p) == '{';
    char closer = is_object ? '}' : ']';

    p = walk_white(st, p + 1);
    if (walk_peek(st, p) == closer) {
        return walk_finish(st, p + 1) != NULL ? CXD_OK : st->fault->status;
    }
    for (;;) {
        char c;
        p = walk_member(st, p, is_object);
        if (p == NULL) {
            return st->fault->status;
        }
        c = walk_peek(st, p);
        if (c != ',') {
            p = walk_white(st, p);
            c = walk_peek(st, p);
        }
        if (c == closer) {
            return walk_finish(st, p + 1) != NULL ? CXD_OK : st->fault->status;
        }
        if (c != ',') {
            (void)walk_refuse_next(st, p, is_object); /* always NULL */
            return st->fault->status;
        }
        p = walk_white(st, p + 1);
    }
}

static int walk_whole(struct scan_state *st, struct cxd_value *ret_value)
{
    struct cxd_value value;
    const char *p = walk_value(st, walk_white(st, st->start), SCAN_DEPTH_MAX, &value);

    if (p == NULL || walk_finish(st, p) == NULL) {
        return st->fault->status;
    }
    *ret_value = value;
    return CXD_OK;
}

const struct scan_core WALK_CORE = {
    .name = WALK_NAME,
    .members = walk_members,
    .value = walk_whole,
    .stop = walk_stop,
};
