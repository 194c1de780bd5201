#pragma once
/*
 * The pen that writes one event: where it stands, and what the event's parts share. Private to the generator. There are no
 * bounds checks on the way: the pieces are bounded by the tables and the whole by event_target, so EVENT_BYTES_MAX of room
 * is enough; the generator's test measures it.
 */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "table.h"

struct event_pen {
    char *at;
    char *start;
    uint64_t random;
    const struct table *table;
    const struct table_host *host;
    const struct table_user *user;
    const struct table_program *actor;
    int64_t time_ms;
};

#define PUT(pen, literal) event_put(pen, literal, sizeof(literal) - 1)

static inline void event_put(struct event_pen *pen, const char *text, size_t len)
{
    memcpy(pen->at, text, len);
    pen->at += len;
}

void event_put_text(struct event_pen *pen, const char *text);
void event_put_piece(struct event_pen *pen, const struct table_piece *piece);
void event_put_number(struct event_pen *pen, uint64_t value);
void event_put_hex(struct event_pen *pen, uint64_t value, unsigned digits);
/* A text in quotes: ISO 8601 in UTC, whole seconds. */
void event_put_iso(struct event_pen *pen, int64_t time_ms);
/* The event's next random number, from 0 to below - 1. */
unsigned event_draw(struct event_pen *pen, size_t below);
/* The members that belong to the event's kind, which is drawn here. */
void event_write_kind(struct event_pen *pen);
