/*
 * sender.h: one request of a program and its whole reply: at the pace allowed, with credentials, redirects and further tries.
 *
 * It waits, in http_wait alone; a stop ends it at once (`is_stopped`), and what the program makes of that is to be thrown
 * away. One thread: the instance's.
 */
#pragma once

#include "access.h"
#include "lang/pool.h"
#include "lib/fetch.h"
#include "lib/logbook.h"
#include "mask.h"
#include "rate.h"
#include "settings.h"

#define SENDER_HEADERS_MAX 256

struct sender {
    const struct heap *heap; /* NULL: never opened */
    const struct settings *settings;
    const struct mask *mask;
    struct cxd_client *client;
    struct pool *pool; /* of the evaluation: texts of replies live in it */
    struct rate rate;
    struct access access;
    struct fetch fetch;
    struct logbook trace;
    bool is_stopped;
    bool
        is_degraded; /* health was told of a long wait; taken back by who sees the next good period */
};

/* ssl and proxy of the options; the client is freed by sender_close. */
int sender_open(struct sender *s, const struct heap *heap, const struct settings *settings,
                const struct mask *mask, struct cxd_builder *builder, struct cxd_error *err);
void sender_close(struct sender *s); /* accepts a zeroed one */
/* services.send: ctx is the sender. */
int sender_send(void *ctx, const struct services_request *request, struct services_reply *reply,
                struct cxd_error *err);
/* trace.c: a line each in the trace, secrets masked. */
void trace_request(struct sender *s, const struct cxd_request *request, struct cxd_bytes body);
void trace_reply(struct sender *s);
/* "OK", "Not Found"; "" for what has no usual words. Static. */
const char *sender_reason(int http_status);
