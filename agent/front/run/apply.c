/*
 * apply.c: what differs is marked, stopped from the source, taken out of the lists, built anew, started from the end of the river.
 */
#include "front/run/apply.h"

#include "base/log.h"
#include "front/run/agent_inner.h"
#include "front/run/difference.h"
#include "front/run/turnover.h"
#include "io/doc.h"

#include <string.h>

/* Counts and names what differs, and marks what has to go. */
static void unit_take(void *owner, const struct difference *d)
{
    static const char *const words[] = {"new", "changed", "gone", "same"};
    struct apply_counts *n = owner;
    int *const counts[] = {&n->fresh, &n->changed, &n->gone, &n->same};
    int is_leaving = d->what == DIFFERENCE_CHANGED || d->what == DIFFERENCE_GONE;

    (*counts[d->what])++;
    if (d->output != NULL) {
        d->output->is_leaving = is_leaving;
    }
    if (d->stream != NULL) {
        d->stream->is_leaving = is_leaving;
    }
    if (d->what != DIFFERENCE_SAME) {
        LOG(CXD_LOG_INFO, "agent", "policy: %s %s: %s%s%s%s", d->kind, d->id, words[d->what],
            d->aspect != NULL ? " (" : "", d->aspect != NULL ? d->aspect : "",
            d->aspect != NULL ? ")" : "");
    }
}

/* Strangers' modules that the other plan brings, or opens with other options, are tried in a process of their own. */
static int strangers_try(struct agent *a, struct agent *next, struct cxd_error *err)
{
    int r = CXD_OK;

    for (struct agent_output *o = next->outputs; o != NULL && r == CXD_OK; o = o->next) {
        struct agent_output *now = agent_output_named(a, o->plan->name);
        if (now == NULL || now->is_leaving) {
            r = catalog_try(&a->catalog, o->module, doc_bytes(o->options), err);
        }
    }
    for (struct agent_stream *s = next->streams; s != NULL && r == CXD_OK; s = s->next) {
        struct agent_stream *now = agent_stream_named(a, s->plan->id);
        if (now == NULL || now->is_leaving) {
            r = catalog_try(&a->catalog, s->module, doc_bytes(s->options), err);
        }
    }
    return r;
}

/* A setting that is read at the start only. The folder, when it differs here, was chosen by somebody else. */
static const char *setting_later(const struct agent *a, const struct agent *next)
{
    static const char *const others[] = {"agent.logging.level", "agent.shutdown_timeout",
                                         "agent.path.data"};
    const char *setting = difference_setting(&a->plan->settings, &next->plan->settings);

    for (size_t i = 0; setting != NULL && i < sizeof others / sizeof others[0]; i++) {
        if (strcmp(setting, others[i]) == 0) {
            return NULL;
        }
    }
    return setting;
}

/* What the new plan says of it. One that comes or goes is for the next start (difference_setting). */
static void courier_follow(struct agent *a, struct courier *now, const struct plan_mail *mail,
                           const char *what)
{
    struct cxd_error err = CXD_ERROR_INIT;
    struct courier *next = NULL;
    int r;

    if (now == NULL || mail->output == NULL) {
        return;
    }
    r = courier_build(a->plan, mail, &a->catalog, &a->units, &next, &err);
    if (r != CXD_OK || courier_renew(now, next, &err) != CXD_OK) {
        LOG(CXD_LOG_ERROR, "agent", "%s goes on with the settings before: %s", what, err.text);
    }
    courier_free(next);
}

/* One plan for another. After an error, and CXD_STOPPED, what is in the lists is whole, but not all that the plan wants. */
static int swap(struct agent *a, struct agent *next, struct apply_counts *counts,
                struct cxd_error *err)
{
    int r;

    *counts = (struct apply_counts){.setting = setting_later(a, next)};
    difference_units(a, next, unit_take, counts);
    r = strangers_try(a, next, err);
    if (r != CXD_OK) {
        return r; /* nothing was touched */
    }
    a->turn++;
    turnover_stop(a);
    turnover_free(a);
    r = atomic_load(&a->stopping) ? CXD_STOPPED : turnover_build(a, next->plan, err);
    if (r == CXD_OK) {
        agent_setup(a);
        r = atomic_load(&a->stopping) ? CXD_STOPPED : agent_start(a, a->wake, err);
    }
    if (r == CXD_OK) {
        a->plan = next->plan;
        courier_follow(a, a->dead_courier, &a->plan->settings.dead_mail, "agent.dead_letter");
        courier_follow(a, a->report_courier, &a->plan->settings.report, "agent.report");
    }
    return r;
}

