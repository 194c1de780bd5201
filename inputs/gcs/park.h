/*
 * park.h: a part of the input that cannot go on for a while, and why.
 *
 * While other parts have work the reason waits here; when there is none left, it becomes the result of the poll.
 */
#pragma once

#include "config.h"

#include <cxd/module.h>

#define PARK_FAILED_MS 300000 /* until a final failure is tried again while other parts go on */

struct park {
    int result;       /* CXD_POLL_RETRY or CXD_POLL_FAILED; 0: not parked */
    uint32_t in_row;  /* failures since the last success */
    int64_t until_ms; /* monotonic */
    struct cxd_error err;
};

/* Sets the part aside: a final failure for PARK_FAILED_MS, any other with back-off or as long as the other side asked. */
void park_set(struct park *p, const struct heap *h, const struct config_retry *retry, bool final,
              const struct cxd_error *err);
void park_clear(struct park *p); /* it works again */
bool park_holds(const struct park *p, int64_t now_ms);
