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

struct mapping_work {
    enum ecs_verb verb;
    unsigned guard; /* enum ecs_guard */
    enum ecs_fail fail;
    bool is_needed;
    struct field *from;
    struct field *to;
    struct field *other;
    const char *text;
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

    /* record: whole */
    bool is_whole;
    unsigned flags; /* enum ecs_table_flag */
    struct mapping_work works[MAPPING_ROW_MAX];
    size_t work_count;
    struct mapping_constant additions[MAPPING_SHORT_MAX];
    size_t addition_count;
    struct field *id[MAPPING_SHORT_MAX];
    size_t id_count;
    struct field *removals[MAPPING_SHORT_MAX];
    size_t removal_count;
    struct field *duplicates[MAPPING_SHORT_MAX];
    size_t duplicate_count;
};

/* Reads the head: ecs, stream, module, dataset, prefix. */
struct mapping *mapping_open(const char *path);
/* Reads the rest; marks the fields that are written. After field_finish. */
void mapping_read(struct mapping *mapping, struct field_list *list);

/* For work.c, which reads what `record: whole` adds. */
const struct document_node *mapping_list(const struct document_node *root, const char *key,
                                         enum document_kind kind);
const char *mapping_plain(const struct document_node *map, const char *key);
int mapping_word(const char *const *words, size_t count, const char *word);
struct field *mapping_target(const struct field_list *list, const struct document_node *node,
                             const char *name);
void mapping_constants(const struct document_node *set, const struct field_list *list,
                       struct mapping_constant *constants, size_t *count);
/* work.c: the works and what belongs to them. Fills rows with the keys that they ask for. */
void work_read(struct mapping *mapping, const struct field_list *list);

/* Words of the YAML file, by enum. */
extern const char *const mapping_as_words[ECS_AS_COUNT];
extern const char *const mapping_step_words[ECS_STEP_COUNT];
extern const char *const work_verb_words[ECS_VERB_COUNT];
/* Names behind enum ecs_known. */
extern const char *const mapping_known[ECS_KNOWN_COUNT];
