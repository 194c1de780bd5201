/*
 * hosted.c: opens, starts, tells, stops. What is pulled and settled is in hosted_pull.c.
 *
 * The lock guards state and the fields that say so; it is never held while a module or the pipeline is called, but for
 * agent_has_ended, which only looks.
 */
#include "front/embed/hosted_inner.h"

#include "base/clock.h"
#include "base/log.h"
#include "front/embed/quiet.h"
#include "pipeline/registry.h"
#include "pipeline/wait.h"

#include <stdlib.h>

#define GRACE_MS 2000

static void hosted_free(struct hosted *h)
{
    if (h == NULL) {
        return;
    }
    agent_close(h->agent);
    hosted_policies_done(h);
    desk_policy_done(&h->policy);
    arena_free(h->arena);
    items_done(&h->items);
    (void)pthread_cond_destroy(&h->changed);
    (void)pthread_mutex_destroy(&h->lock);
    free(h);
}

void hosted_level_choose(const struct hosted *h)
{
    const char *word =
        h->settings.log_level != NULL ? h->settings.log_level : h->plan->settings.log_level;
    int level = word != NULL ? log_level(word) : CXD_LOG_INFO;

    if (level >= 0) {
        quiet_level(level);
    }
}

static int agent_build(struct hosted *h, struct cxd_error *err)
{
    const struct agent_options options = {.data_path = h->settings.data_path,
                                          .module_paths = h->settings.modules,
                                          .is_once = h->settings.is_once,
                                          .desk = &desk_module};
    struct quiet quiet;
    int r;

    if (h->settings.log_level != NULL && log_level(h->settings.log_level) < 0) {
        return cxd_error_set(err, CXD_CONFIG,
                             "options: log_level: expected error, warn, info or debug");
    }
    h->plan = h->policy.plan;
    hosted_level_choose(h);
    h->plan->settings.shutdown_ms = HOSTED_FOR_EVER_MS;
    quiet_begin(&quiet); /* the registry's keeper is started */
    r = agent_open(h->policy.plan, &options, &h->agent, err);
    quiet_end(&quiet);
    if (r == CXD_OK) {
        h->output = agent_outputs(h->agent); /* the one that is used */
        h->queue = h->output->queue;
    }
    return r;
}

int hosted_open(struct cxd_bytes options, struct cxd_bytes policy, struct hosted **ret_hosted,
                struct cxd_error *err)
{
    struct hosted *h = calloc(1, sizeof *h);
    int r;

    if (h == NULL) {
        return cxd_error_set(err, CXD_NOMEM, "out of memory");
    }
    (void)pthread_mutex_init(&h->lock, NULL); /* never fails for a default mutex */
    wait_cond_init(&h->changed);
    items_init(&h->items);
    h->arena = arena_new(4096, SETTINGS_BYTES_MAX * 4);
    r = h->arena != NULL ? settings_read(options, h->arena, &h->settings, err)
                         : cxd_error_set(err, CXD_NOMEM, "out of memory");
    r = r != CXD_OK ? r : desk_policy_read(policy, &h->settings, &h->policy, err);
    r = r != CXD_OK ? r : agent_build(h, err);
    if (r != CXD_OK) {
        hosted_free(h);
        return r;
    }
    *ret_hosted = h;
    return CXD_OK;
}

int hosted_start(struct hosted *h, struct cxd_error *err)
{
    static const atomic_int hurry = 1;
    struct quiet quiet;
    int r;

    (void)pthread_mutex_lock(&h->lock);
    r = h->state == HOSTED_OPEN ? CXD_OK : CXD_EXISTS;
    h->state = r == CXD_OK ? HOSTED_STARTING : h->state;
    (void)pthread_mutex_unlock(&h->lock);
    if (r != CXD_OK) {
        return cxd_error_set(err, r, "started or stopped already");
    }
    quiet_begin(&quiet);
    r = agent_start(h->agent, NULL, err);
    quiet_end(&quiet);
    if (r != CXD_OK) {
        (void)agent_stop(h->agent, &hurry, NULL); /* what did start */
    }
    (void)pthread_mutex_lock(&h->lock);
    h->state = r == CXD_OK ? HOSTED_RUNNING : HOSTED_STOPPED;
    (void)pthread_cond_broadcast(&h->changed);
    (void)pthread_mutex_unlock(&h->lock);
    return r;
}

static void batch_return(void *owner, struct batch *b)
{
    queue_rewind(owner, b);
}

