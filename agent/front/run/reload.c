/* reload.c: the policies that something still points into, as a list; one of them is the last good one. */
#include "front/run/reload.h"

#include "base/clock.h"
#include "base/log.h"
#include "front/run/standing.h"

#include <stdlib.h>

#define LOOK_EVERY_MS 1000 /* a file that is other than at two looks running is being written */

struct held {
    struct held *next;
    struct policy policy;
};

struct reload {
    struct agent *agent;
    struct held *first;
    struct held *good;
    struct held *present;
    int64_t until_ms; /* monotonic, of the probation; 0: none */
    int64_t look_ms;  /* monotonic, of the next look at files */
    int is_broken;
};

static void held_free(struct held *h)
{
    policy_done(&h->policy);
    free(h);
}

/* NULL: no memory, and the policy stays the caller's. */
static struct held *held_add(struct reload *r, const struct policy *policy)
{
    struct held *h = calloc(1, sizeof *h);

    if (h != NULL) {
        h->policy = *policy;
        h->next = r->first;
        r->first = h;
    }
    return h;
}

/* Policies that nothing of the agent points into, but for the last good and the present one. */
static void held_sweep(struct reload *r)
{
    struct held **at = &r->first;

    while (*at != NULL) {
        struct held *h = *at;
        if (h != r->good && h != r->present && !agent_uses(r->agent, h->policy.plan)) {
            *at = h->next;
            held_free(h);
        } else {
            at = &h->next;
        }
    }
}

int reload_open(struct agent *a, struct policy *first, struct reload **ret_reload,
                struct cxd_error *err)
{
    struct reload *r = calloc(1, sizeof *r);

    if (r == NULL || (r->good = held_add(r, first)) == NULL) {
        free(r);
        return cxd_error_set(err, CXD_NOMEM, "out of memory");
    }
    r->agent = a;
    r->present = r->good;
    *ret_reload = r;
    return CXD_OK;
}

static void level_set(const struct policy *policy)
{
    const char *word = policy->plan->settings.log_level;

    if (word != NULL && log_level(word) >= 0) {
        log_setup(2, log_level(word));
    }
}

int reload_policy(struct reload *r, struct policy *policy, struct apply_counts *ret_counts,
                  struct cxd_error *err)
{
    struct held *h = held_add(r, policy);
    int status;

    *ret_counts = (struct apply_counts){.setting = NULL};
    if (h == NULL) {
        policy_done(policy);
        return cxd_error_set(err, CXD_NOMEM, "out of memory");
    }
    status = agent_apply(r->agent, policy->plan, ret_counts, err);
    r->is_broken |= ret_counts->is_broken;
    if (status == CXD_OK) {
        r->present = h;
        standing_applied(agent_standing(r->agent));
        r->until_ms = clock_mono_ms() + policy->plan->settings.probation_ms;
        if (policy->plan->settings.probation_ms ==
            0) { /* good as it is: nothing brings another back */
            r->until_ms = 0;
            r->good = h;
        }
        level_set(policy);
    }
    held_sweep(r);
    return status;
}

int reload_file(struct reload *r, const char *path, const char *who, struct cxd_error *err)
{
    struct policy policy;
    struct apply_counts n;
    int status = policy_read(path, &policy, err);

    if (status == CXD_OK) {
        standing_want_file(agent_standing(r->agent), conf_text(policy.root, "id", NULL),
                           conf_text(policy.root, "revision", NULL));
        status = reload_policy(r, &policy, &n, err);
    } else {
        policy_done(&policy);
    }
    if (status == CXD_STOPPED) {
        return status;
    }
    if (status != CXD_OK) {
        standing_refused(agent_standing(r->agent), err->text);
        LOG(CXD_LOG_ERROR, "agent", "%s: policy refused, the one before runs: %s", who, err->text);
    } else if (n.fresh + n.changed + n.gone == 0 && n.setting == NULL) {
        LOG(CXD_LOG_INFO, "agent", "%s: policy is the one that runs", who);
    } else {
        LOG(CXD_LOG_INFO, "agent", "%s: policy applied: new=%d changed=%d gone=%d same=%d%s%s", who,
            n.fresh, n.changed, n.gone, n.same,
            n.setting != NULL ? "; at the next start only: " : "",
            n.setting != NULL ? n.setting : "");
    }
    return status;
}

int reload_is_stale(struct reload *r)
{
    const char *gone = NULL;
    int64_t now_ms = clock_mono_ms();
    int is_stale = 0;

    if (now_ms >= r->look_ms) {
        r->look_ms = now_ms + LOOK_EVERY_MS;
        is_stale = providers_look(r->present->policy.providers, &gone);
    }
    if (gone != NULL) {
        LOG(CXD_LOG_WARN, "agent", "filesource: %s is gone; what was read of it stays", gone);
    }
    return is_stale;
}

/* The last good policy again. */
static enum reload_news back(struct reload *r, const struct cxd_error *why, struct cxd_error *err)
{
    struct cxd_error trouble = CXD_ERROR_INIT;
    struct apply_counts n;
    int status = agent_apply(r->agent, r->good->policy.plan, &n, &trouble);

    *err = *why;
    r->until_ms = 0;
    if (status == CXD_STOPPED) {
        return RELOAD_NOTHING;
    }
    if (status != CXD_OK) {
        r->is_broken = 1;
        LOG(CXD_LOG_ERROR, "agent", "policy: the last good one can't be put back: %s",
            trouble.text);
        return RELOAD_BROKEN;
    }
    LOG(CXD_LOG_ERROR, "agent", "policy: rolled back to the last good one: %s", why->text);
    r->present = r->good;
    standing_back(agent_standing(r->agent), why->text);
    level_set(&r->good->policy);
    held_sweep(r);
    return RELOAD_BACK;
}

enum reload_news reload_look(struct reload *r, struct cxd_error *err)
{
    struct cxd_error why = CXD_ERROR_INIT;

    if (r->is_broken) {
        (void)cxd_error_set(err, CXD_CONFIG, "neither the new policy nor the one before runs");
        return RELOAD_BROKEN;
    }
    if (r->until_ms == 0) {
        return RELOAD_NOTHING;
    }
    if (agent_regrets(r->agent, &why)) {
        return back(r, &why, err);
    }
    if (clock_mono_ms() < r->until_ms) {
        return RELOAD_NOTHING;
    }
    r->until_ms = 0;
    r->good = r->present;
    standing_good(agent_standing(r->agent));
    held_sweep(r);
    return RELOAD_GOOD;
}

void reload_close(struct reload *r)
{
    if (r == NULL) {
        return;
    }
    while (r->first != NULL) {
        struct held *h = r->first;
        r->first = h->next;
        held_free(h);
    }
    free(r);
}
