/*
 * lower.h: lower case of UTF-8 text. Pure; any thread.
 *
 * One letter to one letter, by ranges: Latin (with Extended-A and Additional), Greek, Cyrillic, Armenian, full-width Latin, and
 * the one letter that becomes two (I with a dot). Other scripts and the final sigma stay; broken UTF-8 passes as it is.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* Whether nothing would change, as far as a glance tells: true only for ASCII without capitals. */
bool lower_is_done(const char *text, size_t len);
/* out has room for 2 * len bytes. Returns the length. */
size_t lower_print(const char *text, size_t len, char *out);
