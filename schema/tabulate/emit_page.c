/*
 * emit_page.c: the exported fields for a reader, in Markdown: the stream's own, then the ECS fields that its mapping writes.
 */
#include "emit.h"

#include <string.h>

/* Text of a table cell: a bar would end it. */
static void print_cell(FILE *out, const char *text)
{
    for (; *text != '\0'; text++) {
        if (*text == '|') {
            (void)fputc('\\', out);
        }
        (void)fputc(*text == '\n' ? ' ' : *text, out);
    }
}

static void print_row(FILE *out, const struct field *field)
{
    (void)fprintf(out, "| %s | ", field->name);
    if (field->about != NULL) {
        print_cell(out, field->about);
    }
    if (field->value != NULL) {
        (void)fputs(" Always `", out);
        print_cell(out, field->value);
        (void)fputs("`.", out);
    }
    (void)fprintf(out, " | %s |\n", field->type);
}

static void print_sources(FILE *out, const struct mapping *mapping, const struct field *field)
{
    const char *comma = "";

    for (size_t i = 0; i < mapping->row_count; i++) {
        const struct mapping_row *row = &mapping->rows[i];
        for (size_t j = 0; j < row->step_count; j++) {
            if (mapping->steps[row->step + j].field == field) {
                (void)fprintf(out, "%s`%s`", comma, row->key);
                comma = ", ";
            }
        }
    }
}

void emit_page(FILE *out, const struct mapping *mapping, const struct field_list *list)
{
    (void)fprintf(out,
                  "# %s: exported fields\n\n"
                  "Made from `schema/` when the agent is built.\n\n"
                  "| Field | Description | Type |\n|---|---|---|\n",
                  mapping->dataset);
    for (size_t i = 0; i < list->count; i++) {
        if (list->fields[i]->is_exported) {
            print_row(out, list->fields[i]);
        }
    }
    (void)fputs("\n## ECS fields\n\n"
                "What the mapping writes beside them, and the keys of the record that it comes "
                "from.\n\n"
                "| Field | From | Type |\n|---|---|---|\n",
                out);
    for (size_t i = 0; i < list->count; i++) {
        const struct field *field = list->fields[i];
        if (!field->is_exported && field->is_written) {
            (void)fprintf(out, "| %s | ", field->name);
            print_sources(out, mapping, field);
            (void)fprintf(out, " | %s |\n", field->type);
        }
    }
}
