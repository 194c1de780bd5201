/*
 * intake.h: input -> event -> processors -> queue: what happens when an input emits, rejects or marks.
 *
 * One per stream, the input's thread only. Events are written out into the open batch as soon as the chain is through with
 * them; a batch goes to the queue when it is full, old enough, or when the input pauses.
 */
#pragma once

#include "gate/self.h"
#include "pipeline/chain.h"
#include "pipeline/queue.h"
#include "pipeline/track.h"
#include "pipeline/unit.h"

struct dead;
struct index_name;

/* A member that every event of the stream has from the start, as JSON text. */
struct intake_field {
    struct cxd_bytes key;
    struct cxd_value value;
    int is_open; /* a processor will look inside: the container is expanded once, for all events */
};

/* All borrowed, all outlive the intake. */
struct intake_spec {
    const char *stream; /* its id */
    struct cxd_bytes index;
    const struct index_name
        *dated; /* in place of index when not NULL: the name when a batch begins */
    struct cxd_bytes
        pipeline; /* ingest pipeline, safe in JSON as it is; {NULL, 0}: the destination's choice */
    int is_null_kept;    /* nulls that the input puts into an event stay */
    int is_message_kept; /* no processor takes the raw record in: it is the document's `message` */
    struct cxd_bytes
        dataset; /* event.dataset of documents that the destination maps; empty: not told */
    int is_id_made; /* a document without an id gets the record's digest (the same that the ecs processor gives) */
    size_t message_max; /* bytes of one record */
    struct unit *unit;
    struct queue *queue;
    const atomic_int *stopping;
};

/* What is there only once the state folder is open. Borrowed likewise. */
struct intake_links {
    const struct intake_field *fields;
    size_t field_count;
    struct cxd_bytes laid; /* JSON object laid over the fields: the policy's own; may be empty */
    struct track *track;
    struct dead *dead;
};

struct intake;

int intake_open(const struct intake_spec *spec, const struct cxd_host *host,
                struct intake **ret_intake, struct cxd_error *err);
/* Before the first event. */
void intake_link(struct intake *in, const struct intake_links *links);
struct chain *intake_chain(struct intake *in);
/* The table that an input's cxd_self needs, with the intake as owner. */
extern const struct self_ops intake_self_ops;
/* The same for the chain's processors, who neither make events nor move cursors. */
extern const struct self_ops intake_processor_ops;
/* The stored cursor that the input asks for. Borrowed. */
void intake_set_cursor(struct intake *in, struct cxd_bytes cursor);
/* Hands the open batch to the queue when it holds something; with max_age_ms > 0 only when it is that old. */
void intake_flush(struct intake *in, int64_t max_age_ms);
/* 1: an event was lost to a lack of memory or disk, and no cursor passes it: the input must start again from the stored one. */
int intake_is_broken(const struct intake *in);
/* Before the input is opened again: drops the open batch, which comes again. */
void intake_restart(struct intake *in);
void intake_close(struct intake *in); /* the open batch is dropped, unacknowledged; accepts NULL */
