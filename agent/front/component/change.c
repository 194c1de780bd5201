/*
 * change.c: the units that are wanted become the plan that runs. A unit that the plan cannot take is left out, with its reason, and the
 * others go on without it: one wrong configuration is no other's business. What was refused is tried again after a while, as its reason may
 * lie outside of it.
 */
#include "base/clock.h"
#include "base/log.h"
#include "base/redact.h"
#include "front/component/component_inner.h"
#include "front/module/tryout.h"
#include "front/policy.h"
#include "front/signal.h"

#include <stdio.h>
#include <string.h>

#define RETRY_FIRST_MS 10000
#define RETRY_MAX_MS 120000

const struct refusal *component_refusal(const struct component *c, const char *id)
{
    for (size_t i = 0; i < c->refusal_count; i++) {
        if (strcmp(c->refusals[i].id, id) == 0) {
            return &c->refusals[i];
        }
    }
    return NULL;
}

static int is_refused(void *owner, const char *id)
{
    return component_refusal(owner, id) != NULL;
}

static int policy_write(struct component *c)
{
    const struct desired_options options = {
        .data_path = c->common.data_path, .is_left_out = is_refused, .owner = c};

    return desired_write(&c->now, &options, &c->policy, c->lines);
}

static void setup_end(void *arg)
{
    agent_setup_end(arg);
}

static int agent_begin(struct component *c, struct policy *policy, struct cxd_error *err)
{
    const struct agent_options options = {.data_path = c->common.data_path,
                                          .module_paths = c->common.modules,
                                          .probe = tryout_probe(),
                                          .guard_code = EXIT_UNACKED};
    struct signal_watch watch;
    struct agent *a = NULL;
    int level = log_level(policy->plan->settings.log_level);
    int r = agent_open(policy->plan, &options, &a, err);

    if (r != CXD_OK || (r = reload_open(a, policy, &c->reload, err)) != CXD_OK) {
        agent_close(a);
        policy_done(policy);
        return r;
    }
    c->agent = a;
    log_setup(2, level >= 0 ? level : CXD_LOG_INFO);
    if (signal_watch_start(&watch, setup_end, a) == CXD_OK) {
        agent_setup(a);
        c->is_stopping |= signal_watch_end(&watch);
    }
    return c->is_stopping ? CXD_OK : agent_start(a, signal_wake, err);
}

static int agent_change(struct component *c, struct policy *policy, struct cxd_error *err)
{
    struct apply_counts n;
    struct signal_watch watch;
    int is_watched = signal_watch_start(&watch, setup_end, c->agent) == CXD_OK;
    int r = reload_policy(c->reload, policy, &n, err);

    c->is_stopping |= is_watched && signal_watch_end(&watch);
    if (r == CXD_OK && n.fresh + n.changed + n.gone > 0) {
        LOG(CXD_LOG_INFO, "component", "units applied: new=%d changed=%d gone=%d same=%d", n.fresh,
            n.changed, n.gone, n.same);
    }
    return r;
}

/* The plan that runs is the one that c->lines is of. */
static void places_set(struct component *c)
{
    for (size_t i = 0; i < EXPECTED_UNITS_MAX; i++) {
        const struct expected_unit *u = i < c->now.count ? &c->now.units[i] : NULL;
        int is_there = u != NULL && u->type == UNIT_INPUT && c->lines[i] > 0;
        c->places[i].line = is_there ? c->lines[i] : 0;
        if (is_there) {
            (void)snprintf(c->places[i].id, sizeof c->places[i].id, "%s", u->id);
            c->places[i].config_idx = u->config_idx;
        }
    }
}

static int policy_try(struct component *c, struct cxd_error *err)
{
    struct policy policy;
    int r = policy_text_read(DESIRED_NAME, (struct cxd_bytes){c->policy.ptr, c->policy.len},
                             &policy, err);

    if (r != CXD_OK) {
        policy_done(&policy);
    } else {
        r = c->agent == NULL ? agent_begin(c, &policy, err) : agent_change(c, &policy, err);
    }
    if (r == CXD_OK) {
        places_set(c);
    }
    redact_text(err->text, strlen(err->text));
    return r;
}

/* Which line an error is of: its place begins with our name; 0: none. */
static int line_of(const struct cxd_error *err)
{
    static const char front[] = DESIRED_NAME ":";
    const char *at = strstr(err->text, front);
    int line = 0;

    if (at != NULL) {
        for (at += sizeof front - 1; *at >= '0' && *at <= '9' && line < 100000; at++) {
            line = 10 * line + (*at - '0');
        }
    }
    return line;
}

