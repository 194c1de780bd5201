/*
 * map.h: the state of mapping one event by one table, and the parts that work on it.
 *
 * A struct map belongs to an instance and is used again for each event; what it points to is event memory. Functions that
 * return int give 0, MAP_STOP (a step failed that has no handler of its own: the rest of the mapping is not done), or a
 * negative enum cxd_status. One thread: the input's.
 */
#pragma once

#include "table.h"

#include <cxd/event.h>
#include <cxd/host.h>

#include <locale.h>
#include <stdbool.h>

#define MAP_STOP 1
#define MAP_ROWS_MAX 512
#define MAP_SLOTS_MAX 1024
#define MAP_WORDS (MAP_ROWS_MAX / 64)
#define MAP_INTERFACES_MAX 8
#define MAP_DIRTY_MAX 16
#define MAP_EXCERPT_ROOM 200

struct map {
    const struct cxd_host *host;
    struct cxd_self *self;
    const struct ecs_table *table;
    locale_t plain;           /* "C": numbers are read and written in it */
    uint16_t root_slots[256]; /* first top-level slot whose name begins with that byte */
    uint16_t interface_rows[MAP_INTERFACES_MAX]; /* rows that are interface maps */
    unsigned interface_count;
    const struct cxd_value *empty; /* "" */

    /* of the event */
    struct cxd_event *event;
    struct cxd_node *root;
    struct cxd_node *spare; /* rest of the block of nodes */
    size_t spare_count;
    bool keeps_duplicates; /* the tag is there */
    bool defers; /* what would not stay is not even written, unless the mapping stops half-way */
    bool sweeps; /* something empty may be anywhere in the document; set before it gets there */
    unsigned dirty_count;            /* else it can only be below these */
    uint16_t dirty[MAP_DIRTY_MAX];   /* slots */
    bool has_interface_maps;         /* both have been rewritten */
    bool lacks_memory;               /* a comparison could not be made: found at the end */
    const struct cxd_value *scratch; /* the record, when it is JSON but no object; else NULL */
    const struct cxd_record *record; /* NULL: none */
    uint64_t present[MAP_WORDS];     /* rows whose key is in the record */
    uint64_t mapped[MAP_WORDS];      /* rows whose custom field has a value */
    uint64_t deferred[MAP_WORDS];    /* of these, the ones not in the document */
    const struct cxd_value *source[MAP_ROWS_MAX]; /* valid where present */
    /* value and children, valid where mapped; of rows that only keep their value, where they have steps or are deferred */
    struct cxd_node custom[MAP_ROWS_MAX];
    struct cxd_node *slot[MAP_SLOTS_MAX]; /* node of a document field, or NULL */
    char excerpt[MAP_EXCERPT_ROOM];
    struct cxd_error why;         /* for a caller who gives none */
    uint8_t blank[MAP_SLOTS_MAX]; /* 0, or 1 + the place in its list of a "" that is not written */
};

static inline bool map_has(const uint64_t *bits, unsigned row)
{
    return (bits[row / 64] >> (row % 64) & 1) != 0;
}

static inline void map_mark(uint64_t *bits, unsigned row)
{
    bits[row / 64] |= (uint64_t)1 << (row % 64);
}

/* The custom field of a row as the steps see it: of this record, else what the document came with; NULL: absent. */
static inline struct cxd_node *map_custom(struct map *map, unsigned row)
{
    return map_has(map->mapped, row) ? &map->custom[row] : map->slot[map->table->rows[row].slot];
}

/* --- value.c: making and comparing values --- */

/* Text without anything that JSON escapes (digits, letters): costs nothing when written. */
static inline struct cxd_value value_plain(const char *ptr, size_t len)
{
    return (struct cxd_value){.ptr = ptr, .len = (uint32_t)len, .kind = CXD_KIND_STRING};
}

/* Any UTF-8 text. */
static inline struct cxd_value value_of_text(const char *ptr, size_t len)
{
    return (struct cxd_value){
        .ptr = ptr, .len = (uint32_t)len, .kind = CXD_KIND_STRING, .flags = CXD_VALUE_TEXT};
}

