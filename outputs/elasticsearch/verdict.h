/*
 * verdict.h: what a status means: for one document in a bulk reply, and for a request as a whole. Tables and nothing else. Pure.
 */
#pragma once

#include "cxd/event.h"
#include "cxd/status.h"

struct verdict {
    uint32_t result;    /* enum cxd_result */
    int status;         /* enum cxd_status that send returns when PENDING; else CXD_OK */
    const char *advice; /* for PENDING that waits for a person; NULL: none */
};

/* type and reason are the item's error.type and error.reason; {NULL,0} when there is none. */
struct verdict verdict_item(int http_status, struct cxd_bytes type, struct cxd_bytes reason);

/* CXD_OK for 200 to 299. Otherwise the status for the whole request, and what to do about it (static). */
int verdict_request(int http_status, const char **ret_advice);
