/* queue_age.c: see the header. */
#include "pipeline/queue_age.h"

#include <string.h>

#define STEP_MS 1000 /* marks are at least so far apart */

/* The two that are closest become one: the older time, the higher number. */
static void marks_join(struct queue_age *a)
{
    unsigned best = 0;

    for (unsigned i = 1; i + 1 < a->count; i++) {
        if (a->marks[i + 1].opened_ms - a->marks[i].opened_ms <
            a->marks[best + 1].opened_ms - a->marks[best].opened_ms) {
            best = i;
        }
    }
    a->marks[best].upto = a->marks[best + 1].upto;
    a->count--;
    memmove(&a->marks[best + 1], &a->marks[best + 2],
            (a->count - best - 1) * sizeof a->marks[0]);
}

void queue_age_note(struct queue_age *a, uint64_t upto, int64_t opened_ms)
{
    if (a->count > 0 && opened_ms - a->marks[a->count - 1].opened_ms < STEP_MS) {
        a->marks[a->count - 1].upto = upto;
        return;
    }
    if (a->count == AGE_MARKS) {
        marks_join(a);
    }
    a->marks[a->count].upto = upto;
    a->marks[a->count].opened_ms = opened_ms;
    a->count++;
}

int64_t queue_age_oldest(struct queue_age *a, uint64_t done)
{
    unsigned gone = 0;

    while (gone < a->count && a->marks[gone].upto <= done) {
        gone++;
    }
    a->count -= gone;
    memmove(&a->marks[0], &a->marks[gone], a->count * sizeof a->marks[0]);
    return a->count > 0 ? a->marks[0].opened_ms : -1;
}
