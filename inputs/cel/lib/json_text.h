/*
 * json_text.h: JSON to values and back. Numbers become doubles; those beyond 2^53 stay exact (see value_whole).
 *
 * Limits: the run's budget and memory, and RUN_DEPTH_MAX of nesting. Strings without escapes are slices of the text, which
 * must live as long as the values.
 */
#pragma once

#include "../lang/function.h"

enum json_text_flag { JSON_TEXT_STRING_NUMBERS = 1 /* numbers become strings, as written */ };

/* One document from *at on, with the blanks before it; *at is moved behind it. An error is a value of the run. */
struct value json_text_read(struct run *run, struct cxd_bytes text, size_t *at, uint32_t flags);
/* The document that is all of the text. */
struct value json_text_read_all(struct run *run, struct cxd_bytes text, uint32_t flags);

/* Compact, keys sorted, <, > and & escaped. False: *ret_problem is the error value. */
bool json_text_put(struct run *run, struct sink *sink, struct value v, struct value *ret_problem);

extern const struct function json_text_functions[];
