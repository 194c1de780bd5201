#pragma once
/* Writes one JSON object into a buffer, member by member. Errors are the buffer's: sticky, looked at once, at the end. */
#include <stdint.h>

#include "buffer.h"

struct row {
    struct buffer *out;
    bool has_members;
};

/* {, and } */
void row_open(struct row *row, struct buffer *out);
void row_close(struct row *row);
/* The name and its colon; a value has to follow. */
void row_name(struct row *row, const char *name);
/* NULL text: null. */
void row_text(struct row *row, const char *name, const char *text);
__attribute__((format(printf, 3, 4))) void row_format(struct row *row, const char *name,
                                                      const char *format, ...);
void row_number(struct row *row, const char *name, int64_t value);
void row_flag(struct row *row, const char *name, bool value);
void row_null(struct row *row, const char *name);
/* A list of texts; an empty one is []. */
void row_list(struct row *row, const char *name, const char *const *texts, unsigned count);
