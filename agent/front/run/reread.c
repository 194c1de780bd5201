/* reread.c: policy, agent that only checks, difference, log. */
#include "front/run/reread.h"

#include "base/log.h"
#include "front/policy.h"
#include "front/run/difference.h"

static void unit_take(void *owner, const struct difference *d)
{
    struct reread_counts *counts = owner;

    if (d->what == DIFFERENCE_SAME) {
        counts->same++;
        return;
    }
    if (d->what == DIFFERENCE_CHANGED) {
        counts->changed++;
        LOG(CXD_LOG_INFO, "agent", "policy: %s %s: changed (%s)", d->kind, d->id, d->aspect);
        return;
    }
    counts->fresh += d->what == DIFFERENCE_NEW;
    counts->gone += d->what == DIFFERENCE_GONE;
    LOG(CXD_LOG_INFO, "agent", "policy: %s %s: %s", d->kind, d->id,
        d->what == DIFFERENCE_NEW ? "new" : "gone");
}

int reread_policy(const char *path, struct agent *running, const struct plan_settings *settings,
                  const struct agent_options *options, struct reread_counts *ret_counts,
                  struct cxd_error *err)
{
    struct agent_options check = *options;
    struct policy policy;
    struct agent *next = NULL;
    int r;

    *ret_counts = (struct reread_counts){.setting = NULL};
    check.is_check = 1;
    r = policy_read(path, &policy, err);
    r = r != CXD_OK ? r : agent_open(policy.plan, &check, &next, err);
    if (r == CXD_OK) {
        difference_units(running, next, unit_take, ret_counts);
        ret_counts->setting = difference_setting(settings, &policy.plan->settings);
    }
    agent_close(next); /* before the policy that it points into */
    policy_done(&policy);
    return r;
}

void reread_log(const char *path, struct agent *running, const struct plan_settings *settings,
                const struct agent_options *options)
{
    struct cxd_error err = CXD_ERROR_INIT;
    struct reread_counts n;

    if (reread_policy(path, running, settings, options, &n, &err) != CXD_OK) {
        LOG(CXD_LOG_ERROR, "agent", "SIGHUP: policy refused, the running one stays: %s", err.text);
    } else if (n.fresh + n.changed + n.gone == 0 && n.setting == NULL) {
        LOG(CXD_LOG_INFO, "agent", "SIGHUP: policy checked: it is the one that runs");
    } else {
        LOG(CXD_LOG_WARN, "agent",
            "SIGHUP: policy checked: new=%d changed=%d gone=%d same=%d setting=%s; it takes effect "
            "at the next start",
            n.fresh, n.changed, n.gone, n.same, n.setting != NULL ? n.setting : "same");
    }
}
