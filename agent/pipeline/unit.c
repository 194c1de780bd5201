/* unit.c: a mutex around a sentence, and a small open table of atomic numbers. */
#include "pipeline/unit.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/redact.h"

#include <stdio.h>
#include <string.h>

static const char *const health_words[] = {"Healthy", "Degraded", "Failed"};

void unit_init(struct unit *u, const char *id, const char *subject)
{
    *u = (struct unit){.id = id, .subject = subject, .since_ms = clock_wall_ms()};
    (void)pthread_mutex_init(&u->lock, NULL); /* never fails for a default mutex */
}

void unit_done(struct unit *u)
{
    (void)pthread_mutex_destroy(&u->lock);
}

void unit_health(struct unit *u, int health, const char *reason)
{
    char shown[UNIT_REASON_MAX] = "";
    int is_new;
    int len;

    if (reason == NULL) {
        reason = "";
    }
    len = snprintf(shown, sizeof shown, "%s", reason);
    if (len > 0) {
        (len < (int)sizeof shown ? redact_text : redact_cut)(shown, strlen(shown));
    }
    (void)pthread_mutex_lock(&u->lock);
    is_new = u->health != health || strcmp(u->reason, shown) != 0;
    if (is_new) {
        u->since_ms = u->health != health ? clock_wall_ms() : u->since_ms;
        u->health = health;
        memcpy(u->reason, shown, sizeof shown);
    }
    (void)pthread_mutex_unlock(&u->lock);
    if (is_new) {
        LOG(health == CXD_HEALTHY    ? CXD_LOG_INFO
            : health == CXD_DEGRADED ? CXD_LOG_WARN
                                     : CXD_LOG_ERROR,
            u->subject, "%s is %s%s%s", u->id, health_words[health], *reason != '\0' ? ": " : "",
            reason);
    }
}

void unit_renew(struct unit *u)
{
    (void)pthread_mutex_lock(&u->lock);
    u->since_ms = u->health != CXD_HEALTHY ? clock_wall_ms() : u->since_ms;
    u->health = CXD_HEALTHY;
    u->reason[0] = '\0';
    (void)pthread_mutex_unlock(&u->lock);
}

int unit_health_get(struct unit *u, char reason[UNIT_REASON_MAX])
{
    int health;

    (void)pthread_mutex_lock(&u->lock);
    health = u->health;
    memcpy(reason, u->reason, UNIT_REASON_MAX);
    (void)pthread_mutex_unlock(&u->lock);
    return health;
}

int64_t unit_since_ms(struct unit *u)
{
    int64_t since_ms;

    (void)pthread_mutex_lock(&u->lock);
    since_ms = u->since_ms;
    (void)pthread_mutex_unlock(&u->lock);
    return since_ms;
}

/* The slot of a name, taken with a compare-and-swap when new: no lock on the way of an event. */
static struct unit_counter *counter_find(struct unit *u, const char *name, int is_new_wanted)
{
    for (int i = 0; i < UNIT_COUNTERS; i++) {
        struct unit_counter *c = &u->counters[i];
        const char *there = atomic_load_explicit(&c->name, memory_order_acquire);
        if (there == NULL) {
            if (!is_new_wanted) {
                return NULL;
            }
            if (atomic_compare_exchange_strong(&c->name, &there,
                                               i == UNIT_COUNTERS - 1 ? "other" : name)) {
                return c;
            }
        }
        if (there == name || strcmp(there, name) == 0 ||
            (is_new_wanted && i == UNIT_COUNTERS - 1)) {
            return c;
        }
    }
    return NULL;
}

void unit_count(struct unit *u, const char *name, int64_t delta)
{
    struct unit_counter *c = counter_find(u, name, 1);

    if (c != NULL) {
        (void)atomic_fetch_add_explicit(&c->value, delta, memory_order_relaxed);
    }
}

int64_t unit_counter_get(struct unit *u, const char *name)
{
    struct unit_counter *c = counter_find(u, name, 0);

    return c != NULL ? atomic_load_explicit(&c->value, memory_order_relaxed) : 0;
}
