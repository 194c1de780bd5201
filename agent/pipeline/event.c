/*
 * event.c: one event's memory, scan, document and id. Knows the scanner, the writer and the arena; the nodes' layout is the
 * public one. Thread: the input's.
 */
#include "pipeline/event.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/scan.h"
#include "base/text.h"
#include "base/write.h"

#include <stdlib.h>
#include <string.h>

#define MESSAGE_MAX ((size_t)16 << 20)
#define BLOCK_MIN ((size_t)64 << 10)
#define BLOCK_MAX ((size_t)1 << 20)

enum scan_stage { SCAN_UNDONE, SCAN_GOOD, SCAN_BAD };

struct cxd_event {
    struct arena *arena;
    size_t block_size;
    size_t message_max;
    size_t memory_max;
    size_t given; /* bytes handed out; the arena's own count rounds up */
    int is_full;  /* an allocation failed by memory_max, not by lack of memory */
    struct cxd_bytes message;
    int is_message_hidden; /* never the document's `message` */
    enum scan_stage stage;
    struct scan scan;  /* of the message */
    struct scan child; /* of a container, for the time of node_expand */
    struct scan_fault fault;
    struct cxd_record record;
    struct cxd_node root;
    size_t id_len;
    int is_id_offered;
    char id[EVENT_ID_MAX];
};

/* event.c counts what it hands out itself, to tell a record's limit from lack of memory. The arena's own limit counts whole
 * blocks, of which up to half may stay unused, and names that the scanner rewrites. */
static struct arena *arena_for(const struct cxd_event *ev, size_t block_size)
{
    return arena_new(block_size, 2 * (ev->memory_max + ev->message_max + BLOCK_MAX));
}

int event_open(const struct event_limits *limits, struct cxd_event **ret_event)
{
    size_t message_max = limits->message_max != 0 ? limits->message_max : MESSAGE_MAX;
    struct cxd_event *ev;

    if (message_max > UINT32_MAX || limits->memory_max > SIZE_MAX / 4) {
        return CXD_INVALID;
    }
    ev = calloc(1, sizeof *ev);
    if (ev == NULL) {
        return CXD_NOMEM;
    }
    ev->message_max = message_max;
    ev->memory_max =
        limits->memory_max != 0 ? limits->memory_max : 4 * message_max + ((size_t)1 << 20);
    ev->block_size = BLOCK_MIN;
    ev->arena = arena_for(ev, ev->block_size);
    if (ev->arena == NULL) {
        free(ev);
        return CXD_NOMEM;
    }
    event_reset(ev);
    *ret_event = ev;
    return CXD_OK;
}

/* Records that never fit into the first block would cost a malloc each: the block grows to what the last one took. */
static void block_fit(struct cxd_event *ev)
{
    size_t block_size = ev->block_size;
    struct arena *arena;

    while (block_size < arena_used(ev->arena) && block_size < BLOCK_MAX) {
        block_size *= 2;
    }
    arena = block_size > ev->block_size ? arena_for(ev, block_size) : NULL;
    if (arena != NULL) {
        arena_free(ev->arena);
        ev->arena = arena;
        ev->block_size = block_size;
    }
}

void event_reset(struct cxd_event *ev)
{
    block_fit(ev);
    arena_reset(ev->arena);
    ev->given = 0;
    ev->is_full = 0;
    ev->message = (struct cxd_bytes){0};
    ev->is_message_hidden = 0;
    ev->stage = SCAN_UNDONE;
    ev->root = (struct cxd_node){.value = {.kind = CXD_KIND_OBJECT, .flags = CXD_VALUE_TREE}};
    ev->id_len = 0;
    ev->is_id_offered = 0;
}

void event_close(struct cxd_event *ev)
{
    if (ev == NULL) {
        return;
    }
    scan_done(&ev->scan);
    scan_done(&ev->child);
    arena_free(ev->arena);
    free(ev);
}

int event_render(const struct cxd_event *ev, struct buf *out)
{
    return write_node(&ev->root, out);
}

struct cxd_bytes event_id(const struct cxd_event *ev)
{
    return ev->id_len > 0 ? (struct cxd_bytes){ev->id, ev->id_len} : (struct cxd_bytes){0};
}

int event_lack(const struct cxd_event *ev)
{
    return ev->is_full ? CXD_TOO_LARGE : CXD_NOMEM;
}

void *event_alloc(struct cxd_event *ev, size_t size)
{
    ev->is_full = size > ev->memory_max - ev->given;
    if (ev->is_full) {
        return NULL;
    }
    ev->given += size;
    return arena_alloc(ev->arena, size);
}

void event_set_message(struct cxd_event *ev, struct cxd_bytes message)
{
    ev->message = message;
    ev->stage = SCAN_UNDONE;
}

void event_hide_message(struct cxd_event *ev)
{
    ev->is_message_hidden = 1;
}

int event_is_message_hidden(const struct cxd_event *ev)
{
    return ev->is_message_hidden;
}

struct cxd_bytes event_message(struct cxd_event *ev)
{
    return ev->message;
}

static int message_scan(struct cxd_event *ev)
{
    if (ev->message.len > ev->message_max) {
        ev->fault = (struct scan_fault){.status = CXD_TOO_LARGE,
                                        .offset = ev->message_max,
                                        .text = "the record is larger than the limit"};
        return CXD_TOO_LARGE;
    }
    return scan_record(&ev->scan, ev->message, ev->arena, &ev->fault);
}

