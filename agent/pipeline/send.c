/*
 * send.c: see the header. The pipeline decides by the class of a status, never by its text.
 */
#include "pipeline/send_inner.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/status.h"
#include "pipeline/dead.h"
#include "pipeline/tally.h"
#include "pipeline/track.h"
#include "pipeline/wait.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define INTERRUPT_EVERY_MS 100

static void output_health(void *owner, int health, const char *reason)
{
    unit_health(((struct sender *)owner)->spec.unit, health, reason);
}

static void output_count(void *owner, const char *name, int64_t delta)
{
    unit_count(((struct sender *)owner)->spec.unit, name, delta);
}

static const struct self_ops output_self_ops = {.health = output_health, .count = output_count};

/* Waits, or comes out early with 1 when the sender ends. */
static int pause_for(struct sender *s, int64_t wait_ms)
{
    int64_t deadline_ms = clock_mono_ms() + wait_ms;
    int is_ending;

    (void)pthread_mutex_lock(&s->lock);
    while (!s->is_ending && wait_cond(&s->wake, &s->lock, deadline_ms)) {
    }
    is_ending = s->is_ending;
    (void)pthread_mutex_unlock(&s->lock);
    return is_ending;
}

static int letter_put(struct worker *w, const struct batch *b, const struct cxd_doc *doc,
                      const struct cxd_outcome *out)
{
    struct sender *s = w->sender;
    const struct dead_letter letter = {.stage = "output",
                                       .stream = b->stream->id,
                                       .data_stream = b->index,
                                       .id = doc->id,
                                       .status = CXD_REJECTED,
                                       .reason = out->reason,
                                       .document = doc->source};
    struct cxd_error err = CXD_ERROR_INIT;

    while (dead_put(s->spec.dead, &letter, &err) != CXD_OK) {
        unit_health(s->spec.unit, CXD_DEGRADED, err.text);
        if (pause_for(s, backoff_next(&w->backoff, -1))) {
            return CXD_STOPPED;
        }
    }
    return CXD_OK;
}

/* Keeps what is still pending, in order; buries what was refused. Gives the first pending reason for the log. */
static int outcomes_take(struct worker *w, const struct batch *b, uint32_t *count,
                         struct cxd_bytes *ret_reason)
{
    struct tally t = {0};
    uint32_t kept = 0;
    int r = CXD_OK;

    *ret_reason = (struct cxd_bytes){NULL, 0};
    for (uint32_t i = 0; i < *count; i++) {
        const struct cxd_outcome *out = &w->outcomes[i];
        if (out->result == CXD_RESULT_REJECTED && r == CXD_OK) {
            r = letter_put(w, b, &w->docs[i], out);
            t.dead += r == CXD_OK;
        }
        if (!tally_is_decided(out) || (out->result == CXD_RESULT_REJECTED && r != CXD_OK)) {
            if (ret_reason->ptr == NULL) {
                *ret_reason = out->reason;
            }
            w->docs[kept++] = w->docs[i];
            continue;
        }
        t.delivered += out->result == CXD_RESULT_DELIVERED;
        t.duplicates += out->result == CXD_RESULT_DUPLICATE;
        t.bytes += out->result != CXD_RESULT_REJECTED ? (int64_t)w->docs[i].source.len : 0;
    }
    tally_add(b->stream, &t);
    tally_add(w->sender->spec.unit, &t);
    *count = kept;
    return r;
}

/* Says how the destination is and how long to leave it alone. Credentials and policy need a person: the longest wait. */
static int64_t wait_choose(struct worker *w, const struct cxd_error *why, uint32_t pending)
{
    enum cxd_class class_ = status_class(why->status);
    int needs_person = class_ == CXD_CLASS_AUTH || class_ == CXD_CLASS_CONFIG;
    int64_t wait_ms = backoff_next(&w->backoff, why->retry_after_ms);

    if (needs_person && wait_ms < w->sender->spec.backoff_max_ms / 2) {
        wait_ms = w->sender->spec.backoff_max_ms / 2;
    }
    unit_health(w->sender->spec.unit, needs_person ? CXD_FAILED : CXD_DEGRADED, why->text);
    LOG(CXD_LOG_WARN, w->sender->subject,
        "%s: %u documents are not delivered yet, sending again in %.1f s", w->sender->spec.id,
        pending, (double)wait_ms / 1000);
    return wait_ms;
}

