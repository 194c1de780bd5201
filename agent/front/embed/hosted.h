/*
 * hosted.h: one agent whose batches a host pulls: its life from policy to end. Any thread may call any of these between
 * hosted_open and hosted_end; statuses are the core's (enum cxd_status).
 */
#pragma once

#include "base/buf.h"
#include "cxd/abi.h"
#include "cxd/status.h"

#include <stdint.h>

struct hosted;

struct hosted_pulled {
    uint64_t item;
    uint64_t len; /* bytes written, or wanted with CXD_TOO_LARGE */
    uint64_t documents;
    uint64_t bytes;
};

/* options and policy as in cxd/embed.h. One thread at a time in the process. */
int hosted_open(struct cxd_bytes options, struct cxd_bytes policy, struct hosted **ret_hosted,
                struct cxd_error *err);
/* CXD_EXISTS: it was started, or stopped, before. */
int hosted_start(struct hosted *h, struct cxd_error *err);
/* The next batch, laid out in room bytes at out. CXD_AGAIN: time over or woken; CXD_TOO_LARGE: see len; CXD_END; CXD_STOPPED:
 * being closed; CXD_INVALID: no such format, or not started; CXD_FULL, CXD_NOMEM. */
int hosted_pull(struct hosted *h, uint32_t format, uint32_t timeout_ms, char *out, uint64_t room,
                struct hosted_pulled *ret_pulled);
/* CXD_NOT_FOUND: no such item, or settled; CXD_STOPPED. */
int hosted_ack(struct hosted *h, uint64_t item, int is_delivered);
/* CXD_INVALID: no such document; CXD_EXISTS: rejected already; and dead_put's. */
int hosted_reject(struct hosted *h, uint64_t item, uint32_t number, struct cxd_bytes reason,
                  struct cxd_error *err);
void hosted_wake(struct hosted *h);
/* Appends the state as one JSON object. CXD_NOMEM. */
int hosted_status(struct hosted *h, struct buf *out);
/* Another policy in place of the present one, for a host that goes on pulling. CXD_EXISTS: it does not run; CXD_STOPPED: hosted_stop came
 * meanwhile; and agent_apply's. One thread at a time in the process, not beside hosted_open. */
int hosted_apply(struct hosted *h, struct cxd_bytes policy, uint64_t revision,
                 struct cxd_error *err);
/* Begins to stop, waits for the end of it. CXD_OK: all acknowledged and saved; CXD_AGAIN: not yet; or how it ended. */
int hosted_stop(struct hosted *h, uint32_t timeout_ms, struct cxd_error *err);
/* Calls that wait come out with CXD_STOPPED from here on. */
void hosted_interrupt(struct hosted *h);
/* After hosted_interrupt, once nobody is inside. Frees it, or leaves that to its last thread when a module does not come back in
 * time: CXD_MISFIT then. CXD_AGAIN: documents were left unacknowledged. */
int hosted_end(struct hosted *h);
