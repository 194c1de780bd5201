/*
 * regex.c: PCRE2 with limits. The limits were chosen so that the worst pattern gives up within a few tens of milliseconds.
 */
#define PCRE2_CODE_UNIT_WIDTH 8

#include "io/regex.h"

#include <pcre2.h>
#include <stdlib.h>

enum {
    STEPS_MAX = 200000,  /* of matching */
    DEPTH_MAX = 10000,   /* of backtracking */
    HEAP_KIB_MAX = 4096, /* for backtracking */
    NESTING_MAX = 64     /* of parentheses */
};

struct cxd_regex {
    pcre2_code *code;
    pcre2_match_data *match;
    pcre2_match_context *limits;
};

static int compile(struct cxd_regex *re, const char *pattern, struct cxd_error *err)
{
    pcre2_compile_context *rules = pcre2_compile_context_create(NULL);
    PCRE2_SIZE place = 0;
    PCRE2_UCHAR text[160];
    int code = 0;

    if (rules == NULL) {
        return cxd_error_set(err, CXD_NOMEM, "out of memory for a regular expression");
    }
    (void)pcre2_set_parens_nest_limit(rules, NESTING_MAX); /* always 0, like the next */
    (void)pcre2_set_max_pattern_length(rules, REGEX_PATTERN_MAX);
    re->code = pcre2_compile((PCRE2_SPTR)pattern, PCRE2_ZERO_TERMINATED,
                             PCRE2_UTF | PCRE2_MATCH_INVALID_UTF | PCRE2_NEVER_BACKSLASH_C, &code,
                             &place, rules);
    pcre2_compile_context_free(rules);
    if (re->code != NULL) {
        return CXD_OK;
    }
    if (code == PCRE2_ERROR_HEAP_FAILED) {
        return cxd_error_set(err, CXD_NOMEM, "out of memory for a regular expression");
    }
    (void)pcre2_get_error_message(code, text, sizeof text); /* cut when it is long */
    return cxd_error_set(err, CXD_CONFIG, "regular expression: at offset %zu: %s", place,
                         (const char *)text);
}

int regex_new(const char *pattern, struct cxd_regex **ret_regex, struct cxd_error *err)
{
    struct cxd_regex *re;
    int r;

    if (pattern == NULL || strnlen(pattern, REGEX_PATTERN_MAX + 1) > REGEX_PATTERN_MAX) {
        return cxd_error_set(err, pattern == NULL ? CXD_INVALID : CXD_TOO_LARGE,
                             "regular expression: over %d bytes, or none", REGEX_PATTERN_MAX);
    }
    re = calloc(1, sizeof *re);
    if (re == NULL) {
        return cxd_error_set(err, CXD_NOMEM, "out of memory for a regular expression");
    }
    r = compile(re, pattern, err);
    if (r == CXD_OK) {
        re->match = pcre2_match_data_create_from_pattern(re->code, NULL);
        re->limits = pcre2_match_context_create(NULL);
        if (re->match == NULL || re->limits == NULL) {
            r = cxd_error_set(err, CXD_NOMEM, "out of memory for a regular expression");
        }
    }
    if (r < 0) {
        regex_free(re);
        return r;
    }
    (void)pcre2_set_match_limit(re->limits, STEPS_MAX); /* always 0, like the next two */
    (void)pcre2_set_depth_limit(re->limits, DEPTH_MAX);
    (void)pcre2_set_heap_limit(re->limits, HEAP_KIB_MAX);
    *ret_regex = re;
    return CXD_OK;
}

static int match_from(struct cxd_regex *re, struct cxd_bytes text, size_t from)
{
    int r = pcre2_match(re->code, (PCRE2_SPTR)(text.len > 0 ? text.ptr : ""), text.len, from, 0,
                        re->match, re->limits);

    if (r >= 0) {
        return 1;
    }
    switch (r) {
    case PCRE2_ERROR_NOMATCH:
        return 0;
    case PCRE2_ERROR_MATCHLIMIT:
    case PCRE2_ERROR_DEPTHLIMIT:
    case PCRE2_ERROR_HEAPLIMIT:
        return CXD_TIMEOUT;
    case PCRE2_ERROR_NOMEMORY:
        return CXD_NOMEM;
    default:
        return CXD_BUG;
    }
}

int regex_match(struct cxd_regex *re, struct cxd_bytes text)
{
    return match_from(re, text, 0);
}

int regex_find(struct cxd_regex *re, struct cxd_bytes text, size_t from, struct cxd_bytes *groups,
               uint32_t room)
{
    const PCRE2_SIZE *ends = pcre2_get_ovector_pointer(re->match);
    uint32_t count = pcre2_get_ovector_count(re->match);
    int r;

    if (from > text.len || room == 0) {
        return 0;
    }
    r = match_from(re, text, from);
    if (r <= 0) {
        return r;
    }
    count = count < room ? count : room;
    for (uint32_t i = 0; i < count; i++) {
        size_t start = ends[2 * i];
        size_t end = ends[2 * i + 1];
        int is_set = start != PCRE2_UNSET && start <= end; /* \K can put the end first */
        groups[i] = is_set ? (struct cxd_bytes){(text.len > 0 ? text.ptr : "") + start, end - start}
                           : (struct cxd_bytes){NULL, 0};
    }
    return (int)count;
}

void regex_free(struct cxd_regex *re)
{
    if (re != NULL) {
        pcre2_match_context_free(re->limits);
        pcre2_match_data_free(re->match);
        pcre2_code_free(re->code);
        free(re);
    }
}
