/*
 * regex.h: regular expressions by PCRE2: UTF-8, no JIT (a hardened unit forbids it memory that is writable and executable),
 * limits on pattern, match steps, depth and heap, so that no pattern can hold a thread. One thread at a time per object.
 */
#pragma once

#include "cxd/host.h"

enum { REGEX_PATTERN_MAX = 8192 };

/* CXD_CONFIG: not a regular expression, with the reason and the place in it; CXD_TOO_LARGE; CXD_NOMEM. */
int regex_new(const char *pattern, struct cxd_regex **ret_regex, struct cxd_error *err);
/* Anywhere in text: 1, 0, or negative: CXD_TIMEOUT (a limit was reached), CXD_NOMEM, CXD_BUG. Stretches of text that are not
 * UTF-8 never match. */
int regex_match(struct cxd_regex *re, struct cxd_bytes text);
/* The first match at or behind `from`. Fills groups[0..room), group 0 being the whole match, and returns how many groups the
 * pattern has with group 0, at most room; those that took no part are {NULL,0}. Otherwise as regex_match. */
int regex_find(struct cxd_regex *re, struct cxd_bytes text, size_t from, struct cxd_bytes *groups,
               uint32_t room);
void regex_free(struct cxd_regex *re); /* accepts NULL */
