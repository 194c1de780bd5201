/*
 * whole.h: mappings that put a record into the document whole and work on it there, one work after the other.
 *
 * Results, memory and thread as in map.h. A function of a verb gets its source as a node that is there.
 */
#pragma once

#include "map.h"

/* What a mapping of whole records knows beside the tables. Owned by the instance. */
struct whole {
    const struct ecs_table
        *tables[2];            /* of the first and the second version of the API, or the same */
    unsigned version;          /* 0 or 1: which, when the document does not say */
    const struct place *place; /* where addresses are; NULL: nobody knows */
};

/* --- whole.c --- */

/* Maps one event. 0: the document is ready; CXD_DISCARD: nothing to index; negative: dead letter, err says why. */
int whole_run(struct map *map, const struct whole *whole, const struct map_options *options,
              struct cxd_event *event, struct cxd_error *err);

/* --- bind.c: the record as members of the document --- */

/* Replaces the record's field with the record's members. */
int bind_put(struct map *map);
/* Finds all fields again: after the record is there, after a sweep. */
int bind_all(struct map *map);
/* Member of an object, the last of its name; NULL: there is none. 0 or negative. */
int bind_find(struct map *map, struct cxd_node *parent, const char *name,
              struct cxd_node **ret_node);
/* Takes a member out. */
void bind_remove(struct cxd_node *parent, const struct cxd_node *node);

/* --- verb.c: works that any stream uses; edit.c: works on texts; entity.c: works that know their subject --- */

typedef int (*verb_fn)(struct map *map, const struct ecs_work *work, struct cxd_node *from);

/* Last part of the source's name, for messages. */
const char *verb_name(const struct map *map, const struct ecs_work *work);
/* A failure as the work's `fail` has it: an entry, or the end of the mapping. type is the kind of step. */
__attribute__((format(printf, 4, 5))) int verb_fail(struct map *map, const struct ecs_work *work,
                                                    const char *type, const char *format, ...);

/* Elements of a list in tree form. */
size_t verb_count(const struct cxd_node *list);
/* A second node with the same value and elements of its own, so that an edit does not show in the first. */
int verb_share(struct map *map, const struct cxd_node *from, struct cxd_node *ret_copy);

/* The beginning of a value for a message; valid until the next call. */
const char *verb_excerpt(struct map *map, struct cxd_node *node);

int verb_move(struct map *map, const struct ecs_work *work, struct cxd_node *from);
int verb_copy(struct map *map, const struct ecs_work *work, struct cxd_node *from);
int verb_date(struct map *map, const struct ecs_work *work, struct cxd_node *from);
int verb_date_first(struct map *map, const struct ecs_work *work, struct cxd_node *from);
int verb_convert(struct map *map, const struct ecs_work *work, struct cxd_node *from);
int verb_append(struct map *map, const struct ecs_work *work, struct cxd_node *from);
int verb_append_list(struct map *map, const struct ecs_work *work, struct cxd_node *from);
int verb_remove(struct map *map, const struct ecs_work *work, struct cxd_node *from);

int edit_wrap(struct map *map, const struct ecs_work *work, struct cxd_node *from);
int edit_split(struct map *map, const struct ecs_work *work, struct cxd_node *from);
int edit_lower(struct map *map, const struct ecs_work *work, struct cxd_node *from);
int edit_mac(struct map *map, const struct ecs_work *work, struct cxd_node *from);
int edit_colon(struct map *map, const struct ecs_work *work, struct cxd_node *from);
int edit_domain(struct map *map, const struct ecs_work *work, struct cxd_node *from);

int entity_lookup(struct map *map, const struct ecs_work *work, struct cxd_node *from);
int entity_pairs(struct map *map, const struct ecs_work *work, struct cxd_node *from);
int entity_user(struct map *map, const struct ecs_work *work, struct cxd_node *from);

/* --- print.c --- */

/* Lists and objects as a template shows them: {0=a, 1=b}; scalars as value_render does. false: no memory. */
bool print_value(struct map *map, struct cxd_node *node, struct cxd_value *ret_text);

/* --- identity.c --- */

/* The document's id from the fields that the table names; none of them there: none. */
int identity_set(struct map *map);
