/*
 * Counting requests. Kinds take a slot when first seen; a slot, once taken, is never given back, so readers need no lock.
 */
#include "stats.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

enum { STATS_STATUS_MAX = 600 };

struct stats_group {
    const char *_Atomic kinds[STATS_KINDS];
    atomic_uint_fast64_t counts[STATS_KINDS][STATS_STATUS_MAX];
    atomic_uint_fast64_t bytes_in;
    atomic_uint_fast64_t bytes_out;
    atomic_int_fast64_t first_ms;
    atomic_int_fast64_t last_ms;
};

struct stats {
    pthread_mutex_t lock; /* for taking slots */
    struct stats_group groups[STATS_GROUPS];
};

struct stats *stats_new(void)
{
    struct stats *stats = calloc(1, sizeof *stats);
    if (stats) {
        pthread_mutex_init(&stats->lock, NULL);
    }
    return stats;
}

void stats_free(struct stats *stats)
{
    if (stats) {
        pthread_mutex_destroy(&stats->lock);
        free(stats);
    }
}

int64_t stats_now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

static int stats_find(struct stats_group *group, const char *kind)
{
    for (int i = 0; i < STATS_KINDS; i++) {
        const char *name = atomic_load(&group->kinds[i]);
        if (!name) {
            return -1 - i;
        }
        if (strcmp(name, kind) == 0) {
            return i;
        }
    }
    return STATS_KINDS - 1;
}

static int stats_slot(struct stats *stats, struct stats_group *group, const char *kind)
{
    int slot = stats_find(group, kind);
    if (slot >= 0) {
        return slot;
    }
    pthread_mutex_lock(&stats->lock);
    slot = stats_find(group, kind);
    if (slot < 0) {
        slot = -1 - slot;
        atomic_store(&group->kinds[slot], slot == STATS_KINDS - 1 ? "other" : kind);
    }
    pthread_mutex_unlock(&stats->lock);
    return slot;
}

void stats_request(struct stats *stats, unsigned group_index, const char *kind, unsigned status,
                   uint64_t bytes_in)
{
    struct stats_group *group = &stats->groups[group_index];
    int slot = stats_slot(stats, group, kind);
    atomic_fetch_add(&group->counts[slot][status < STATS_STATUS_MAX ? status : 0], 1);
    atomic_fetch_add(&group->bytes_in, bytes_in);
    int64_t now_ms = stats_now_ms();
    int_fast64_t none = 0;
    atomic_compare_exchange_strong(&group->first_ms, &none, now_ms);
    atomic_store(&group->last_ms, now_ms);
}

void stats_sent(struct stats *stats, unsigned group, uint64_t bytes)
{
    atomic_fetch_add(&stats->groups[group].bytes_out, bytes);
}

struct json_object *stats_report(const struct stats *stats, unsigned group_index)
{
    const struct stats_group *group = &stats->groups[group_index];
    struct json_object *report = json_object_new_object();
    struct json_object *requests = json_object_new_object();
    for (int i = 0; i < STATS_KINDS && atomic_load(&group->kinds[i]); i++) {
        struct json_object *kind = json_object_new_object();
        for (unsigned status = 0; status < STATS_STATUS_MAX; status++) {
            uint64_t count = atomic_load(&group->counts[i][status]);
            char key[16];
            snprintf(key, sizeof key, "%u", status);
            if (count) {
                json_object_object_add(kind, key, json_object_new_uint64(count));
            }
        }
        json_object_object_add(requests, atomic_load(&group->kinds[i]), kind);
    }
    json_object_object_add(report, "requests", requests);
    json_object_object_add(report, "bytes_in",
                           json_object_new_uint64(atomic_load(&group->bytes_in)));
    json_object_object_add(report, "bytes_out",
                           json_object_new_uint64(atomic_load(&group->bytes_out)));
    json_object_object_add(report, "first_ms",
                           json_object_new_int64(atomic_load(&group->first_ms)));
    json_object_object_add(report, "last_ms", json_object_new_int64(atomic_load(&group->last_ms)));
    return report;
}

uint64_t stats_cpu_ms(void)
{
    struct timespec used;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
    return (uint64_t)used.tv_sec * 1000 + (uint64_t)used.tv_nsec / 1000000;
}

uint64_t stats_peak_kib(void)
{
    struct rusage usage;
    return getrusage(RUSAGE_SELF, &usage) == 0 ? (uint64_t)usage.ru_maxrss : 0;
}
