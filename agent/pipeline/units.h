/*
 * units.h: the units of an agent, each under its kind and id from the first time it is asked for to the agent's end: who counts for
 * one, or shows one, never holds one that has gone. Any thread.
 */
#pragma once

#include "pipeline/unit.h"

struct units {
    pthread_mutex_t lock;
    struct units_entry *first;
};

void units_init(struct units *units);
void units_done(struct units *units);
/* The unit of that kind ("input", static), id and subject (both copied): the one there was, with its counters, or a new one. NULL: no
 * memory. */
struct unit *units_get(struct units *units, const char *kind, const char *id, const char *subject);
/* The sum of a counter of all units of the kind. */
int64_t units_count(struct units *units, const char *kind, const char *name);
