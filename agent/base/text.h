/*
 * text.h: between plain UTF-8 and the inside of a JSON string. Pure functions, any thread, nothing is read outside the given
 * bytes.
 *
 * Escaped are `"`, `\` and the control characters, each in its shortest form. A byte that is not UTF-8 becomes U+FFFD, so that
 * what comes out is valid whatever came in.
 */
#pragma once

#include "cxd/abi.h"

#include <stddef.h>

/* Length of the well-formed UTF-8 sequence at p (1 to 4), or 0. p < end. */
size_t text_sequence(const char *p, const char *end);
int text_is_utf8(struct cxd_bytes text);
/* Exact length of the JSON string, quotes included. */
size_t text_quote_len(struct cxd_bytes text);
/* The JSON string with its quotes; its length, or 0 when room is too small (then out is unchanged). out and text do not overlap. */
size_t text_quote(struct cxd_bytes text, char *out, size_t room);
/* text_quote for a caller who made room for text_quote_len(text) bytes. Returns the end of what was written. */
char *text_quote_known(struct cxd_bytes text, char *out);
/* The inside of a JSON string (as a scanner accepted it) decoded into out, which has room for escaped.len bytes. 0, or
 * CXD_MALFORMED for a surrogate without its other half and for what is no escape. \u0000 gives a NUL byte. */
int text_unescape(struct cxd_bytes escaped, char *out, size_t *ret_len);
/* The same string between the quotes with every escape in its shortest form, lone surrogates as \udxxx. Room: escaped.len. */
int text_shorten(struct cxd_bytes escaped, char *out, size_t *ret_len);