int event_record(struct cxd_event *ev, const struct cxd_record **ret_record, struct cxd_error *err)
{
    if (ev->stage == SCAN_UNDONE) {
        ev->stage = message_scan(ev) == CXD_OK ? SCAN_GOOD : SCAN_BAD;
        ev->record = (struct cxd_record){.fields = ev->scan.fields, .count = ev->scan.count};
    }
    if (ev->stage == SCAN_BAD) {
        return scan_error(&ev->fault, err);
    }
    *ret_record = &ev->record;
    return CXD_OK;
}

struct cxd_node *event_root(struct cxd_event *ev)
{
    return &ev->root;
}

/* What can stand in an id: visible ASCII that JSON writes as it is. */
void event_offer_id(struct cxd_event *ev, struct cxd_bytes id)
{
    if (ev->id_len == 0) {
        event_set_id(ev, id);
        ev->is_id_offered = ev->id_len > 0;
    }
}

int event_is_id_offered(const struct cxd_event *ev)
{
    return ev->is_id_offered;
}

static const unsigned char id_letters[256] = {['!'] = 1, ['#' ... '['] = 1, [']' ... '~'] = 1};

void event_set_id(struct cxd_event *ev, struct cxd_bytes id)
{
    size_t at = 0;

    ev->id_len = 0;
    ev->is_id_offered = 0;
    if (id.len > EVENT_ID_MAX) {
        return;
    }
    while (at < id.len && id_letters[(unsigned char)id.ptr[at]]) {
        at++;
    }
    if (at < id.len) {
        return;
    }
    if (id.len > 0) {
        memcpy(ev->id, id.ptr, id.len);
        ev->id_len = id.len;
    }
}

static void child_add(struct cxd_node *parent, struct cxd_node *child)
{
    child->next = NULL;
    if (parent->last != NULL) {
        parent->last->next = child;
    } else {
        parent->first = child;
    }
    parent->last = child;
}

static int is_container(const struct cxd_value *value)
{
    return value->kind == CXD_KIND_LIST || value->kind == CXD_KIND_OBJECT;
}

int node_expand(struct cxd_event *ev, struct cxd_node *node)
{
    struct cxd_bytes text = {node->value.ptr, node->value.len};
    struct scan_fault fault;
    struct cxd_node *children;
    int r;

    if (!is_container(&node->value) || (node->value.flags & CXD_VALUE_TREE) != 0) {
        return CXD_OK;
    }
    r = scan_members(&ev->child, text, ev->arena, &fault);
    if (r != CXD_OK) {
        return r;
    }
    children = event_alloc(ev, ev->child.count * sizeof *children);
    if (children == NULL) {
        return event_lack(ev);
    }
    node->value = (struct cxd_value){.kind = node->value.kind, .flags = CXD_VALUE_TREE};
    node->first = NULL;
    node->last = NULL;
    for (uint32_t i = 0; i < ev->child.count; i++) {
        const struct cxd_field *field = &ev->child.fields[i];
        children[i] =
            (struct cxd_node){.key = field->key, .key_len = field->key_len, .value = field->value};
        child_add(node, &children[i]);
    }
    return CXD_OK;
}

static int is_named(const struct cxd_node *node, struct cxd_bytes key)
{
    return node->key_len == key.len && node->key != NULL &&
           (key.len == 0 || memcmp(node->key, key.ptr, key.len) == 0);
}

struct cxd_node *node_find(struct cxd_event *ev, struct cxd_node *parent, struct cxd_bytes key)
{
    struct cxd_node *found = NULL;

    if (parent->value.kind != CXD_KIND_OBJECT || node_expand(ev, parent) != CXD_OK) {
        return NULL;
    }
    for (struct cxd_node *node = parent->first; node != NULL; node = node->next) {
        if (is_named(node, key)) {
            found = node;
        }
    }
    return found;
}

/* Takes out the members of that name that come behind `node`. */
static void twins_drop(struct cxd_node *parent, struct cxd_node *node, struct cxd_bytes key)
{
    while (node->next != NULL) {
        if (is_named(node->next, key)) {
            node->next = node->next->next;
        } else {
            node = node->next;
        }
    }
    parent->last = node;
}

struct cxd_node *node_put(struct cxd_event *ev, struct cxd_node *parent, struct cxd_bytes key,
                          struct cxd_value value)
{
    struct cxd_node *node;

    if (parent->value.kind != CXD_KIND_OBJECT || key.len > UINT32_MAX ||
        node_expand(ev, parent) != CXD_OK) {
        return NULL;
    }
    for (node = parent->first; node != NULL && !is_named(node, key); node = node->next) {
    }
    if (node == NULL) {
        node = event_alloc(ev, sizeof *node);
        if (node == NULL) {
            return NULL;
        }
        *node = (struct cxd_node){.key = key.ptr, .key_len = (uint32_t)key.len};
        child_add(parent, node);
    } else {
        twins_drop(parent, node, key);
    }
    node->first = NULL;
    node->last = NULL;
    node->value = value;
    return node;
}

int value_text(struct cxd_event *ev, const struct cxd_value *value, struct cxd_bytes *ret_text)
{
    struct cxd_bytes text = {value->ptr, value->len};
    char *copy;
    size_t len;
    int r;

    if (value->kind != CXD_KIND_STRING) {
        return CXD_INVALID;
    }
    if ((value->flags & CXD_VALUE_TEXT) != 0 || (value->flags & CXD_VALUE_ESCAPED) == 0) {
        *ret_text = text;
        return CXD_OK;
    }
    copy = event_alloc(ev, text.len);
    if (copy == NULL) {
        return event_lack(ev);
    }
    r = text_unescape(text, copy, &len);
    if (r == CXD_OK) {
        *ret_text = (struct cxd_bytes){copy, len};
    }
    return r;
}
