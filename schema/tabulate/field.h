/*
 * field.h: the index fields, from fields/ and ecs/: names, types and what they hold; flat and as a tree.
 *
 * One thread; memory is document.h's. Reading fails as document_read does.
 */
#pragma once

#include "document.h"

#include <stdbool.h>
#include <stddef.h>

#define FIELD_MAX 4096

struct field {
    const char *name; /* dotted */
    const char *type;
    const char *about; /* may be NULL */
    const char *value; /* constant_keyword: may be NULL */
    const char *file;
    size_t line;
    bool is_exported; /* from fields/: of the data stream itself, not only ECS */
    bool has_text;    /* a second field that is searched word by word */
    bool is_stored_only;
    bool is_written; /* the mapping writes it */
    unsigned slot;   /* number among the written ones and their parents */
};

/* A name part. A field with children is of type object; a branch without a field has only children. */
struct branch {
    const char *key;
    struct field *field; /* NULL: only a parent */
    struct branch *parent;
    struct branch *first;
    struct branch *next; /* in the order of names */
    unsigned slot;       /* 0: not written */
};

struct field_list {
    struct field *fields[FIELD_MAX];
    size_t count;
    struct branch root;
};

/* Adds a file's fields. $dataset and $module in `value` become the words given here. */
void field_read(struct field_list *list, const char *path, bool is_exported, const char *dataset,
                const char *module);
/* The data set that a module's file says its fields are of (`dataset`). */
const char *field_dataset(const char *path);
/* Adds the fields of a module's file. One that is there already must be there with the same type; it stays as it is. Before
 * field_finish. */
void field_merge(struct field_list *list, const char *path, const char *dataset,
                 const char *module);
/* Sorts by name, refuses a field below one that is no object, fills root. */
void field_finish(struct field_list *list);
/* Binary search; NULL: unknown. After field_finish. */
struct field *field_find(const struct field_list *list, const char *name);
/* The branch of a name; NULL: unknown. After field_finish. */
struct branch *field_branch(struct field_list *list, const char *name);