/* Nothing is settled from here on, and what was is saved. */
static int settle_end(struct hosted *h, int r, struct cxd_error *err)
{
    int saved;

    queue_close(h->queue);
    items_close(&h->items, batch_return, h->queue);
    saved = registry_flush(agent_registry(h->agent), r == CXD_OK ? err : NULL);
    return r != CXD_OK ? r : saved;
}

static void *closer_run(void *arg)
{
    struct hosted *h = arg;
    struct cxd_error err = CXD_ERROR_INIT;
    int is_abandoned;
    int r;

    agent_stop_inputs(h->agent);
    hosted_cursors_settle(h);
    atomic_store(&h->have_inputs_ended, 1);
    r = agent_stop(h->agent, &h->hurry, &err);
    r = settle_end(h, r, &err);
    (void)pthread_mutex_lock(&h->lock);
    h->state = HOSTED_STOPPED;
    h->stop_result = r;
    h->stop_error = err;
    is_abandoned = h->is_abandoned;
    (void)pthread_cond_broadcast(&h->changed);
    (void)pthread_mutex_unlock(&h->lock);
    if (is_abandoned) {
        hosted_free(h);
    }
    return NULL;
}

/* Once; the lock is held. */
static int closer_start(struct hosted *h, struct cxd_error *err)
{
    struct quiet quiet;
    int r;

    while (h->state == HOSTED_STARTING || h->state == HOSTED_APPLYING) {
        if (h->state == HOSTED_APPLYING) {
            agent_setup_end(h->agent); /* it need not be waited for: all of it stops */
        }
        (void)pthread_cond_wait(&h->changed, &h->lock);
    }
    if (h->has_closer) {
        return CXD_OK;
    }
    quiet_begin(&quiet);
    r = pthread_create(&h->closer, NULL, closer_run, h) == 0 ? CXD_OK : CXD_NOMEM;
    quiet_end(&quiet);
    h->has_closer = r == CXD_OK;
    h->state = r == CXD_OK ? HOSTED_STOPPING : h->state;
    return r == CXD_OK ? r : cxd_error_set(err, r, "no thread for the stop");
}

/* Waits for the end of the stop, or for somebody who closes, when it is not oneself; the lock is held. */
static int stopped_wait(struct hosted *h, int64_t deadline_ms, int is_closer)
{
    while (h->state != HOSTED_STOPPED && (is_closer || !atomic_load(&h->is_closing)) &&
           wait_cond(&h->changed, &h->lock, deadline_ms)) {
    }
    return h->state == HOSTED_STOPPED;
}

int hosted_stop(struct hosted *h, uint32_t timeout_ms, struct cxd_error *err)
{
    int64_t deadline_ms = clock_mono_ms() + timeout_ms;
    int r;

    (void)pthread_mutex_lock(&h->lock);
    r = closer_start(h, err);
    if (r == CXD_OK) {
        r = stopped_wait(h, deadline_ms, 0) ? h->stop_result : CXD_AGAIN;
    }
    if (r == CXD_AGAIN) {
        (void)cxd_error_set(err, r, "documents are not acknowledged yet");
    } else if (r != CXD_OK && h->has_closer && err != NULL) {
        *err = h->stop_error;
    }
    (void)pthread_mutex_unlock(&h->lock);
    return r;
}

void hosted_interrupt(struct hosted *h)
{
    atomic_store(&h->is_closing, 1);
    atomic_store(&h->hurry, 1);
    queue_nudge(h->queue);
    (void)pthread_mutex_lock(&h->lock);
    (void)pthread_cond_broadcast(&h->changed);
    (void)pthread_mutex_unlock(&h->lock);
}

int hosted_end(struct hosted *h)
{
    int is_left;
    int r;

    (void)pthread_mutex_lock(&h->lock);
    if (closer_start(h, NULL) != CXD_OK) { /* then it is done here, however long it takes */
        (void)pthread_mutex_unlock(&h->lock);
        (void)closer_run(h);
        (void)pthread_mutex_lock(&h->lock);
    }
    is_left = !stopped_wait(h, clock_mono_ms() + GRACE_MS, 1);
    h->is_abandoned = is_left;
    r = is_left ? CXD_MISFIT : h->stop_result;
    (void)pthread_mutex_unlock(&h->lock);
    if (is_left) {
        LOG(CXD_LOG_ERROR, "agent", "a module does not come back: what it holds is not free yet");
        (void)pthread_detach(h->closer);
        return r;
    }
    if (h->has_closer) {
        (void)pthread_join(h->closer, NULL);
    }
    hosted_free(h);
    return r == CXD_TIMEOUT ? CXD_AGAIN : r;
}
