/*
 * event.h: the host's side of an event. Knows JSON and memory; no module, no queue, no thread but the input's.
 *
 * The functions that cxd_host offers to modules stand here with the same signatures, to be put into the table; their contract
 * is in cxd/host.h. The rest is for the pipeline. An event is opened once per instance and reset for every record: its first
 * block of memory stays, so that the usual record costs no allocation.
 */
#pragma once

#include "cxd/event.h"
#include "cxd/status.h"

struct buf;

#define EVENT_ID_MAX 64

struct event_limits {
    size_t message_max; /* bytes; 0: 16 MiB; at most UINT32_MAX */
    size_t memory_max;  /* bytes of event memory; 0: 4 * message_max + 1 MiB */
};

/* For the pipeline. */
int event_open(const struct event_limits *limits, struct cxd_event **ret_event);
/* Ready for the next record: message, scan, tree and id are gone, and with them all memory that was handed out. */
void event_reset(struct cxd_event *ev);
void event_close(struct cxd_event *ev); /* accepts NULL */
/* The document as one line of JSON appended to out (see write.h). */
int event_render(const struct cxd_event *ev, struct buf *out);
/* {NULL,0} when none was set. Borrowed until the next reset. */
struct cxd_bytes event_id(const struct cxd_event *ev);
/* Why event_alloc or node_put just gave NULL: CXD_TOO_LARGE (this record's limit) or CXD_NOMEM. */
int event_lack(const struct cxd_event *ev);

/*
 * Members that every event of a stream begins with, made once: all their nodes in one block that is copied. Keys and values are
 * borrowed from what the making event was given, and outlive the stamp.
 */
struct event_stamp;
/* From the document of ev as it is now. CXD_NOMEM. */
int event_stamp_make(struct cxd_event *ev, struct event_stamp **ret_stamp);
/* Onto an event that has no members yet. *ret_first: its first member. CXD_NOMEM, CXD_TOO_LARGE. */
int event_stamp_put(struct cxd_event *ev, const struct event_stamp *stamp,
                    struct cxd_node **ret_first);
void event_stamp_free(struct event_stamp *stamp); /* accepts NULL */

static inline void event_closep(struct cxd_event **ev)
{
    event_close(*ev);
}

/* For the table of cxd_host. */
void *event_alloc(struct cxd_event *ev, size_t size);
void event_set_message(struct cxd_event *ev, struct cxd_bytes message);
struct cxd_bytes event_message(struct cxd_event *ev);
void event_hide_message(struct cxd_event *ev);
int event_is_message_hidden(const struct cxd_event *ev);
int event_record(struct cxd_event *ev, const struct cxd_record **ret_record, struct cxd_error *err);
struct cxd_node *event_root(struct cxd_event *ev);
/* More than EVENT_ID_MAX bytes, or one that is not printable ASCII or is `"` or `\`: the event has no id then. */
void event_set_id(struct cxd_event *ev, struct cxd_bytes id);
void event_offer_id(struct cxd_event *ev, struct cxd_bytes id);
int event_is_id_offered(const struct cxd_event *ev); /* it has one, but only such */
int node_expand(struct cxd_event *ev, struct cxd_node *node);
/* Of members with the same name: the last. */
struct cxd_node *node_find(struct cxd_event *ev, struct cxd_node *parent, struct cxd_bytes key);
/* Keeps the place of the member that it replaces; further ones of that name go. A value with CXD_VALUE_TREE begins without
 * children. NULL also when parent is no object. */
struct cxd_node *node_put(struct cxd_event *ev, struct cxd_node *parent, struct cxd_bytes key,
                          struct cxd_value value);
int value_text(struct cxd_event *ev, const struct cxd_value *value, struct cxd_bytes *ret_text);
