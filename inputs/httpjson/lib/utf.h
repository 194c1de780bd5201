/*
 * utf.h: UTF-8, and the escapes of JSON strings. Pure.
 */
#pragma once

#include "lib/region.h"

/* Bytes of the well-formed sequence at ptr, 1 to 4; 0: none. len is at least 1. */
size_t utf_len(const char *ptr, size_t len);
/* The code point at ptr and its length; U+FFFD and 1 for what is no UTF-8. len is at least 1. */
size_t utf_decode(const char *ptr, size_t len, uint32_t *ret_code);
/* 1 to 4 bytes; what cannot be encoded becomes U+FFFD. */
size_t utf_encode(uint32_t code, char out[4]);
bool utf_is_valid(struct cxd_bytes text);
/* The first quote or backslash at or behind ptr, or end. */
const char *utf_quote_find(const char *ptr, const char *end);
/* The same or the first control character; or end. */
const char *utf_plain_end(const char *ptr, const char *end);
/* Number of code points; a bad byte counts as one. */
size_t utf_count(struct cxd_bytes text);
/* A checked JSON string's text without escapes; lone surrogates become U+FFFD. {NULL,0}: no memory. */
struct cxd_bytes utf_unescape(struct region *r, struct cxd_bytes raw);
