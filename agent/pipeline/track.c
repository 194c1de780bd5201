/* track.c: a list by age under one lock. */
#include "pipeline/track.h"

#include "base/log.h"
#include "pipeline/registry.h"

#include <pthread.h>
#include <stdlib.h>

struct track {
    pthread_mutex_t lock;
    const char *id;
    struct registry *registry;
    struct batch *first; /* oldest */
    struct batch *last;
    int64_t marks; /* that are true */
};

struct track *track_new(const char *id, struct registry *registry)
{
    struct track *t = calloc(1, sizeof *t);

    if (t != NULL) {
        t->id = id;
        t->registry = registry;
        (void)pthread_mutex_init(&t->lock, NULL);
    }
    return t;
}

void track_free(struct track *t)
{
    if (t != NULL) {
        /* settled behind one that never was: nobody else holds these */
        for (struct batch *b = t->first; b != NULL;) {
            struct batch *next = b->track_next;
            if (b->is_settled) {
                batch_free(b);
            }
            b = next;
        }
        (void)pthread_mutex_destroy(&t->lock);
        free(t);
    }
}

int track_is_empty(struct track *t)
{
    int r;

    (void)pthread_mutex_lock(&t->lock);
    r = t->first == NULL;
    (void)pthread_mutex_unlock(&t->lock);
    return r;
}

int64_t track_lag_ms(struct track *t, int64_t now_ms)
{
    int64_t lag_ms;

    (void)pthread_mutex_lock(&t->lock);
    lag_ms = t->first != NULL ? now_ms - t->first->opened_ms : 0;
    (void)pthread_mutex_unlock(&t->lock);
    return lag_ms > 0 ? lag_ms : 0;
}

int64_t track_marks(struct track *t)
{
    int64_t marks;

    (void)pthread_mutex_lock(&t->lock);
    marks = t->marks;
    (void)pthread_mutex_unlock(&t->lock);
    return marks;
}

void track_fence(struct track *t)
{
    (void)pthread_mutex_lock(&t->lock);
    t->registry = NULL;
    (void)pthread_mutex_unlock(&t->lock);
}

void track_add(struct track *t, struct batch *b)
{
    (void)pthread_mutex_lock(&t->lock);
    b->track_next = NULL;
    b->is_settled = 0;
    if (t->last != NULL) {
        t->last->track_next = b;
    } else {
        t->first = b;
    }
    t->last = b;
    (void)pthread_mutex_unlock(&t->lock);
}

/* Takes the settled run off the front; the newest cursor in it is true now. */
static struct batch *run_take(struct track *t, struct batch **ret_newest)
{
    struct batch *run = t->first;
    struct batch *end = NULL;

    while (t->first != NULL && t->first->is_settled) {
        end = t->first;
        if (end->cursor.len > 0) {
            *ret_newest = end;
        }
        t->first = end->track_next;
    }
    if (t->first == NULL) {
        t->last = NULL;
    }
    if (end == NULL) {
        return NULL;
    }
    end->track_next = NULL;
    return run;
}

struct batch *track_settle(struct track *t, struct batch *b)
{
    struct batch *newest = NULL;
    struct batch *run;

    (void)pthread_mutex_lock(&t->lock);
    b->is_settled = 1;
    run = run_take(t, &newest);
    t->marks = newest != NULL ? newest->marks : t->marks;
    if (newest != NULL && t->registry != NULL &&
        registry_put(t->registry, t->id,
                     (struct cxd_bytes){newest->cursor.ptr, newest->cursor.len}) != CXD_OK) {
        LOG(CXD_LOG_ERROR, "pipeline.track", "%s: its cursor cannot be kept; the one before stays",
            t->id);
    }
    (void)pthread_mutex_unlock(
        &t->lock); /* held over registry_put, so that cursors arrive there in order */
    return run;
}