/* 1: the error is of one input, which is left out from here on. */
static int input_refuse(struct component *c, const struct cxd_error *err)
{
    int line = line_of(err);

    for (size_t i = 0; i < c->now.count && line > DESIRED_OUTPUT_LINE; i++) {
        const struct expected_unit *u = &c->now.units[i];
        if (c->lines[i] == line && u->type == UNIT_INPUT && c->refusal_count < EXPECTED_UNITS_MAX) {
            struct refusal *refusal = &c->refusals[c->refusal_count++];
            (void)snprintf(refusal->id, sizeof refusal->id, "%s", u->id);
            (void)snprintf(refusal->why, sizeof refusal->why, "%s", err->text);
            return 1;
        }
    }
    return 0;
}

static int is_of_output(const struct cxd_error *err)
{
    static const char front[] = "output default:"; /* as its module says it */

    return line_of(err) == DESIRED_OUTPUT_LINE || strncmp(err->text, front, sizeof front - 1) == 0;
}

/* All units, then without those that turn out wrong, one after the other. */
static void units_apply(struct component *c)
{
    struct cxd_error err = CXD_ERROR_INIT;
    char before[sizeof err.text];
    int is_again = c->trouble.status != CXD_OK || c->refusal_count > 0;
    int r;

    (void)snprintf(before, sizeof before, "%s",
                   c->refusal_count > 0 ? c->refusals[0].why : c->trouble.text);
    c->refusal_count = 0;
    do {
        err = (struct cxd_error)CXD_ERROR_INIT;
        r = policy_write(c);
        r = r != CXD_OK ? cxd_error_set(&err, r, "the units' configuration is too large")
                        : policy_try(c, &err);
        if (r != CXD_OK && r != CXD_STOPPED && !(is_again && strcmp(before, err.text) == 0)) {
            LOG(CXD_LOG_ERROR, "component", "units cannot be applied: %s", err.text);
        }
    } while (r != CXD_OK && r != CXD_STOPPED && !c->is_stopping && input_refuse(c, &err));
    c->trouble = err;
    c->trouble.status = r == CXD_STOPPED ? CXD_OK : r;
    c->is_output_trouble = r != CXD_OK && is_of_output(&err);
}

static void retry_set(struct component *c, int is_new)
{
    /* to try an output means to stop the one that runs */
    int is_whole = (c->trouble.status == CXD_OK || (c->is_output_trouble && c->agent != NULL)) &&
                   c->refusal_count == 0;

    c->retry_wait_ms = is_new || c->retry_wait_ms == 0       ? RETRY_FIRST_MS
                       : 2 * c->retry_wait_ms < RETRY_MAX_MS ? 2 * c->retry_wait_ms
                                                             : RETRY_MAX_MS;
    c->retry_ms = is_whole ? 0 : clock_mono_ms() + c->retry_wait_ms;
}

/* The policy with all units, refused or not, is another one than was tried. */
static int is_other(struct component *c)
{
    size_t count = c->refusal_count;
    int r;

    c->refusal_count = 0;
    r = policy_write(c);
    c->refusal_count = count;
    if (r == CXD_NOT_FOUND) {
        return 0;
    }
    if (r == CXD_OK && c->applied.len == c->policy.len &&
        memcmp(c->applied.ptr, c->policy.ptr, c->policy.len) == 0) {
        return 0;
    }
    buf_clear(&c->applied);
    (void)buf_add(&c->applied, c->policy.ptr, c->policy.len); /* without memory: tried once more */
    return 1;
}

static int is_output_wanted(const struct component *c)
{
    for (size_t i = 0; i < c->now.count; i++) {
        const struct expected_unit *u = &c->now.units[i];
        if (u->type == UNIT_OUTPUT && u->state == STATE_HEALTHY && u->has_config) {
            return 1;
        }
    }
    return 0;
}

void component_change(struct component *c)
{
    struct expected e;
    int is_due = c->retry_ms != 0 && clock_mono_ms() >= c->retry_ms;
    int is_new = 0;

    if (checkin_take(c->checkin, &e)) {
        desired_complete(&e, &c->now);
        expected_done(&c->now);
        c->now = e;
        is_new = is_other(c);
    }
    if (c->agent == NULL && !is_output_wanted(c)) {
        return; /* the units wait for it */
    }
    if (is_new) {
        c->is_changing = 1; /* streams that end may take their time */
        component_report(c);
    }
    if (is_new || is_due) {
        units_apply(c); /* only then are the units told as taken */
        c->is_changing = 0;
        retry_set(c, is_new);
    }
}
