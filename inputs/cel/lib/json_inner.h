/* json_inner.h: shared by json_read.c, which reads containers, and json_scalar.c, which reads the rest. */
#pragma once

#include "json_text.h"

struct json_reader {
    struct run *run;
    const char *at;
    const char *end;
    uint32_t flags;
    struct value *stack; /* malloc'ed; elements, or keys and values in turn */
    size_t top;
    size_t room;
    struct value problem; /* VALUE_ERROR: stop */
};

/* "invalid character 'x' <where>", or the end of the text; false. */
bool json_inner_fail(struct json_reader *r, const char *where);
bool json_inner_no_memory(struct json_reader *r);
/* at is on the opening quote, the first character of a number, or that of true, false or null. */
bool json_inner_string(struct json_reader *r, struct value *ret);
bool json_inner_number(struct json_reader *r, struct value *ret);
bool json_inner_word(struct json_reader *r, struct value *ret);
