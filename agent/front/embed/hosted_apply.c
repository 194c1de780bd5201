/*
 * hosted_apply.c: another policy for an agent that runs. The host's desk stays what it is: its queue, and what the host holds of it, are
 * nobody's to change.
 */
#include "front/embed/hosted_inner.h"

#include "base/log.h"
#include "front/embed/quiet.h"
#include "front/run/apply.h"

#include <stdlib.h>

#define WAY_MS 5000 /* for what is on its way from streams that change */

/* A policy that something may still point into. */
struct held {
    struct held *next;
    struct desk_policy policy;
};

static void held_free(struct held *held)
{
    desk_policy_done(&held->policy);
    free(held);
}

/* All but the present one that nothing points into; all, when the agent has gone. */
static void held_sweep(struct hosted *h)
{
    struct held **at = &h->later;

    while (*at != NULL) {
        struct held *held = *at;
        if (h->agent == NULL ||
            (held->policy.plan != h->plan && !agent_uses(h->agent, held->policy.plan))) {
            *at = held->next;
            held_free(held);
        } else {
            at = &held->next;
        }
    }
}

void hosted_policies_done(struct hosted *h)
{
    h->agent = NULL;
    held_sweep(h);
}

/* NULL: err says why. */
static struct held *held_read(struct hosted *h, struct cxd_bytes policy, int *ret_status,
                              struct cxd_error *err)
{
    struct held *held = calloc(1, sizeof *held);

    if (held == NULL) {
        *ret_status = cxd_error_set(err, CXD_NOMEM, "out of memory");
        return NULL;
    }
    *ret_status = policy.len > 0 ? desk_policy_read(policy, &h->settings, &held->policy, err)
                                 : cxd_error_set(err, CXD_CONFIG, "no policy");
    if (*ret_status != CXD_OK) {
        held_free(held);
        return NULL;
    }
    desk_policy_fit(&held->policy, h->output->plan);
    return held;
}

static int state_enter(struct hosted *h)
{
    int r;

    (void)pthread_mutex_lock(&h->lock);
    while (h->state == HOSTED_STARTING) {
        (void)pthread_cond_wait(&h->changed, &h->lock);
    }
    r = h->state == HOSTED_RUNNING ? CXD_OK : CXD_EXISTS;
    h->state = r == CXD_OK ? HOSTED_APPLYING : h->state;
    (void)pthread_mutex_unlock(&h->lock);
    return r;
}

static void state_leave(struct hosted *h, int is_applied, uint64_t revision)
{
    (void)pthread_mutex_lock(&h->lock);
    h->state = HOSTED_RUNNING;
    if (is_applied) {
        h->revision = revision;
        atomic_store(&h->have_inputs_ended, 0); /* new ones may bring something */
    }
    (void)pthread_cond_broadcast(&h->changed);
    (void)pthread_mutex_unlock(&h->lock);
}

static void counts_log(const struct apply_counts *n)
{
    LOG(CXD_LOG_INFO, "agent", "policy applied: new=%d changed=%d gone=%d same=%d%s%s", n->fresh,
        n->changed, n->gone, n->same, n->setting != NULL ? "; at the next start only: " : "",
        n->setting != NULL ? n->setting : "");
}

static int held_apply(struct hosted *h, struct held *held, struct cxd_error *err)
{
    struct apply_counts n;
    struct quiet quiet;
    int r;

    h->plan->settings.shutdown_ms = WAY_MS;
    held->policy.plan->settings.shutdown_ms = WAY_MS;
    quiet_begin(&quiet);
    r = agent_apply(h->agent, held->policy.plan, &n, err);
    quiet_end(&quiet);
    h->plan->settings.shutdown_ms = HOSTED_FOR_EVER_MS;
    held->policy.plan->settings.shutdown_ms = HOSTED_FOR_EVER_MS;
    if (r == CXD_OK) {
        h->plan = held->policy.plan;
        hosted_level_choose(h);
        counts_log(&n);
    } else if (n.is_broken) {
        (void)cxd_error_wrap(err, "neither policy runs as a whole, close the handle");
    }
    return r;
}

int hosted_apply(struct hosted *h, struct cxd_bytes policy, uint64_t revision,
                 struct cxd_error *err)
{
    int r;
    struct held *held = held_read(h, policy, &r, err);

    if (held == NULL) {
        return r;
    }
    r = state_enter(h);
    if (r != CXD_OK) {
        held_free(held);
        return cxd_error_set(err, r, "a policy is applied to a handle that runs");
    }
    held->next = h->later;
    h->later = held;
    r = held_apply(h, held, err);
    held_sweep(h);
    state_leave(h, r == CXD_OK, revision);
    return r;
}
