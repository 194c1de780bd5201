/*
 * jsonc.h: the mapping of endpoint events as one writes it who has json-c and the tables of schema/: parse the record into a tree, build
 * the document as a tree, row by row, take out what is empty, write it. The baseline of tests/bench/run; its documents are
 * those of `cortexd map event`, but for records whose mapping stops half-way, which it does not know. No limits: data is ours.
 */
#pragma once

#include "table.h"

#include <json-c/json.h>
#include <stdbool.h>

struct jsonc {
    const struct ecs_table *table;
    struct json_object *root;
    struct json_object *record;
    struct json_object *source[512]; /* of each row; borrowed from the record */
    struct json_object *custom[512]; /* what the row made of it; borrowed from the document */
    bool is_present[512];            /* the record has the row's key */
    bool is_mapped[512];             /* the row has its custom field */
    bool has_stopped;                /* a step without a handler failed: not done here */
};

/* The document of a record. Owned. with_original: event.original stays. NULL: no JSON object. */
struct json_object *jsonc_map(struct jsonc *j, const char *text, size_t len, bool with_original);

/* jsonc_field.c: fields of the document by slot */

bool field_get(struct jsonc *j, unsigned slot, struct json_object **ret_value);
bool field_is_set(struct jsonc *j, unsigned slot); /* there and not null */
void field_put(struct jsonc *j, unsigned slot, struct json_object *value); /* takes the value */
void field_remove(struct jsonc *j, unsigned slot);
void field_append(struct jsonc *j, unsigned slot, struct json_object *text, bool is_unique);
void fault_add(struct jsonc *j, const char *type, const char *name, const char *message);
struct json_object *value_copy(struct json_object *value);
/* A scalar's text, a container's JSON. Valid until the value changes. */
const char *text_of(struct json_object *value);
bool value_is_blank(struct json_object *value); /* null or "" */
void value_sweep(struct json_object *value);

/* jsonc_convert.c: custom fields and final conversions */

void convert_row(struct jsonc *j, unsigned row);
void convert_longs(struct jsonc *j, unsigned slot);
/* jsonc_step.c */
void step_run(struct jsonc *j, unsigned row, const struct ecs_step *step);
