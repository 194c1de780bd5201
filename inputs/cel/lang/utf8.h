/* utf8.h: text by code points. Ranges in, no allocation, no limits of their own. */
#pragma once

#include <cxd/abi.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Length of the valid sequence at text (1 to 4), or 0: bad or cut. `left` > 0. */
size_t utf8_sequence(const char *text, size_t left);
bool utf8_is_valid(struct cxd_bytes text);
/* Code point at text and the bytes it takes; a bad byte is U+FFFD of one byte. */
uint32_t utf8_get(const char *text, size_t left, size_t *ret_len);
/* Writes code as UTF-8 (1 to 4 bytes); anything that is no scalar value becomes U+FFFD. */
size_t utf8_put(uint32_t code, char out[4]);
/* Code points; a bad byte counts as one. */
size_t utf8_count(struct cxd_bytes text);
/* Byte offset of code point number `index`, or text.len when there are not so many. */
size_t utf8_offset(struct cxd_bytes text, size_t index);
bool utf8_is_space(uint32_t code); /* Unicode White_Space */
