/* oracle.c: json-c called strictly (../server/strict.h), the list of its deviations, and the comparison of trees. */
#include "oracle.h"

#include "../server/strict.h"
#include "../unit/base/utf8_rule.h"
#include "base/arena.h"
#include "base/scan.h"
#include "base/text.h"
#include "fuzz.h"

#include <json-c/json.h>
#include <string.h>

/* One level more than the scanner's, because json-c counts the values inside the innermost container as a level. */
#define ORACLE_DEPTH (SCAN_DEPTH_MAX + 1)

struct json_object *oracle_parse(struct cxd_bytes text, int *ret_is_json)
{
    struct json_tokener *tok = json_tokener_new_ex(ORACLE_DEPTH);
    struct json_object *tree;
    char *ended =
        malloc(text.len + 1); /* the NUL tells json-c that a number at the end is complete */

    FUZZ_CHECK(tok != NULL && ended != NULL);
    memcpy(ended, text.ptr, text.len);
    ended[text.len] = '\0';
    *ret_is_json = strict_is_json(ended, text.len, ORACLE_DEPTH);
    tree = *ret_is_json ? json_tokener_parse_ex(tok, ended, (int)text.len + 1) : NULL;
    json_tokener_free(tok);
    free(ended);
    return tree;
}

static int begins_with(struct cxd_bytes text, size_t offset, const char *word)
{
    size_t len = strlen(word);
    return offset <= text.len && text.len - offset >= len &&
           memcmp(text.ptr + offset, word, len) == 0;
}

static int is_innermost_empty(struct cxd_bytes text, size_t offset)
{
    size_t i = offset + 1;

    while (i < text.len && strchr(" \t\r\n", text.ptr[i]) != NULL && text.ptr[i] != '\0') {
        i++;
    }
    return begins_with(text, i, text.ptr[offset] == '[' ? "]" : "}");
}

static char byte_at(struct cxd_bytes text, size_t offset)
{
    return offset < text.len ? text.ptr[offset] : '\0';
}

/* Numbers that json-c takes: -01 and 00 and 01.5 (zeros in front), 1. (nothing behind the point), -.5 (nothing before it). */
static int is_loose_number(struct cxd_bytes text, const struct scan_fault *fault)
{
    char before = fault->offset > 0 ? text.ptr[fault->offset - 1] : '\0';
    char here = byte_at(text, fault->offset);

    if (strcmp(fault->text, "expected a digit") == 0) {
        return before == '.' || (before == '-' && here == '.');
    }
    return before == '0' && here >= '0' && here <= '9' &&
           (fault->offset < 2 || strchr("0123456789.", text.ptr[fault->offset - 2]) == NULL);
}

int oracle_is_lenient(struct cxd_bytes text, const struct scan_fault *fault)
{
    /* JavaScript's numbers that JSON has not. */
    if (begins_with(text, fault->offset, "NaN") || begins_with(text, fault->offset, "Infinity")) {
        return 1;
    }
    if (is_loose_number(text, fault)) {
        return 1;
    }
    /* Control characters pass in strings. */
    if (strcmp(fault->text, "expected no control character in a string") == 0) {
        return (unsigned char)text.ptr[fault->offset] < ' ';
    }
    /* Its levels are counted by values: an empty container may stand one deeper. */
    if (fault->status == CXD_TOO_DEEP) {
        return is_innermost_empty(text, fault->offset);
    }
    return 0;
}

static void value_compare(const struct cxd_value *value, struct json_object *want);

/* The four bytes of a code point whose low 16 bits look like a surrogate, as in U+1DE00. */
static int is_lookalike(const char *p, size_t len)
{
    const unsigned char *u = (const unsigned char *)p;

    return len >= 4 && u[0] >= 0xf0 && (u[1] & 0x0f) == 0x0d && (u[2] & 0x20) != 0;
}