static int docs_take(struct worker *w, const struct batch *b)
{
    if (b->count > w->cap) {
        struct cxd_doc *docs = realloc(w->docs, b->count * sizeof *docs);
        struct cxd_outcome *outcomes;
        if (docs == NULL) {
            return CXD_NOMEM;
        }
        w->docs = docs;
        outcomes = realloc(w->outcomes, b->count * sizeof *outcomes);
        if (outcomes == NULL) {
            return CXD_NOMEM;
        }
        w->outcomes = outcomes;
        w->cap = b->count;
    }
    if (b->count > 0) {
        memcpy(w->docs, b->docs, b->count * sizeof *w->docs);
    }
    return CXD_OK;
}

static uint64_t docs_bytes(const struct cxd_doc *docs, uint32_t count)
{
    uint64_t bytes = 0;

    for (uint32_t i = 0; i < count; i++) {
        bytes += docs[i].source.len;
    }
    return bytes;
}

/* One try. Returns the documents still pending, with the wait before the next try; -1: the sender ends. */
static int64_t batch_try(struct worker *w, const struct batch *b, uint32_t *count)
{
    struct cxd_error why = CXD_ERROR_INIT;
    struct cxd_bytes reason;
    const struct cxd_batch view = {.size = sizeof view,
                                   .count = *count,
                                   .docs = w->docs,
                                   .bytes = docs_bytes(w->docs, *count),
                                   .pipeline = b->pipeline};
    uint32_t before = *count;
    int r;

    memset(w->outcomes, 0, *count * sizeof *w->outcomes);
    r = w->sender->ops->send(w->instance, &view, w->outcomes, &why);
    if (outcomes_take(w, b, count, &reason) == CXD_STOPPED) {
        return -1;
    }
    if (*count < before) {
        backoff_reset(&w->backoff);
    }
    if (*count == 0) {
        unit_health(w->sender->spec.unit, CXD_HEALTHY, NULL);
        return 0;
    }
    if (r == CXD_OK) {
        (void)cxd_error_set(&why, CXD_THROTTLED, "%u documents put off: %.*s", *count,
                            (int)reason.len, reason.ptr);
    }
    status_explain(&why, r);
    return wait_choose(w, &why, *count);
}

/* 1: settled. 0: the sender ends and the batch is not. */
static int batch_deliver(struct worker *w, const struct batch *b)
{
    uint32_t count = b->count;

    while (docs_take(w, b) != CXD_OK) {
        if (pause_for(w->sender, 1000)) {
            return 0;
        }
    }
    while (count > 0) {
        int64_t wait_ms = batch_try(w, b, &count);
        if (wait_ms < 0 || (count > 0 && pause_for(w->sender, wait_ms))) {
            return 0;
        }
    }
    return 1;
}

/* Without a track the stream knows already: the batch was durable before it came here. */
static void batch_settle(struct queue *q, struct batch *b)
{
    struct batch *run = b->track != NULL ? track_settle(b->track, b) : b;

    while (run != NULL) {
        struct batch *next = run->track_next;
        queue_settle(q, run);
        run = next;
    }
}

static void *worker_run(void *arg)
{
    struct worker *w = arg;
    struct queue *q = w->sender->spec.queue;
    struct batch *b;

    while ((b = queue_take(q, -1)) != NULL) {
        if (!batch_deliver(w, b)) {
            queue_rewind(q, b);
            break;
        }
        batch_settle(q, b);
    }
    (void)pthread_mutex_lock(&w->sender->lock);
    w->has_ended = 1;
    (void)pthread_cond_broadcast(&w->sender->wake);
    (void)pthread_mutex_unlock(&w->sender->lock);
    return NULL;
}

