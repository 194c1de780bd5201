/*
 * mapping.h: one file of mapping/, checked against the field lists.
 *
 * One thread; memory is document.h's. Reading fails as document_read does.
 */
#pragma once

#include "../table.h"
#include "field.h"

#include <stdbool.h>
#include <stddef.h>

#define MAPPING_ROW_MAX 1024
#define MAPPING_STEP_MAX 4096
#define MAPPING_SHORT_MAX 64 /* constants, finals */

struct mapping_step {
    enum ecs_step_kind kind;
    enum ecs_when when;
    struct field *field;
    struct field *other; /* ECS_WHEN_HAS */
};

struct mapping_row {
    const char *key;
    size_t line;
    struct field *field;
    enum ecs_as as;
    unsigned flags; /* enum ecs_row_flag */
    size_t step;
    size_t step_count;
};

struct mapping_constant {
    struct field *field;
    const char *text;
};

struct mapping_final {
    struct field *field;
    enum ecs_as as;
};

struct mapping {
    const char *path;
    const char *ecs_version;
    const char *stream;
    const char *module;
    const char *dataset;
    const char *prefix;
    const struct document_node *root;
    struct mapping_row rows[MAPPING_ROW_MAX];
    size_t row_count;
    struct mapping_step steps[MAPPING_STEP_MAX];
    size_t step_count;
    struct mapping_constant constants[MAPPING_SHORT_MAX];
    size_t constant_count;
    struct mapping_final finals[MAPPING_SHORT_MAX];
    size_t final_count;
};

/* Reads the head: ecs, stream, module, dataset, prefix. */
struct mapping *mapping_open(const char *path);
/* Reads the rest; marks the fields that are written. After field_finish. */
void mapping_read(struct mapping *mapping, struct field_list *list);

/* Words of the YAML file, by enum. */
extern const char *const mapping_as_words[ECS_AS_COUNT];
extern const char *const mapping_step_words[ECS_STEP_COUNT];
/* Names behind enum ecs_known. */
extern const char *const mapping_known[ECS_KNOWN_COUNT];