/* The bytes of one escape at the beginning of text: two, six, or the twelve of a pair. */
static size_t escape_len(struct cxd_bytes text)
{
    char plain[8];
    size_t len;

    if (text.ptr[1] != 'u') {
        return 2;
    }
    return text.len >= 12 && text_unescape((struct cxd_bytes){text.ptr, 6}, plain, &len) < 0 &&
                   text_unescape((struct cxd_bytes){text.ptr, 12}, plain, &len) == CXD_OK
               ? 12
               : 6;
}

/*
 * As json-c does it: a surrogate without its other half is U+FFFD. 0: the text holds an escaped pair that json-c 0.16 gets
 * wrong, because it looks for surrogates in the low 16 bits of what it has joined, and so there is nothing to compare.
 */
static int lossy_unescape(struct cxd_bytes escaped, char *out, size_t *ret_len)
{
    size_t len = 0;

    for (size_t i = 0; i < escaped.len;) {
        size_t got = 1;
        size_t step = 1;
        if (escaped.ptr[i] != '\\') {
            out[len] = escaped.ptr[i];
        } else {
            step = escape_len((struct cxd_bytes){escaped.ptr + i, escaped.len - i});
            if (text_unescape((struct cxd_bytes){escaped.ptr + i, step}, out + len, &got) < 0) {
                memcpy(out + len, "\xef\xbf\xbd", 3);
                got = 3;
            }
            if (is_lookalike(out + len, got)) {
                return 0;
            }
        }
        len += got;
        i += step;
    }
    *ret_len = len;
    return 1;
}

int oracle_misreads(struct cxd_bytes text)
{
    char plain[12];
    size_t len;

    for (size_t i = 0; i + 12 <= text.len; i++) {
        if (begins_with(text, i, "\\u") && begins_with(text, i + 6, "\\u") &&
            text_unescape((struct cxd_bytes){text.ptr + i, 12}, plain, &len) == CXD_OK &&
            is_lookalike(plain, len)) {
            return 1;
        }
    }
    return 0;
}

static void string_compare(const struct cxd_value *value, struct json_object *want)
{
    struct cxd_bytes text = {value->ptr, value->len};
    char *plain = malloc(text.len + 1);
    size_t len;

    FUZZ_CHECK(plain != NULL);
    FUZZ_CHECK(json_object_is_type(want, json_type_string));
    if (lossy_unescape(text, plain, &len)) {
        FUZZ_CHECK((size_t)json_object_get_string_len(want) == len);
        FUZZ_CHECK(memcmp(json_object_get_string(want), plain, len) == 0);
    }
    FUZZ_CHECK((memchr(text.ptr, '\\', text.len) != NULL) ==
               ((value->flags & CXD_VALUE_ESCAPED) != 0));
    free(plain);
}

/* The number's text means what json-c read; integers beyond 64 bits are cut off by json-c at their limits, as strtoll does. */
static void number_compare(const struct cxd_value *value, struct json_object *want)
{
    char *text = malloc((size_t)value->len + 1);

    FUZZ_CHECK(text != NULL);
    memcpy(text, value->ptr, value->len);
    text[value->len] = '\0';
    if (json_object_is_type(want, json_type_int)) {
        FUZZ_CHECK(strpbrk(text, ".eE") == NULL);
        if (text[0] == '-' || json_object_get_int64(want) < INT64_MAX) {
            FUZZ_CHECK(strtoll(text, NULL, 10) == json_object_get_int64(want));
        } else {
            FUZZ_CHECK(strtoull(text, NULL, 10) == json_object_get_uint64(want));
        }
    } else {
        FUZZ_CHECK(json_object_is_type(want, json_type_double));
        FUZZ_CHECK(strcmp(json_object_to_json_string_ext(want, JSON_C_TO_STRING_PLAIN), text) == 0);
    }
    free(text);
}

static int is_dirty(const struct cxd_value *value)
{
    switch (value->kind) {
    case CXD_KIND_NULL:
        return 1;
    case CXD_KIND_STRING:
        return value->len == 0;
    case CXD_KIND_LIST:
    case CXD_KIND_OBJECT:
        return (value->flags & CXD_VALUE_DIRTY) != 0;
    default:
        return 0;
    }
}