static int worker_open(struct sender *s, struct worker *w, unsigned number, struct cxd_error *err)
{
    w->sender = s;
    w->self = (struct cxd_self){
        .subject = s->subject, .stopping = s->spec.stopping, .ops = &output_self_ops, .owner = s};
    backoff_init(&w->backoff, s->spec.backoff_first_ms, s->spec.backoff_max_ms,
                 (uint64_t)clock_wall_ms() * 2654435761u + number);
    return s->ops->open(s->spec.host, &w->self, s->spec.options, &w->instance, err);
}

int sender_open(const struct sender_spec *spec, struct sender **ret_sender, struct cxd_error *err)
{
    struct sender *s = calloc(1, sizeof *s);
    int r = CXD_OK;

    if (s == NULL || (s->workers = calloc(spec->workers, sizeof *s->workers)) == NULL) {
        free(s);
        return cxd_error_set(err, CXD_NOMEM, "output %s: out of memory", spec->id);
    }
    s->spec = *spec;
    s->ops = spec->module->ops;
    (void)snprintf(s->subject, sizeof s->subject, "outputs.%s", spec->module->name);
    (void)pthread_mutex_init(&s->lock, NULL);
    wait_cond_init(&s->wake);
    for (unsigned i = 0; i < spec->workers && r == CXD_OK; i++) {
        r = worker_open(s, &s->workers[i], i, err);
    }
    if (r != CXD_OK) {
        (void)cxd_error_wrap(err, "output %s", spec->id);
        sender_stop(s);
        return r;
    }
    *ret_sender = s;
    return CXD_OK;
}

int sender_start(struct sender *s, struct cxd_error *err)
{
    for (unsigned i = 0; i < s->spec.workers; i++) {
        struct worker *w = &s->workers[i];
        if (pthread_create(&w->thread, NULL, worker_run, w) != 0) {
            return cxd_error_set(err, CXD_NOMEM, "output %s: no thread", s->spec.id);
        }
        w->has_thread = 1;
    }
    return CXD_OK;
}

/* An interrupt that comes just before a call begins to wait may be lost on it: it is repeated until the thread is out. */
static void worker_join(struct worker *w)
{
    struct sender *s = w->sender;

    (void)pthread_mutex_lock(&s->lock);
    while (!w->has_ended) {
        (void)pthread_mutex_unlock(&s->lock);
        sender_interrupt(w);
        (void)pthread_mutex_lock(&s->lock);
        if (!w->has_ended) {
            (void)wait_cond(&s->wake, &s->lock, clock_mono_ms() + INTERRUPT_EVERY_MS);
        }
    }
    (void)pthread_mutex_unlock(&s->lock);
    (void)pthread_join(w->thread, NULL);
}

void sender_stop(struct sender *s)
{
    if (s == NULL) {
        return;
    }
    (void)pthread_mutex_lock(&s->lock);
    s->is_ending = 1;
    (void)pthread_cond_broadcast(&s->wake);
    (void)pthread_mutex_unlock(&s->lock);
    if (s->spec.queue != NULL) {
        queue_close(s->spec.queue);
    }
    for (unsigned i = 0; i < s->spec.workers; i++) { /* all at once, then one after the other */
        if (s->workers[i].has_thread) {
            sender_interrupt(&s->workers[i]);
        }
    }
    for (unsigned i = 0; i < s->spec.workers; i++) {
        struct worker *w = &s->workers[i];
        if (w->has_thread) {
            worker_join(w);
        }
        if (w->instance != NULL) {
            s->ops->close(w->instance);
        }
        free(w->docs);
        free(w->outcomes);
    }
    (void)pthread_mutex_destroy(&s->lock);
    (void)pthread_cond_destroy(&s->wake);
    free(s->workers);
    free(s);
}
