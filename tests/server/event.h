#pragma once
/*
 * Invented Cortex XDR endpoint events: one event is a pure function of (seed, number), so that any range of a data set can
 * be written by any thread in any order, and the same seed always gives the same bytes. A generator is read-only after
 * event_open and may be shared by threads. Numbers below 2^48 give distinct events.
 */
#include <stddef.h>
#include <stdint.h>

enum {
    EVENT_BYTES_MAX = 16 * 1024, /* room that event_write needs */
    EVENT_AVERAGE_MIN = 2000,
    EVENT_AVERAGE_MAX = 4096,
};

/* The time of event 0: 2025-04-16T00:00:00Z. */
#define EVENT_EPOCH_MS 1744761600000LL

struct generator;

/* NULL: no memory, or average_bytes outside EVENT_AVERAGE_MIN..EVENT_AVERAGE_MAX. */
struct generator *event_open(uint64_t seed, unsigned average_bytes);
void event_close(struct generator *gen);
/* Writes event `number` and a newline to out (EVENT_BYTES_MAX of room); the length is returned. */
size_t event_write(const struct generator *gen, uint64_t number, char *out);
/* The event's time in ms since 1970, which never falls as numbers rise. */
int64_t event_time_ms(uint64_t number);
/* A well-mixed 64-bit value of a 64-bit value; one to one. */
uint64_t event_mix(uint64_t value);