static void members_compare(const struct scan *scan, struct json_object *want)
{
    for (uint32_t i = 0; i < scan->count; i++) {
        const struct cxd_field *field = &scan->fields[i];
        struct cxd_bytes key = {field->key, field->key_len};
        struct json_object *member = NULL;
        char *name = malloc(key.len + 1);
        size_t name_len = 0;

        FUZZ_CHECK(name != NULL);
        FUZZ_CHECK(lossy_unescape(key, name, &name_len));
        name[name_len] = '\0';
        if (scan_find(scan->fields, scan->count, key) == field) {
            FUZZ_CHECK(json_object_object_get_ex(want, name, &member));
            value_compare(&field->value, member);
        }
        free(name);
    }
}

/* Names that json-c takes for another: cut at a NUL, with a lone surrogate, or with a pair that it gets wrong. */
static int has_odd_names(const struct scan *scan)
{
    for (uint32_t i = 0; i < scan->count; i++) {
        struct cxd_bytes key = {scan->fields[i].key, scan->fields[i].key_len};
        for (size_t at = 0; at < key.len; at++) {
            if (begins_with(key, at, "\\u0000") || begins_with(key, at, "\\ud") ||
                is_lookalike(key.ptr + at, key.len - at)) {
                return 1;
            }
        }
    }
    return 0;
}

static void container_compare(const struct cxd_value *value, struct json_object *want)
{
    struct cxd_bytes text = {value->ptr, value->len};
    struct arena *arena = arena_new(1 << 12, 1 << 26);
    struct scan scan = {0};
    struct scan_fault fault;
    int dirty = 0;

    FUZZ_CHECK(arena != NULL);
    FUZZ_CHECK(scan_members(&scan, text, arena, &fault) == CXD_OK);
    for (uint32_t i = 0; i < scan.count; i++) {
        dirty |= is_dirty(&scan.fields[i].value);
    }
    FUZZ_CHECK((value->flags & CXD_VALUE_DIRTY ? 1 : 0) == (dirty || scan.count == 0));
    if (value->kind == CXD_KIND_LIST) {
        FUZZ_CHECK(json_object_is_type(want, json_type_array));
        FUZZ_CHECK(json_object_array_length(want) == scan.count);
        for (uint32_t i = 0; i < scan.count; i++) {
            value_compare(&scan.fields[i].value, json_object_array_get_idx(want, i));
        }
    } else {
        FUZZ_CHECK(json_object_is_type(want, json_type_object));
        if (!has_odd_names(&scan)) {
            members_compare(&scan, want);
        }
    }
    scan_done(&scan);
    arena_free(arena);
}

static void value_compare(const struct cxd_value *value, struct json_object *want)
{
    switch (value->kind) {
    case CXD_KIND_NULL:
        FUZZ_CHECK(want == NULL);
        break;
    case CXD_KIND_FALSE:
    case CXD_KIND_TRUE:
        FUZZ_CHECK(json_object_is_type(want, json_type_boolean));
        FUZZ_CHECK(json_object_get_boolean(want) == (value->kind == CXD_KIND_TRUE));
        break;
    case CXD_KIND_NUMBER:
        number_compare(value, want);
        break;
    case CXD_KIND_STRING:
        string_compare(value, want);
        break;
    default:
        container_compare(value, want);
    }
}

void oracle_compare(struct cxd_bytes text, struct json_object *want)
{
    struct cxd_value value;
    struct scan_fault fault;

    FUZZ_CHECK(scan_value(text, &value, &fault) == CXD_OK);
    for (size_t i = 0; i < text.len;) {
        size_t step = utf8_by_rule((const unsigned char *)text.ptr + i, text.len - i);
        FUZZ_CHECK(step > 0); /* json-c would not tell */
        i += step;
    }
    value_compare(&value, want);
}
