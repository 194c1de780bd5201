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

static void print_source(struct emit_sources *to, const char *name)
{
    (void)fprintf(to->out, "%s%c%s%c", to->comma, to->quote, name, to->quote);
    to->comma = ", ";
    to->has_any = true;
}

/* Keys of the record, and fields that were made of such before. */
static void print_work_sources(struct emit_sources *to, const struct mapping *mapping,
                               const struct field *field)
{
    size_t prefix_len = strlen(mapping->prefix);

    for (size_t i = 0; i < mapping->work_count; i++) {
        const struct mapping_work *work = &mapping->works[i];
        bool is_pair = work->verb == ECS_VERB_PAIRS || work->verb == ECS_VERB_USER;
        const char *name = work->from != NULL ? work->from->name : NULL;
        if (name == NULL || work->from == field ||
            (work->to != field && !(is_pair && work->other == field))) {
            continue;
        }
        if (strncmp(name, mapping->prefix, prefix_len) == 0 && name[prefix_len] == '.') {
            name += prefix_len + 1;
        }
        print_source(to, name);
    }
}

void emit_sources(struct emit_sources *to, const struct mapping *mapping, const struct field *field)
{
    for (size_t i = 0; !mapping->is_whole && i < mapping->row_count; i++) {
        const struct mapping_row *row = &mapping->rows[i];
        for (size_t j = 0; j < row->step_count; j++) {
            if (mapping->steps[row->step + j].field == field) {
                print_source(to, row->key);
            }
        }
    }
    print_work_sources(to, mapping, field);
}

/* Shared fields of ECS that this mapping leaves to others: they are in the index, too. */
static void print_others(FILE *out, const struct field_list *list)
{
    (void)fputs("\n## Other fields of the index\n\n"
                "What collectors add, and what other data streams of the package have.\n\n"
                "| Field | Description | Type |\n|---|---|---|\n",
                out);
    for (size_t i = 0; i < list->count; i++) {
        const struct field *field = list->fields[i];
        if (!field->is_exported && !field->is_written) {
            print_row(out, field);
        }
    }
}

void emit_page(FILE *out, struct mapping *const *mappings, size_t count,
               const struct field_list *list)
{
    (void)fprintf(out,
                  "# %s: exported fields\n\n"
                  "Made from `schema/` when the agent is built.\n\n"
                  "| Field | Description | Type |\n|---|---|---|\n",
                  mappings[0]->dataset);
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
        struct emit_sources sources = {.out = out, .quote = '`', .comma = ""};
        if (!field->is_exported && field->is_written) {
            (void)fprintf(out, "| %s | ", field->name);
            for (size_t j = 0; j < count; j++) {
                emit_sources(&sources, mappings[j], field);
            }
            (void)fprintf(out, " | %s |\n", field->type);
        }
    }
    print_others(out, list);
}