static int check_open(struct agent *a, const struct plan *plan, struct agent **ret_next,
                      struct cxd_error *err)
{
    struct agent_options check = a->options;

    check.is_check = 1;
    check.is_again = 1;
    return agent_open(plan, &check, ret_next, err);
}

/* What no running agent can change. */
static int fixed_check(const struct agent *a, const struct plan *plan, struct cxd_error *err)
{
    const char *setting =
        difference_fixed(&a->plan->settings, &plan->settings, a->options.data_path != NULL);

    return setting == NULL
               ? CXD_OK
               : cxd_error_set(err, CXD_UNSUPPORTED,
                               "%s can't change while the agent runs: restart it", setting);
}

/* The plan before, put back after what err says. */
static int swap_back(struct agent *a, struct apply_counts *ret_counts, const struct cxd_error *err)
{
    struct cxd_error why = CXD_ERROR_INIT;
    struct apply_counts counts;
    struct agent *before = NULL;
    int status = err->status;
    int r = check_open(a, a->plan, &before, &why);

    r = r != CXD_OK ? r : swap(a, before, &counts, &why);
    agent_close(before);
    if (r == CXD_OK || r == CXD_STOPPED) {
        return r == CXD_STOPPED ? r : status;
    }
    LOG(CXD_LOG_ERROR, "agent", "policy: the one before can't be put back: %s", why.text);
    ret_counts->is_broken = 1;
    return status;
}

int agent_apply(struct agent *a, const struct plan *plan, struct apply_counts *ret_counts,
                struct cxd_error *err)
{
    struct agent *next = NULL;
    unsigned turn = a->turn;
    int r = fixed_check(a, plan, err);

    *ret_counts = (struct apply_counts){.setting = NULL};
    turnover_retired_free(a, 0);
    r = r != CXD_OK ? r : check_open(a, plan, &next, err);
    r = r != CXD_OK ? r : swap(a, next, ret_counts, err);
    agent_close(next);
    if (r != CXD_OK && r != CXD_STOPPED && a->turn != turn) {
        r = swap_back(a, ret_counts, err);
    }
    return r;
}

static int plan_has(const struct plan *plan, const struct plan_stream *stream)
{
    const struct plan_stream *s = plan->streams;

    while (s != NULL && s != stream) {
        s = s->next;
    }
    return s != NULL;
}

static int streams_use(const struct agent_stream *list, const struct plan *plan)
{
    while (list != NULL && !plan_has(plan, list->plan)) {
        list = list->next;
    }
    return list != NULL;
}

int agent_uses(const struct agent *a, const struct plan *plan)
{
    int uses = a->plan == plan || keeper_uses(a->keeper, plan) ||
               courier_uses(a->dead_courier, plan) || courier_uses(a->report_courier, plan) ||
               streams_use(a->streams, plan) || streams_use(a->retired, plan);

    for (const struct agent_output *o = a->outputs; o != NULL && !uses; o = o->next) {
        const struct plan_output *p = plan->outputs;
        while (p != NULL && p != o->plan) {
            p = p->next;
        }
        uses = p != NULL;
    }
    return uses;
}

const struct plan *agent_plan(const struct agent *a)
{
    return a->plan;
}

static int is_failed(struct unit *unit, char reason[UNIT_REASON_MAX])
{
    return unit_health_get(unit, reason) == CXD_FAILED;
}

int agent_regrets(struct agent *a, struct cxd_error *err)
{
    char reason[UNIT_REASON_MAX];

    for (struct agent_output *o = a->outputs; o != NULL; o = o->next) {
        if (o->turn == a->turn && !o->had_failed && is_failed(o->unit, reason)) {
            (void)cxd_error_set(err, CXD_CONFIG, "output %s: %s", o->plan->name, reason);
            return 1;
        }
    }
    for (struct agent_stream *s = a->streams; s != NULL; s = s->next) {
        if (s->turn == a->turn && !s->had_failed && is_failed(s->unit, reason)) {
            (void)cxd_error_set(err, CXD_CONFIG, "input %s: %s", s->plan->id, reason);
            return 1;
        }
    }
    return 0;
}
