#pragma once
/*
 * The outline of a tenant's invented data: how many rows of each kind, when each appears and when it changes. Everything is
 * a pure function of (seed, kind, number), so that rows need no memory and a test can compute what must have been collected.
 * Within a kind rows appear in the order of their numbers. Read-only, any thread.
 */
#include <stdint.h>

enum cortex_kind {
    CORTEX_ALERTS,
    CORTEX_INCIDENTS,
    CORTEX_AUDITS,  /* management logs */
    CORTEX_REPORTS, /* of agents */
    CORTEX_ENDPOINTS,
    CORTEX_KINDS
};

enum { CORTEX_ROWS_MAX = 10000000, CORTEX_CHANGES_MAX = 7, CORTEX_BURST_MAX = 100000 };

/* Ten years: number * span stays within 64 bits. */
#define CORTEX_SPAN_MAX_MS 315360000000LL

struct cortex_shape {
    uint64_t seed;
    uint64_t rows[CORTEX_KINDS];
    int64_t start_ms; /* nothing appears before */
    int64_t span_ms;  /* all rows have appeared by start_ms + span_ms; incidents change later too */
    int64_t lag_ms;   /* a row or a change can be asked for so long after its own time */
    unsigned burst;   /* so many neighbouring rows, now and then, share one millisecond */
    unsigned late;    /* of a thousand alerts: so many arrive hours to days after their detection */
    unsigned changes; /* an incident is modified at most so often */
};

/* A number that belongs to a row; salt tells its several numbers apart. */
uint64_t cortex_draw(const struct cortex_shape *shape, enum cortex_kind kind, uint64_t number,
                     unsigned salt);
/* When the row came to the server: local_insert_ts, creation_time, AUDIT_INSERT_TIME, RECEIVEDTIME, first_seen. */
int64_t cortex_insert_ms(const struct cortex_shape *shape, enum cortex_kind kind, uint64_t number);
/* Rows that can be asked for at this time: those with smaller numbers. */
uint64_t cortex_visible(const struct cortex_shape *shape, enum cortex_kind kind, int64_t now_ms);
/* How long before its arrival an alert was raised, or an agent report was written. */
int64_t cortex_delay_ms(const struct cortex_shape *shape, enum cortex_kind kind, uint64_t number);

/* Versions that an incident ever has: 1 to 1 + CORTEX_CHANGES_MAX. */
unsigned cortex_versions(const struct cortex_shape *shape, uint64_t incident);
/* When a version began; version 0 at the creation. Rises with versions. */
int64_t cortex_version_ms(const struct cortex_shape *shape, uint64_t incident, unsigned version);
/* The version that a visible incident has now. */
unsigned cortex_version_at(const struct cortex_shape *shape, uint64_t incident, int64_t now_ms);
/* The incident that an alert belongs to, and the first alert of an incident; UINT64_MAX: there are no incidents. */
uint64_t cortex_incident_of(const struct cortex_shape *shape, uint64_t alert);
uint64_t cortex_first_alert(const struct cortex_shape *shape, uint64_t incident);
