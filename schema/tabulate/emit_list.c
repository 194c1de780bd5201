/*
 * emit_list.c: the exported fields for programs, as JSON: one object, a field a line, in the order of names.
 */
#include "emit.h"

#include <string.h>

static void print_text(FILE *out, const char *text)
{
    (void)fputc('"', out);
    for (; *text != '\0'; text++) {
        unsigned char c = (unsigned char)*text;
        if (c == '"' || c == '\\') {
            (void)fprintf(out, "\\%c", c);
        } else if (c < ' ') {
            (void)fprintf(out, "\\u%04x", c);
        } else {
            (void)fputc(c, out);
        }
    }
    (void)fputc('"', out);
}

static void print_member(FILE *out, const char *name, const char *text)
{
    if (text != NULL) {
        (void)fprintf(out, ", \"%s\": ", name);
        print_text(out, text);
    }
}

static void print_from(FILE *out, struct mapping *const *mappings, size_t count,
                       const struct field *field)
{
    struct emit_sources sources = {.out = out, .quote = '"', .comma = ", \"from\": ["};

    for (size_t i = 0; i < count; i++) {
        emit_sources(&sources, mappings[i], field);
    }
    if (sources.has_any) {
        (void)fputc(']', out);
    }
}

static void print_field(FILE *out, struct mapping *const *mappings, size_t count,
                        const struct field *field)
{
    (void)fputs("{\"name\": ", out);
    print_text(out, field->name);
    print_member(out, "type", field->type);
    print_member(out, "description", field->about);
    print_member(out, "value", field->value);
    print_member(out, "group",
                 field->is_exported  ? "exported"
                 : field->is_written ? "ecs"
                                     : "other");
    if (field->is_stored_only) {
        (void)fputs(", \"index\": false", out);
    }
    if (field->has_text) {
        (void)fputs(", \"multi_fields\": [{\"name\": \"text\", \"type\": \"match_only_text\"}]",
                    out);
    }
    if (!field->is_exported && field->is_written) {
        print_from(out, mappings, count, field);
    }
    (void)fputc('}', out);
}

void emit_list(FILE *out, struct mapping *const *mappings, size_t count,
               const struct field_list *list)
{
    (void)fputs("{\"dataset\": ", out);
    print_text(out, mappings[0]->dataset);
    (void)fputs(", \"fields\": [", out);
    for (size_t i = 0; i < list->count; i++) {
        (void)fputs(i > 0 ? ",\n" : "\n", out);
        print_field(out, mappings, count, list->fields[i]);
    }
    (void)fputs("\n]}\n", out);
}
