/*
 * run.c: see the header. The thread sits in exactly one state; a state's function acts and says what came of it.
 */
#include "pipeline/run.h"

#include "base/backoff.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/status.h"
#include "pipeline/wait.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#define CREDIT_WAIT_MS 1000
#define BACKOFF_FIRST_MS 1000
#define BACKOFF_MAX_MS 60000
#define INTERRUPT_EVERY_MS 100

struct runner {
    struct runner_spec spec;
    const struct cxd_input_ops *ops;
    struct cxd_self self;
    char subject[64];
    void *instance;
    struct cxd_bytes cursor; /* ours */
    struct backoff backoff;
    int64_t wait_ms;
    unsigned failures; /* in a row */
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    pthread_mutex_t instance_lock; /* interrupt against close */
    int has_ended;
    int has_failed;
};

#define S(state) RUN_##state
static const enum run_state next_state[RUN_STATES][RUN_EVENTS] = {
    /*               OPENED       MORE         PAUSE        RETRY        FAILED       FINISHED
                     SHORT         WAITED       STOP         BROKEN */
    [RUN_STARTING] = {S(POLLING), S(POLLING), S(BACKOFF), S(BACKOFF), S(BACKOFF), S(STOPPING),
                      S(NO_CREDIT), S(STARTING), S(STOPPING), S(BACKOFF)},
    [RUN_POLLING] = {S(POLLING), S(POLLING), S(IDLE), S(BACKOFF), S(BACKOFF), S(STOPPING),
                     S(NO_CREDIT), S(POLLING), S(STOPPING), S(BACKOFF)},
    [RUN_NO_CREDIT] = {S(POLLING), S(POLLING), S(IDLE), S(BACKOFF), S(BACKOFF), S(STOPPING),
                       S(NO_CREDIT), S(POLLING), S(STOPPING), S(BACKOFF)},
    [RUN_IDLE] = {S(POLLING), S(POLLING), S(IDLE), S(BACKOFF), S(BACKOFF), S(STOPPING),
                  S(NO_CREDIT), S(POLLING), S(STOPPING), S(BACKOFF)},
    [RUN_BACKOFF] = {S(POLLING), S(POLLING), S(IDLE), S(BACKOFF), S(BACKOFF), S(STOPPING),
                     S(NO_CREDIT), S(STARTING), S(STOPPING), S(BACKOFF)},
    [RUN_STOPPING] = {S(STOPPING), S(STOPPING), S(STOPPING), S(STOPPING), S(STOPPING), S(STOPPING),
                      S(STOPPING), S(STOPPING), S(STOPPING), S(STOPPING)},
};
#undef S

enum run_state run_next(enum run_state state, enum run_event event)
{
    return next_state[state][event];
}

/* Waits wait_ms; 1 when control stops us. */
static int runner_wait(struct runner *r, int64_t wait_ms)
{
    int64_t deadline_ms = clock_mono_ms() + wait_ms;

    (void)pthread_mutex_lock(&r->lock);
    while (!atomic_load(r->spec.stopping) && wait_cond(&r->wake, &r->lock, deadline_ms)) {
    }
    (void)pthread_mutex_unlock(&r->lock);
    return atomic_load(r->spec.stopping);
}

static void instance_close(struct runner *r)
{
    (void)pthread_mutex_lock(&r->instance_lock);
    if (r->instance != NULL) {
        r->ops->close(r->instance);
        r->instance = NULL;
    }
    (void)pthread_mutex_unlock(&r->instance_lock);
}

static void failed_set(struct runner *r, int has_failed)
{
    (void)pthread_mutex_lock(&r->lock);
    r->has_failed = has_failed;
    (void)pthread_mutex_unlock(&r->lock);
}