/* A copy in event memory; ptr NULL: no memory. */
struct cxd_value value_copy(struct map *map, const char *ptr, size_t len, uint8_t flags);
static inline bool value_is_blank(const struct cxd_value *value)
{
    return value->kind == CXD_KIND_NULL || (value->kind == CXD_KIND_STRING && value->len == 0);
}
/* A list or object as text with nothing in it. */
bool value_is_hollow(const struct cxd_value *value);
/* null, "", {} or [] as text. */
static inline bool value_is_empty(const struct cxd_value *value)
{
    return value->kind > CXD_KIND_STRING ? value_is_hollow(value) : value_is_blank(value);
}
/* Two strings with the same text, however escaped. Without memory: false, and lacks_memory is set. */
bool value_is_same_text(struct map *map, const struct cxd_value *a, const struct cxd_value *b);
/* The text of a scalar as a Java program shows it; of containers their JSON. false: no memory. */
bool value_render(struct map *map, const struct cxd_value *value, struct cxd_value *ret_text);
bool value_decode(struct map *map, const struct cxd_value *value, struct cxd_bytes *ret_text);
/* The same, decoded. A text with lone surrogates comes as it is written. Memory is the only failure. */
static inline bool value_bytes(struct map *map, const struct cxd_value *value,
                               struct cxd_bytes *ret_text)
{
    if (value->kind == CXD_KIND_STRING && (value->flags & CXD_VALUE_ESCAPED) == 0) {
        *ret_text = (struct cxd_bytes){value->ptr, value->len};
        return true;
    }
    return value_decode(map, value, ret_text);
}

/* --- slot.c: the document by slot number --- */

/* A further block of nodes. 0 or CXD_NOMEM. */
int slot_refill(struct map *map);
/* A node from the block, empty; NULL: no memory. */
static inline struct cxd_node *slot_node(struct map *map)
{
    if (map->spare_count == 0 && slot_refill(map) != CXD_OK) {
        return NULL;
    }
    map->spare_count--;
    *map->spare = (struct cxd_node){0};
    return map->spare++;
}
/* The child, which has no next, becomes the last of its parent. */
static inline void slot_link(struct cxd_node *parent, struct cxd_node *child)
{
    if (parent->last != NULL) {
        parent->last->next = child;
    } else {
        parent->first = child;
    }
    parent->last = child;
}
/* The host's node_expand, but for the usual list of one text, which needs no scan. CXD_VALUE_DIRTY stays. */
int slot_expand(struct map *map, struct cxd_node *node);
/* Finds what the document holds already. 0 or negative. */
int slot_bind(struct map *map);
/* Remembers what has to be swept when this value gets into that field. */
static inline void slot_note(struct map *map, unsigned slot, const struct cxd_value *value)
{
    map->sweeps |= value_is_blank(value);
    if ((value->flags & CXD_VALUE_DIRTY) != 0) {
        if (map->dirty_count < MAP_DIRTY_MAX) {
            map->dirty[map->dirty_count++] = (uint16_t)slot;
        } else {
            map->sweeps = true;
        }
    }
}
/* Sets a field; parents are made. MAP_STOP: a parent is no object. */
int slot_put(struct map *map, unsigned slot, struct cxd_value value);
/* The same in line for the usual case: the field is absent, its parent there, a node at hand. */
static inline int slot_put_new(struct map *map, unsigned slot, const struct cxd_value *value)
{
    const struct ecs_slot *shape = &map->table->slots[slot];
    struct cxd_node *parent = map->slot[shape->parent];
    struct cxd_node *node;

    if (map->slot[slot] != NULL || parent == NULL || parent->value.kind != CXD_KIND_OBJECT ||
        (parent->value.flags & CXD_VALUE_TREE) == 0 || map->spare_count == 0) {
        return slot_put(map, slot, *value);
    }
    map->spare_count--;
    node = map->spare++;
    *node = (struct cxd_node){.key = shape->key, .key_len = shape->key_len, .value = *value};
    slot_link(parent, node);
    map->slot[slot] = node;
    map->blank[slot] = 0;
    slot_note(map, slot, value);
    return CXD_OK;
}
/* The same with the children of a list or object, which then belong to the field. */
int slot_put_node(struct map *map, unsigned slot, const struct cxd_node *node);
/* The same with a copy of children, all the way down. */
int slot_copy_node(struct map *map, unsigned slot, const struct cxd_node *node);
/* Takes a field out; its parents stay. */
void slot_remove(struct map *map, unsigned slot);
/* Adds a text to a list, or makes one; unique: not if it is there. Scalar: stays when equal, else first of a list. */
int slot_append(struct map *map, unsigned slot, const struct cxd_value *text, bool is_unique);
/* --- blank.c: the "" of absent values --- */

