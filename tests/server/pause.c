/*
 * Connections that wait. The lock is held while a connection is resumed: libmicrohttpd only sets a flag and wakes its
 * thread, it calls nothing back.
 */
#include "pause.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

enum { PAUSE_MAX = 4096 };

struct pause_entry {
    struct MHD_Connection *connection;
    unsigned group;
    long long due_ms;
};

struct pause_clock {
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool stop;
    bool released[PAUSE_GROUPS];
    unsigned count;
    struct pause_entry entries[PAUSE_MAX];
};

static long long pause_now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

/* Resumes what is due, or all of one group; returns the next due time, or a minute from now. */
static long long pause_resume_due(struct pause_clock *clock, long long now_ms, int group)
{
    long long next_ms = now_ms + 60000;
    for (unsigned i = 0; i < clock->count;) {
        struct pause_entry *entry = &clock->entries[i];
        if (entry->due_ms <= now_ms || (int)entry->group == group) {
            MHD_resume_connection(entry->connection);
            *entry = clock->entries[--clock->count];
            continue;
        }
        next_ms = entry->due_ms < next_ms ? entry->due_ms : next_ms;
        i++;
    }
    return next_ms;
}

static void *pause_run(void *owner)
{
    struct pause_clock *clock = owner;
    pthread_mutex_lock(&clock->lock);
    while (!clock->stop) {
        long long next_ms = pause_resume_due(clock, pause_now_ms(), -1);
        struct timespec until = {.tv_sec = next_ms / 1000, .tv_nsec = next_ms % 1000 * 1000000};
        pthread_cond_timedwait(&clock->changed, &clock->lock, &until);
    }
    pthread_mutex_unlock(&clock->lock);
    return NULL;
}

struct pause_clock *pause_open(void)
{
    struct pause_clock *clock = calloc(1, sizeof *clock);
    if (!clock) {
        return NULL;
    }
    pthread_condattr_t attr;
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&clock->changed, &attr);
    pthread_condattr_destroy(&attr);
    pthread_mutex_init(&clock->lock, NULL);
    if (pthread_create(&clock->thread, NULL, pause_run, clock) != 0) {
        free(clock);
        return NULL;
    }
    return clock;
}

void pause_close(struct pause_clock *clock)
{
    if (!clock) {
        return;
    }
    pthread_mutex_lock(&clock->lock);
    clock->stop = true;
    pthread_cond_signal(&clock->changed);
    pthread_mutex_unlock(&clock->lock);
    pthread_join(clock->thread, NULL);
    pthread_cond_destroy(&clock->changed);
    pthread_mutex_destroy(&clock->lock);
    free(clock);
}

bool pause_wait(struct pause_clock *clock, unsigned group, struct MHD_Connection *connection,
                unsigned wait_ms)
{
    bool waits = false;
    pthread_mutex_lock(&clock->lock);
    if (!clock->released[group] && clock->count < PAUSE_MAX) {
        MHD_suspend_connection(connection);
        clock->entries[clock->count++] = (struct pause_entry){
            .connection = connection,
            .group = group,
            .due_ms = pause_now_ms() + wait_ms + 1, /* never early: both ends are cut to whole ms */
        };
        waits = true;
        pthread_cond_signal(&clock->changed);
    }
    pthread_mutex_unlock(&clock->lock);
    return waits;
}

void pause_release(struct pause_clock *clock, unsigned group)
{
    pthread_mutex_lock(&clock->lock);
    clock->released[group] = true;
    pause_resume_due(clock, pause_now_ms(), (int)group);
    pthread_mutex_unlock(&clock->lock);
}

void pause_reopen(struct pause_clock *clock, unsigned group)
{
    pthread_mutex_lock(&clock->lock);
    clock->released[group] = false;
    pthread_mutex_unlock(&clock->lock);
}
