/*
 * emit_template.c: the index template of a data stream as JSON.
 *
 * Its priority is above the 200 of templates that come with Elastic's integrations, because two of one pattern and priority
 * cannot live in one cluster. A value that does not fit its type is left out of the index and kept in the document
 * (ignore_malformed), as Elastic's own log templates have it; not so for @timestamp, which a data stream needs.
 *
 * OpenSearch before 2.12, 2.14 and 2.15 lacks match_only_text, constant_keyword and wildcard, and its constants must have a
 * value: the second flavour takes text and keyword, and puts the values of constants nowhere, as documents do not carry them.
 */
#include "emit.h"

#include <string.h>

#define PRIORITY 250
#define FIELDS_MAX 1500
#define TEXT_MAX_LEN 1024

static void print_type(FILE *out, const struct field *field, enum emit_flavour flavour)
{
    const char *type = field->type;
    bool is_constant = strcmp(type, "constant_keyword") == 0;
    bool is_old = flavour == EMIT_OPENSEARCH;

    if (is_old && is_constant) {
        type = "keyword";
    } else if (is_old && strcmp(type, "match_only_text") == 0) {
        type = "text";
    } else if (is_old && strcmp(type, "flattened") == 0) {
        type = "flat_object";
    } else if (is_old && strcmp(type, "wildcard") == 0) {
        type = "keyword";
    }
    (void)fprintf(out, "\"type\": \"%s\"", type);
    if (strcmp(type, "keyword") == 0 && field->is_stored_only) {
        (void)fputs(", \"index\": false, \"doc_values\": false", out);
    } else if (strcmp(type, "keyword") == 0) {
        (void)fprintf(out, ", \"ignore_above\": %d", TEXT_MAX_LEN);
    } else if (strcmp(field->name, "@timestamp") == 0) {
        (void)fputs(", \"ignore_malformed\": false", out);
    } else if (is_constant && field->value != NULL && !is_old) {
        (void)fprintf(out, ", \"value\": \"%s\"", field->value);
    }
    if (field->has_text) {
        (void)fprintf(out, ", \"fields\": {\"text\": {\"type\": \"%s\"}}",
                      is_old ? "text" : "match_only_text");
    }
}

static void print_branch(FILE *out, const struct branch *branch, enum emit_flavour flavour,
                         int indent)
{
    (void)fprintf(out, "%*s\"%s\": {", indent, "", branch->key);
    if (branch->first == NULL) {
        print_type(out, branch->field, flavour);
        (void)fputs("}", out);
        return;
    }
    (void)fputs("\"properties\": {\n", out);
    for (const struct branch *child = branch->first; child != NULL; child = child->next) {
        print_branch(out, child, flavour, indent + 2);
        (void)fputs(child->next != NULL ? ",\n" : "\n", out);
    }
    (void)fprintf(out, "%*s}}", indent, "");
}

/* What a query without a field looks at: text alone, for a word that is no number would fail on a number's field. */
static void print_default_fields(FILE *out, const struct field_list *list)
{
    const char *comma = "";

    (void)fputs("        \"query\": {\"default_field\": [", out);
    for (size_t i = 0; i < list->count; i++) {
        const struct field *field = list->fields[i];
        bool is_text =
            strcmp(field->type, "keyword") == 0 || strcmp(field->type, "match_only_text") == 0;
        if (is_text && !field->is_stored_only) {
            (void)fprintf(out, "%s\n          \"%s\"", comma, field->name);
            comma = ",";
        }
    }
    (void)fputs("\n        ]}\n", out);
}

static void print_head(FILE *out, const struct mapping *mapping, const struct field_list *list)
{
    (void)fprintf(out,
                  "{\n"
                  "  \"index_patterns\": [\"logs-%s-*\"],\n"
                  "  \"data_stream\": {},\n"
                  "  \"priority\": %d,\n"
                  "  \"_meta\": {\"managed_by\": \"cortexd\", \"package\": \"%s\"},\n"
                  "  \"template\": {\n"
                  "    \"settings\": {\n"
                  "      \"index\": {\n"
                  "        \"codec\": \"best_compression\",\n"
                  "        \"mapping\": {\"ignore_malformed\": true, \"total_fields\": {\"limit\": "
                  "%d}},\n",
                  mapping->dataset, PRIORITY, mapping->module, FIELDS_MAX);
    print_default_fields(out, list);
    (void)fputs("      }\n    },\n", out);
}

void emit_template(FILE *out, const struct mapping *mapping, const struct field_list *list,
                   enum emit_flavour flavour)
{
    print_head(out, mapping, list);
    (void)fprintf(out,
                  "    \"mappings\": {\n"
                  "      \"dynamic\": true,\n"
                  "      \"date_detection\": false,\n"
                  "      \"dynamic_templates\": [\n"
                  "        {\"strings_as_keyword\": {\"match_mapping_type\": \"string\", "
                  "\"mapping\": {\"type\": \"keyword\", \"ignore_above\": %d}}}\n"
                  "      ],\n"
                  "      \"properties\": {\n",
                  TEXT_MAX_LEN);
    for (const struct branch *child = list->root.first; child != NULL; child = child->next) {
        print_branch(out, child, flavour, 8);
        (void)fputs(child->next != NULL ? ",\n" : "\n", out);
    }
    (void)fputs("      }\n    }\n  }\n}\n", out);
}
