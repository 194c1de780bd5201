#pragma once
/*
 * A Cortex XDR tenant's public API over invented data that appears and changes with the tenant's clock. The app runs on
 * several threads; what they share has locks of its own or is atomic.
 */
#include <stdatomic.h>

#include "cortex_auth.h"
#include "cortex_clock.h"
#include "cortex_limit.h"
#include "cortex_query.h"
#include "server.h"

struct cortex_options {
    const char *standard; /* ID:KEY; borrowed, as all texts here */
    const char *advanced;
    uint64_t skew_ms;
    uint64_t clock_ms; /* 0: the machine's clock */
    uint64_t start_ms; /* 0: span_ms before the start */
    uint64_t span_ms;
    uint64_t lag_ms;
    uint64_t seed;
    uint64_t alerts, incidents, audits, reports, endpoints;
    unsigned burst, late, changes;
    unsigned rate;        /* requests a second; 0: no limit */
    unsigned extra_rate;  /* get_incident_extra_data a minute; likewise */
    unsigned retry_after; /* seconds, sent with 429; 0: not sent */
};

struct cortex_served {
    atomic_uint_fast64_t rows;     /* all that were sent */
    atomic_uint_fast64_t distinct; /* each version of each id once */
    atomic_uchar *versions;        /* of each row, one bit for each version that was sent */
};

struct cortex {
    struct cortex_options options;
    struct cortex_shape shape;
    struct cortex_clock clock;
    struct cortex_auth *auth;
    struct cortex_limit limit, extra_limit;
    atomic_uint_fast64_t verdicts[CORTEX_VERDICTS];
    atomic_uint_fast64_t limited;
    struct cortex_served served[CORTEX_KINDS];
    struct server_app app;
};

/* False with *ret_reason. */
bool cortex_init(struct cortex *cortex, const struct cortex_options *options,
                 const char **ret_reason);
void cortex_done(struct cortex *cortex);
struct json_object *cortex_report(struct cortex *cortex);
/* The vendor's error reply; extra is a JSON text, NULL: null. */
void cortex_error(struct reply *reply, unsigned status, const char *message, const char *extra);
/* Notes that a row was sent as it is now. */
void cortex_note_served(struct cortex *cortex, const struct cortex_row *row, enum cortex_kind kind);
/* The extra data of an incident; reply is set. */
void cortex_extra(struct cortex *cortex, struct json_object *data, struct reply *reply);
/* Answers /_sim/cortex/...; false: there is no such path. */
bool cortex_control(struct cortex *cortex, const struct request *request, struct reply *reply);
