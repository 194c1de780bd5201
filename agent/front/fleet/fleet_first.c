/* fleet_first.c: the policy that an agent begins with. */
#include "front/fleet/fleet_inner.h"

#include "base/clock.h"
#include "base/log.h"
#include "front/signal.h"

/* A policy from its bytes; what can't be read is not for this agent. */
static int item_load(struct fleet *f, const struct source_item *item, struct policy *ret_policy,
                     struct cxd_error *err)
{
    char path[PATH_MAX];
    int r = kept_lay_out(f->folder, item, path, err);

    if (r != CXD_OK) {
        return r;
    }
    r = policy_read(path, ret_policy, err);
    if (r != CXD_OK) {
        policy_done(ret_policy);
        *ret_policy = (struct policy){.arena = NULL};
    }
    return r;
}

static int first_kept(struct fleet *f, struct policy *ret_policy)
{
    struct cxd_error err = CXD_ERROR_INIT;
    struct source_item item;
    int r;

    source_item_init(&item);
    r = kept_read(f->folder, &item, &err);
    r = r != CXD_OK ? r : source_check(f->source, &item, &err);
    r = r != CXD_OK ? r : item_load(f, &item, ret_policy, &err);
    if (r == CXD_OK) {
        char who[200];
        fleet_who(&item, who);
        fleet_want(f, &item);
        LOG(CXD_LOG_INFO, "agent", "%s: the last good policy", who);
    } else if (r != CXD_NOT_FOUND) {
        LOG(CXD_LOG_ERROR, "fleet", "the last good policy can't be used: %s", err.text);
    }
    source_item_done(&item);
    return r;
}

static int first_fetched(struct fleet *f, struct policy *ret_policy, struct cxd_error *err)
{
    struct source_item item;
    int r;

    source_item_init(&item);
    r = source_fetch(f->source, &item, err);
    r = r != CXD_OK ? r : kept_judge(&f->mark, &item, err);
    r = r < 0 ? r : item_load(f, &item, ret_policy, err);
    r = r != CXD_OK ? r : fleet_mark_set(f, &item, err);
    if (r == CXD_OK) {
        char who[200];
        fleet_who(&item, who);
        fleet_want(f, &item);
        LOG(CXD_LOG_INFO, "agent", "%s: the first policy", who);
        fleet_trial_drop(f);
        f->trial = item;
        f->has_trial = 1;
        return CXD_OK;
    }
    source_item_done(&item);
    source_forget(f->source);
    return r;
}

int fleet_first(struct fleet *f, struct policy *ret_policy, struct cxd_error *err)
{
    *ret_policy = (struct policy){.arena = NULL};
    if (first_kept(f, ret_policy) == CXD_OK) {
        return CXD_OK;
    }
    for (;;) {
        int64_t until_ms;
        int r;
        *err = (struct cxd_error)CXD_ERROR_INIT;
        r = first_fetched(f, ret_policy, err);
        if (r == CXD_OK) {
            return CXD_OK;
        }
        fleet_outage_tell(f, r, err);
        until_ms = clock_mono_ms() + fleet_wait_next(f, r, err->retry_after_ms);
        for (;;) {
            int64_t left_ms = until_ms - clock_mono_ms();
            enum signal_what what = signal_wait(left_ms > 0 ? left_ms : 0);
            if (what == SIGNAL_STOP) {
                return cxd_error_set(err, CXD_STOPPED, "stopped before there was a policy");
            }
            if (left_ms <= 0 || what == SIGNAL_REREAD) {
                break;
            }
        }
    }
}
