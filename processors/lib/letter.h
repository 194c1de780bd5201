/* letter.h: letters in the other case: Latin, Greek, Cyrillic; the length of a text never changes. Pure, any thread. */
#pragma once

#include <cxd/abi.h>

#include <stdbool.h>

/* len bytes of UTF-8 into out, which has as many. What is no letter stays. escapes: a backslash and what belongs to it stay. */
void letter_lower(const char *text, size_t len, bool has_escapes, char *out);
void letter_upper(const char *text, size_t len, bool has_escapes, char *out);
/* The same but for the case. */
bool letter_is_same(struct cxd_bytes a, struct cxd_bytes b);
