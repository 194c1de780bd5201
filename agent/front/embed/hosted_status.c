/* hosted_status.c: state, counters and units as JSON; a policy looked at. */
#include "front/embed/hosted_inner.h"

#include "base/log.h"
#include "front/watch/report.h"

#include <stdlib.h>
#include <string.h>

static const char *const state_words[] = {"open", "starting", "running", "stopping", "stopped"};
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
    int r = units != NULL ? CXD_OK : CXD_NOMEM;

    (void)pthread_mutex_lock(&h->lock);
    state = h->state;
    (void)pthread_mutex_unlock(&h->lock);
    agent_units(h->agent, unit_look, &worst);
    r = r != CXD_OK ? r
                    : buf_add_format(out, "{\"state\":\"%s\",\"health\":\"%s\",\"message\":",
                                     state_words[state], health_words[worst.health]);
    r = r != CXD_OK ? r : report_text(out, worst.message);
    r = r != CXD_OK ? r : counters_add(h, out);
    r = r != CXD_OK ? r : buf_add_text(out, units);
    r = r != CXD_OK ? r : buf_add_text(out, "}");
    free(units);
    return r;
}

int hosted_check(struct hosted *h, struct cxd_bytes policy, struct cxd_error *err)
{
    const struct agent_options options = {.data_path = h->settings.data_path,
                                          .module_paths = h->settings.modules,
                                          .is_check = 1,
                                          .desk = &desk_module};
    struct desk_policy p;
    struct agent *a = NULL;
    int r;

    if (policy.len == 0) {
        return cxd_error_set(err, CXD_CONFIG, "no policy");
    }
    r = desk_policy_read(policy, &h->settings, &p, err);
    r = r != CXD_OK ? r : agent_open(p.plan, &options, &a, err);
    agent_close(a);
    desk_policy_done(&p);
    return r;
}
