/*
 * Members of a JSON object, with the commas in between.
 */
#include "row.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { ROW_TEXT_MAX = 1024 };

void row_open(struct row *row, struct buffer *out)
{
    *row = (struct row){.out = out};
    buffer_text(out, "{");
}

void row_close(struct row *row)
{
    buffer_text(row->out, "}");
}

void row_name(struct row *row, const char *name)
{
    buffer_text(row->out, row->has_members ? ",\"" : "\"");
    buffer_text(row->out, name);
    buffer_text(row->out, "\":");
    row->has_members = true;
}

static void row_value(struct row *row, const char *text)
{
    if (text) {
        buffer_json(row->out, text, strlen(text));
    } else {
        buffer_text(row->out, "null");
    }
}

void row_text(struct row *row, const char *name, const char *text)
{
    row_name(row, name);
    row_value(row, text);
}

void row_format(struct row *row, const char *name, const char *format, ...)
{
    char text[ROW_TEXT_MAX];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    row_text(row, name, text);
}

void row_number(struct row *row, const char *name, int64_t value)
{
    row_name(row, name);
    buffer_format(row->out, "%" PRId64, value);
}

void row_flag(struct row *row, const char *name, bool value)
{
    row_name(row, name);
    buffer_text(row->out, value ? "true" : "false");
}

void row_null(struct row *row, const char *name)
{
    row_text(row, name, NULL);
}

void row_list(struct row *row, const char *name, const char *const *texts, unsigned count)
{
    row_name(row, name);
    buffer_text(row->out, "[");
    for (unsigned i = 0; i < count; i++) {
        buffer_text(row->out, i ? "," : "");
        row_value(row, texts[i]);
    }
    buffer_text(row->out, "]");
}
