/*
 * queue_age.h: how old the oldest document of a queue on disk is, without a time in its records: marks "documents up to this number were
 * opened then", which become coarser, never younger, the more there are. Private to the queue, under its lock.
 */
#pragma once

#include <stdint.h>

#define AGE_MARKS 64u

struct queue_age {
    struct {
        uint64_t upto;
        int64_t opened_ms; /* monotonic, of the oldest document since the mark before */
    } marks[AGE_MARKS];
    unsigned count;
};

/* Documents up to that number, the oldest of them opened then. Numbers and times only grow. */
void queue_age_note(struct queue_age *a, uint64_t upto, int64_t opened_ms);
/* When the oldest document behind `done` was opened, or a little earlier; -1: there is none. Marks before it are forgotten. */
int64_t queue_age_oldest(struct queue_age *a, uint64_t done);
