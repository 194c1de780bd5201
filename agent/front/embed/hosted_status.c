/* hosted_status.c: state, counters and units as JSON. */
#include "front/embed/hosted_inner.h"

#include "base/log.h"
#include "front/watch/report.h"

#include <stdlib.h>
#include <string.h>

static const char *const state_words[] = {"open",     "starting", "running",
                                          "stopping", "stopped",  "running"};
static const char *const health_words[] = {"HEALTHY", "DEGRADED", "FAILED"};

/* The worst of the units, and its words. */
struct worst {
    int health;
    char message[UNIT_REASON_MAX];
};

static void unit_look(void *owner, const struct agent_unit *unit)
{
    struct worst *w = owner;
    char reason[UNIT_REASON_MAX];
    int health = unit_health_get(unit->unit, reason);

    if (health > w->health) {
        w->health = health;
        memcpy(w->message, reason, sizeof reason);
    }
}

static int counters_add(struct hosted *h, struct buf *out)
{
    struct agent_tally t;

    agent_tally(h->agent, &t);
    return buf_add_format(
        out,
        ",\"collected\":%lld,\"delivered\":%lld,\"dead_lettered\":%lld,\"dropped\":%lld,"
        "\"bytes\":%lld,\"queue_bytes\":%lld,\"queued\":%lld,\"pulled_batches\":%u,"
        "\"pulled_documents\":%llu,\"log_lost\":%llu,\"units\":",
        (long long)t.collected, (long long)t.delivered, (long long)t.dead, (long long)t.dropped,
        (long long)t.bytes, (long long)t.held, (long long)t.queued, items_held(&h->items),
        (unsigned long long)items_documents(&h->items), (unsigned long long)log_lost());
}

int hosted_status(struct hosted *h, struct buf *out)
{
    struct worst worst = {0};
    char *units = agent_report(h->agent);
    enum hosted_state state;
    uint64_t revision;
    int r = units != NULL ? CXD_OK : CXD_NOMEM;

    (void)pthread_mutex_lock(&h->lock);
    state = h->state;
    revision = h->revision;
    (void)pthread_mutex_unlock(&h->lock);
    agent_units(h->agent, unit_look, &worst);
    r = r != CXD_OK ? r
                    : buf_add_format(out, "{\"state\":\"%s\",\"health\":\"%s\",\"message\":",
                                     state_words[state], health_words[worst.health]);
    r = r != CXD_OK ? r : report_text(out, worst.message);
    r = r != CXD_OK ? r : buf_add_format(out, ",\"revision\":%llu", (unsigned long long)revision);
    r = r != CXD_OK ? r : counters_add(h, out);
    r = r != CXD_OK ? r : buf_add_text(out, units);
    r = r != CXD_OK ? r : buf_add_text(out, "}");
    free(units);
    return r;
}
