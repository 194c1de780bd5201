/*
 * emit.h: what is made of fields and a mapping. Each writes one text to an open file; the caller checks the file at the end.
 */
#pragma once

#include "field.h"
#include "mapping.h"

#include <stdio.h>

/* Numbers the slots of all fields that are written; returns how many. Once, before any emit_code. */
unsigned emit_numbers(struct field_list *list);
/* C source that defines `const struct ecs_table ecs_table_STREAM`. */
void emit_code(FILE *out, const struct mapping *mapping, struct field_list *list,
               unsigned slot_count);
/* Its parts for mappings of whole records: the tables, and the members that name them. */
void emit_works(FILE *out, const struct mapping *mapping);
void emit_work_members(FILE *out, const struct mapping *mapping, struct field_list *list);

/* Where a template goes: what OpenSearch 2 has no type for is given as its nearest relation. */
enum emit_flavour { EMIT_ELASTICSEARCH, EMIT_OPENSEARCH };

/* Index template as JSON. */
void emit_template(FILE *out, const struct mapping *mapping, const struct field_list *list,
                   enum emit_flavour flavour);

/* Saved objects of Kibana and OpenSearch Dashboards, one a line. */
struct board;
void emit_board(FILE *out, const struct board *board, const char *dataset);

/* Page of the exported fields, in Markdown. */
void emit_page(FILE *out, struct mapping *const *mappings, size_t count,
               const struct field_list *list);
/* The same as JSON: {"dataset", "fields": [{"name", "type", "description", "value", "group", "index", "multi_fields", "from"}]}; what a
 * field has not is left out. group: exported (of the data stream itself), ecs (the mapping writes it), other. */
void emit_list(FILE *out, struct mapping *const *mappings, size_t count,
               const struct field_list *list);

/* Where what a field is made of is written, a name after the other in quotes; comma goes before the first one. */
struct emit_sources {
    FILE *out;
    const char *comma;
    char quote;
    bool has_any;
};
void emit_sources(struct emit_sources *to, const struct mapping *mapping,
                  const struct field *field);
