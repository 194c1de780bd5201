/*
 * tracer.h: requests and replies as JSON lines in a file of bounded size, with secrets masked, those too that a server says back. Failing to write is a warning,
 * never the end of a collection.
 */
#pragma once

#include "config.h"
#include "lib/logbook.h"
#include "request.h"

struct tracer {
    struct logbook book;
    struct text
        own; /* what the last request's secret headers hold, each with a NUL behind it; secret */
};

void tracer_open(struct tracer *t, const struct heap *h, const struct config *config);
void tracer_close(struct tracer *t);
void tracer_request(struct tracer *t, const struct wire *w);
void tracer_reply(struct tracer *t, int http_status, struct cxd_bytes body);
