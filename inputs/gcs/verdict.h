/* verdict.h: what a reply or a broken transfer means, as a table. Pure. */
#pragma once

#include "lib/heap.h"

enum verdict_ask { VERDICT_ASK_LIST, VERDICT_ASK_MEDIA, VERDICT_ASK_TOKEN };

enum verdict {
    VERDICT_OK,
    VERDICT_GONE,      /* the object was deleted or overwritten meanwhile */
    VERDICT_TOKEN,     /* 401: the token is refused */
    VERDICT_DENIED,    /* 403: a right is missing */
    VERDICT_MISSING,   /* no such bucket */
    VERDICT_THROTTLED, /* 429, or 403 with a quota's reason */
    VERDICT_SERVER,    /* 408, 5xx */
    VERDICT_CONNECT,   /* no connection */
    VERDICT_CONFIG,    /* TLS and the like: a person must act */
    VERDICT_OBJECT,    /* this transfer broke: reset, stall, short */
    VERDICT_CORRUPT,   /* the bytes are whole and wrong */
    VERDICT_REFUSED,   /* any other reply */
    VERDICT_NOMEM,
    VERDICT_STOPPED
};

/* Names for the texts; any may be "" */
struct verdict_where {
    const char *project;
    const char *account; /* service account; "" when anonymous */
    const char *bucket;
};

enum verdict verdict_of_reply(enum verdict_ask ask, int http_status, const char *reason);
enum verdict verdict_of_status(int status); /* a negative enum cxd_status of the transport */
/* Fills err (status, http status, text with what to do); retry_after_ms is set to what is given. */
void verdict_explain(enum verdict verdict, const struct verdict_where *where, int http_status,
                     int64_t retry_after_ms, struct cxd_error *err);
/* Only a person can help. */
bool verdict_is_final(enum verdict verdict);