/* Appends "", or remembers to when nothing would be left of it: most absent values end here. */
int slot_append_blank(struct map *map, unsigned slot);
/* Whether a field is, or has among its elements, this text. Without memory: as above. */
bool slot_contains(struct map *map, unsigned slot, struct cxd_bytes text);
/* The field is there and not null. */
static inline bool slot_is_set(const struct map *map, unsigned slot)
{
    return map->slot[slot] != NULL && map->slot[slot]->value.kind != CXD_KIND_NULL;
}
/* The "" that slot_append would have added to absent fields, where an append was put off. */
int slot_unblank(struct map *map);

/* --- sweep.c --- */

/* Takes null, "", {} and [] out of a container, and containers that are empty then. 0 or negative. */
int sweep_node(struct map *map, struct cxd_node *node);
/* The same for the document: all of it when something empty may be anywhere, else only what was noted. */
int sweep_document(struct map *map);

/* --- convert.c: a record's value to a custom field's --- */

/* Fills custom and mapped of a row whose key is present and converted; failures become error entries. */
int convert_row(struct map *map, unsigned row);
/* Elements to long in place, a bad one to null and an error entry, as the last step of a field. */
int convert_longs(struct map *map, unsigned slot);

/* One value in place, of a list each element; not good: it cannot be converted, and what it holds now is not said. */
int convert_node(struct map *map, enum ecs_as as, struct cxd_node *node, bool *ret_is_good);

/* --- step.c: ECS fields from a custom field --- */

int step_run(struct map *map, unsigned row, const struct ecs_step *step);

/* --- interface.c --- */

/* Text of all interface maps to lists of objects, once; then the row's addresses are checked. */
int interface_map(struct map *map, unsigned row);

/* --- endpoint.c: what the tables cannot say about endpoint events --- */

/* @timestamp from a time or a list of times. */
int endpoint_timestamp(struct map *map, unsigned row, unsigned slot);
/* Copy of a text with a letter in it, then the field in lower case; is_joined: its words with dashes. */
int endpoint_slug(struct map *map, unsigned row, unsigned slot, bool is_joined);
/* The field in lower case. */
int endpoint_hostname(struct map *map, unsigned row, unsigned slot);
/* host.hostname and host.domain joined. */
int endpoint_host_name(struct map *map, unsigned row, unsigned slot);

/* --- fault.c: failures as the document tells them --- */

/* An entry in error.message: "Processor TYPE with tag TYPE_NAME in pipeline .. failed with message: ..". */
__attribute__((format(printf, 4, 5))) int fault_add(struct map *map, const char *type,
                                                    const char *name, const char *format, ...);
/* For a step without a handler: remembers the message in the document and gives MAP_STOP. */
__attribute__((format(printf, 4, 5))) int fault_stop(struct map *map, const char *type,
                                                     const char *name, const char *format, ...);
/* The beginning of a value as it is written, for a message; valid until the next call. */
const char *fault_excerpt(struct map *map, const struct cxd_value *value);
/* The document after MAP_STOP: all that was put off, and the rest of the record under json. */
int fault_scratch(struct map *map);
/* event.kind and tag of an error document. */
int fault_mark(struct map *map);

/* --- record.c --- */

/* What the instance was told. */
struct map_options {
    bool keeps_original;   /* preserve_original_event */
    bool keeps_duplicates; /* preserve_duplicate_custom_fields */
    bool drops_original;   /* drop_original */
    bool maps_malformed;   /* malformed: document */
};

/*
 * The text to read: event.original when the document has one, else the message, which becomes event.original. Set as the
 * event's message, so that the host scans it. *ret_text.ptr is NULL when there is none.
 */
int record_take(struct map *map, struct cxd_bytes *ret_text);
/* The document's id from the text's bytes: the same bytes again get the same id. */
void record_set_id(struct map *map, struct cxd_bytes text);
/* Scans the text and finds its rows. What is no JSON object is refused with err, or mapped as the options say. */
int record_read(struct map *map, const struct map_options *options, struct cxd_bytes text,
                struct cxd_error *err);

/* --- map.c --- */

/* false: no memory. map_done accepts a map whose init failed. */
bool map_init(struct map *map, const struct cxd_host *host, struct cxd_self *self,
              const struct ecs_table *table);
void map_done(struct map *map);
/* Maps one event. 0: the document is ready; negative: dead letter, err says why. */
int map_run(struct map *map, const struct map_options *options, struct cxd_event *event,
            struct cxd_error *err);
