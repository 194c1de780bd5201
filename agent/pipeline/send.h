/*
 * send.h: queue -> output -> ack: the workers of one output. Each worker has its own instance of the output module and takes
 * one batch at a time: it sends, waits and sends again what is still pending, buries what is refused, settles.
 */
#pragma once

#include "cxd/module.h"
#include "pipeline/queue.h"
#include "pipeline/unit.h"

struct dead;
struct sender;

struct sender_spec {
    const char *id; /* the output's name in the policy */
    const struct cxd_module *module;
    struct cxd_bytes options; /* borrowed */
    struct queue *queue; /* NULL: it only asks and sets up; sender_start is not for it */
    struct unit *unit;
    struct dead *dead;
    unsigned workers; /* 1 to 64 */
    int64_t backoff_first_ms;
    int64_t backoff_max_ms;
    const struct cxd_host *host;
    const atomic_int *stopping; /* agent wide; workers go on through it, until sender_stop */
};

/* Opens all instances (a wrong option shows here). */
int sender_open(const struct sender_spec *spec, struct sender **ret_sender, struct cxd_error *err);
/* Gives the destination what it needs for a data stream; by the first instance, before anything is sent. */
int sender_setup(struct sender *s, const char *name, struct cxd_bytes template_json,
                 struct cxd_error *err);
/* Asks the destination who it is, by the first instance, before anything is sent (module.h, check). CXD_UNSUPPORTED: the module
 * cannot. */
int sender_check(struct sender *s, struct cxd_bytes *ret_text, struct cxd_error *err);
/* 1: the destination keeps small documents by name (module.h, kept_get); then the next two, before sender_start or without it. */
int sender_keeps(const struct sender *s);
int sender_kept_get(struct sender *s, const char *place, const char *name,
                    struct cxd_bytes *ret_content, struct cxd_version *ret_version,
                    struct cxd_error *err);
int sender_kept_put(struct sender *s, const char *place, const char *name, struct cxd_bytes content,
                    struct cxd_version *version, struct cxd_error *err);
/* One batch by the first instance of a sender that is never started: the module's send. */
int sender_send_apart(struct sender *s, const struct cxd_batch *batch, struct cxd_outcome *outcomes,
                      struct cxd_error *err);
/* Interrupts one of these that is under way; any thread, before sender_start. */
void sender_setup_end(struct sender *s);
/* Starts the threads. */
int sender_start(struct sender *s, struct cxd_error *err);
/* Interrupts, joins, closes, the queue too. What was not settled stays unacknowledged. Accepts NULL. */
void sender_stop(struct sender *s);