/* Says what is wrong and how long we leave it. */
static enum run_event failure_note(struct runner *r, int is_failed, const struct cxd_error *err)
{
    r->failures++;
    r->wait_ms = backoff_next(&r->backoff, err->retry_after_ms);
    if (is_failed && r->wait_ms < BACKOFF_MAX_MS / 2) {
        r->wait_ms = BACKOFF_MAX_MS / 2;
    }
    if (r->spec.is_once && (is_failed || r->failures >= r->spec.once_tries)) {
        failed_set(r, 1);
        unit_health(r->spec.unit, CXD_FAILED, err->text);
        return RUN_FINISHED;
    }
    unit_health(r->spec.unit, is_failed ? CXD_FAILED : CXD_DEGRADED, err->text);
    LOG(CXD_LOG_WARN, r->subject, "%s: trying again in %.1f s", r->spec.id,
        (double)r->wait_ms / 1000);
    return is_failed ? RUN_FAILED : RUN_RETRY;
}

static int instance_open(struct runner *r, struct cxd_error *err)
{
    void *instance = NULL;
    int status;

    free((void *)r->cursor.ptr);
    r->cursor = (struct cxd_bytes){NULL, 0};
    status = registry_get(r->spec.registry, r->spec.id, &r->cursor, err);
    if (status != CXD_OK) {
        return status;
    }
    intake_set_cursor(r->spec.intake, r->cursor);
    status = r->ops->open(r->spec.host, &r->self, r->spec.options, &instance, err);
    if (status == CXD_OK) {
        (void)pthread_mutex_lock(&r->instance_lock);
        r->instance = instance;
        (void)pthread_mutex_unlock(&r->instance_lock);
    } else if (instance != NULL) {
        r->ops->close(instance); /* half open */
    }
    return status;
}

static enum run_event starting_run(struct runner *r)
{
    struct cxd_error err = CXD_ERROR_INIT;
    enum cxd_class class_;
    int status;

    if (r->instance != NULL) {
        return RUN_OPENED; /* back from a back-off: the instance is still good */
    }
    status = instance_open(r, &err);
    if (status == CXD_OK) {
        return RUN_OPENED;
    }
    status_explain(&err, status);
    class_ = status_class(status);
    return failure_note(r, class_ == CXD_CLASS_CONFIG || class_ == CXD_CLASS_AUTH, &err);
}

static enum run_event broken_note(struct runner *r)
{
    const struct cxd_error err = {.status = CXD_NOMEM,
                                  .retry_after_ms = -1,
                                  .text = "out of memory; starting again from the stored cursor"};

    instance_close(r);
    intake_restart(r->spec.intake);
    return failure_note(r, 0, &err) == RUN_FINISHED ? RUN_FINISHED : RUN_BROKEN;
}

static enum run_event polling_run(struct runner *r)
{
    struct cxd_error err = CXD_ERROR_INIT;
    int64_t wait_ms = 0;
    int result;

    if (!queue_credit(r->spec.queue, 0)) {
        return RUN_SHORT;
    }
    result = r->ops->poll(r->instance, &wait_ms, &err);
    if (intake_is_broken(r->spec.intake)) {
        return broken_note(r);
    }
    intake_flush(r->spec.intake, result == CXD_POLL_MORE ? r->spec.flush_ms : 0);
    if (result == CXD_POLL_RETRY || result == CXD_POLL_FAILED || result < 0) {
        status_explain(&err, result < 0 ? result : CXD_AGAIN);
    }
    if (result == CXD_POLL_RETRY || result < 0) {
        return failure_note(r, 0, &err);
    }
    if (result == CXD_POLL_FAILED) {
        return failure_note(r, 1, &err);
    }
    r->failures = 0;
    backoff_reset(&r->backoff);
    r->wait_ms = wait_ms;
    if (result == CXD_POLL_FINISHED || (result == CXD_POLL_IDLE && r->spec.is_once)) {
        char reason[UNIT_REASON_MAX];
        /* some object is still owed */
        failed_set(r, unit_health_get(r->spec.unit, reason) != CXD_HEALTHY);
        return RUN_FINISHED;
    }
    if (result == CXD_POLL_IDLE || result == CXD_POLL_WAITING) {
        return RUN_PAUSE;
    }
    return RUN_MORE;
}

static enum run_event state_run(struct runner *r, enum run_state state)
{
    switch (state) {
    case RUN_STARTING:
        return starting_run(r);
    case RUN_POLLING:
        return polling_run(r);
    case RUN_NO_CREDIT:
        intake_flush(r->spec.intake, 0);
        return queue_credit(r->spec.queue, CREDIT_WAIT_MS) ? RUN_WAITED : RUN_SHORT;
    default:
        return runner_wait(r, r->wait_ms) ? RUN_STOP : RUN_WAITED;
    }
}

