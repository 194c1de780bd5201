/*
 * reply.h: reads the reply to a bulk request. Limits: the caller's on size, 16 on depth. Pure but for the memory of notes and
 * json-c. One thread.
 */
#pragma once

#include "notes.h"

#include "cxd/event.h"

/* How the request went as a whole. */
struct reply_sum {
    int status; /* CXD_OK, or the gravest that leaves documents pending: a person's matter before one of time */
    const char *advice;    /* static; NULL: none */
    struct cxd_bytes note; /* the first reason of that status; in notes */
    uint32_t
        redirected; /* documents that went to the failure store: delivered, and a person's matter */
};

/*
 * Sets count outcomes from the reply's items, in their order. CXD_PROTOCOL, with no outcome touched: not such a reply, or not
 * as many items as documents were sent.
 */
int reply_read(struct cxd_bytes body, struct cxd_outcome *outcomes, uint32_t count,
               struct notes *notes, struct reply_sum *ret_sum, struct cxd_error *err);