static void *runner_run(void *arg)
{
    struct runner *r = arg;
    enum run_state state = RUN_STARTING;

    while (state != RUN_STOPPING) {
        enum run_event event = atomic_load(r->spec.stopping) ? RUN_STOP : state_run(r, state);
        state = run_next(state, event);
    }
    instance_close(r);
    intake_flush(r->spec.intake, 0);
    (void)pthread_mutex_lock(&r->lock);
    r->has_ended = 1;
    (void)pthread_cond_broadcast(&r->wake);
    (void)pthread_mutex_unlock(&r->lock);
    if (r->spec.ended != NULL) {
        r->spec.ended(r->spec.owner);
    }
    return NULL;
}

int runner_start(const struct runner_spec *spec, struct runner **ret_runner, struct cxd_error *err)
{
    struct runner *r = calloc(1, sizeof *r);

    if (r == NULL) {
        return cxd_error_set(err, CXD_NOMEM, "%s: out of memory", spec->id);
    }
    r->spec = *spec;
    r->ops = spec->module->ops;
    (void)snprintf(r->subject, sizeof r->subject, "inputs.%s", spec->module->name);
    r->self = (struct cxd_self){.subject = r->subject,
                                .stopping = spec->stopping,
                                .ops = &intake_self_ops,
                                .owner = spec->intake};
    backoff_init(&r->backoff, BACKOFF_FIRST_MS, BACKOFF_MAX_MS,
                 (uint64_t)clock_wall_ms() * 2654435761u);
    (void)pthread_mutex_init(&r->lock, NULL);
    (void)pthread_mutex_init(&r->instance_lock, NULL);
    wait_cond_init(&r->wake);
    if (pthread_create(&r->thread, NULL, runner_run, r) != 0) {
        (void)pthread_mutex_destroy(&r->lock);
        (void)pthread_mutex_destroy(&r->instance_lock);
        (void)pthread_cond_destroy(&r->wake);
        free(r);
        return cxd_error_set(err, CXD_NOMEM, "%s: no thread", spec->id);
    }
    *ret_runner = r;
    return CXD_OK;
}

void runner_interrupt(struct runner *r)
{
    (void)pthread_mutex_lock(&r->instance_lock);
    if (r->instance != NULL && CXD_HAS(r->ops, interrupt) && r->ops->interrupt != NULL) {
        r->ops->interrupt(r->instance);
    }
    (void)pthread_mutex_unlock(&r->instance_lock);
    queue_wake(r->spec.queue);
    (void)pthread_mutex_lock(&r->lock);
    (void)pthread_cond_broadcast(&r->wake);
    (void)pthread_mutex_unlock(&r->lock);
}

int runner_has_ended(struct runner *r, int *has_failed)
{
    int has_ended;

    (void)pthread_mutex_lock(&r->lock);
    has_ended = r->has_ended;
    if (has_failed != NULL) {
        *has_failed = r->has_failed;
    }
    (void)pthread_mutex_unlock(&r->lock);
    return has_ended;
}

/* An interrupt that comes just before a poll begins to wait may be lost on it: while stopping it is repeated. */
static void end_wait(struct runner *r)
{
    while (!runner_has_ended(r, NULL)) {
        if (atomic_load(r->spec.stopping)) {
            runner_interrupt(r);
        }
        (void)pthread_mutex_lock(&r->lock);
        if (!r->has_ended) {
            (void)wait_cond(&r->wake, &r->lock, clock_mono_ms() + INTERRUPT_EVERY_MS);
        }
        (void)pthread_mutex_unlock(&r->lock);
    }
}

void runner_free(struct runner *r)
{
    if (r != NULL) {
        end_wait(r);
        (void)pthread_join(r->thread, NULL);
        (void)pthread_mutex_destroy(&r->lock);
        (void)pthread_mutex_destroy(&r->instance_lock);
        (void)pthread_cond_destroy(&r->wake);
        free((void *)r->cursor.ptr);
        free(r);
    }
}
