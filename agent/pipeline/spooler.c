/* spooler.c: see the header. One loop: write, read, forget; it waits in the queue only. */
#include "pipeline/spooler.h"

#include "base/clock.h"
#include "base/log.h"
#include "pipeline/dead.h"
#include "pipeline/queue_inner.h"
#include "pipeline/track.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RETRY_MS 1000
#define STREAMS_GONE_MAX 64 /* streams of earlier policies with a unit of their own */

struct spooler {
    struct spooler_spec spec;
    struct spool *spool;
    pthread_mutex_t lock;
    struct unit **streams; /* under the lock */
    size_t stream_count;
    struct unit gone
        [STREAMS_GONE_MAX]; /* streams that the policy has no longer: their names are for dead letters */
    atomic_size_t gone_count; /* all before it are complete */
    struct batch *fresh;      /* to be written */
    int is_behind;            /* the workers' next batch is on the disk only */
    int is_failing;
    int has_failed;    /* in this round */
    int64_t retry_ms;  /* monotonic: no write before */
    int64_t forget_ms; /* monotonic: when the place was saved last */
    struct spool_loss told;
    pthread_t thread;
    int has_thread;
};

int spooler_open(const struct spooler_spec *spec, struct spooler **ret_spooler,
                 struct cxd_error *err)
{
    struct spooler *sp = calloc(1, sizeof *sp);
    int r;

    if (sp == NULL) {
        return cxd_error_set(err, CXD_NOMEM, "queue: out of memory");
    }
    (void)pthread_mutex_init(&sp->lock, NULL); /* never fails for a default mutex */
    r = spool_open(&spec->spool, &sp->spool, err);
    if (r == CXD_OK) {
        r = queue_disk_start(spec->queue, spec->max_bytes, spool_settled(sp->spool));
        r = r == CXD_OK ? r : cxd_error_set(err, r, "queue: out of memory");
    }
    if (r != CXD_OK) {
        spooler_free(sp);
        return r;
    }
    sp->spec = *spec;
    unit_init(&sp->gone[0], "earlier-policy", "pipeline.spool");
    atomic_store(&sp->gone_count, 1);
    sp->is_behind = !spool_is_read(sp->spool);
    queue_disk_state(spec->queue, spool_bytes(sp->spool), spool_end(sp->spool).events,
                     sp->is_behind);
    *ret_spooler = sp;
    return CXD_OK;
}

int spooler_stream(struct spooler *sp, struct unit *stream)
{
    struct unit **list;

    (void)pthread_mutex_lock(&sp->lock);
    list = realloc(sp->streams, (sp->stream_count + 1) * sizeof(struct unit *));
    if (list != NULL) {
        sp->streams = list;
        sp->streams[sp->stream_count++] = stream;
    }
    (void)pthread_mutex_unlock(&sp->lock);
    return list != NULL ? CXD_OK : CXD_NOMEM;
}

int64_t spooler_count(struct spooler *sp, const char *name)
{
    int64_t sum = 0;

    for (size_t i = 0; sp != NULL && i < atomic_load(&sp->gone_count); i++) {
        sum += unit_counter_get(&sp->gone[i], name);
    }
    return sum;
}

/* The newest of that name: a stream of another kind may have had it before. */
static struct unit *stream_known(struct spooler *sp, struct cxd_bytes id)
{
    struct unit *found = NULL;

    (void)pthread_mutex_lock(&sp->lock);
    for (size_t i = sp->stream_count; i > 0 && found == NULL; i--) {
        struct unit *u = sp->streams[i - 1];
        if (strlen(u->id) == id.len && memcmp(u->id, id.ptr, id.len) == 0) {
            found = u;
        }
    }
    (void)pthread_mutex_unlock(&sp->lock);
    return found;
}

static struct unit *stream_find(struct spooler *sp, struct cxd_bytes id)
{
    struct unit *known = stream_known(sp, id);
    size_t count;
    char *own;

    if (known != NULL) {
        return known;
    }
    count = atomic_load(&sp->gone_count);
    for (size_t i = 1; i < count; i++) {
        if (strcmp(sp->gone[i].id, id.ptr) == 0) {
            return &sp->gone[i];
        }
    }
    own = count < STREAMS_GONE_MAX ? strdup(id.ptr) : NULL;
    if (own == NULL) {
        return &sp->gone[0];
    }
    unit_init(&sp->gone[count], own, "pipeline.spool");
    atomic_store(&sp->gone_count, count + 1);
    return &sp->gone[count];
}

/* The disk is in the way: says so once, and leaves it alone for a while. */
static void failure_note(struct spooler *sp, const struct cxd_error *err)
{
    sp->retry_ms = clock_mono_ms() + RETRY_MS;
    unit_health(sp->spec.unit, err->status == CXD_CONFIG ? CXD_FAILED : CXD_DEGRADED, err->text);
    if (!sp->is_failing) {
        LOG(CXD_LOG_ERROR, "pipeline.spool", "%s; inputs wait, trying again every second",
            err->text);
    }
    sp->is_failing = 1;
    sp->has_failed = 1;
}

static void failure_end(struct spooler *sp)
{
    if (sp->is_failing) {
        sp->is_failing = 0;
        LOG(CXD_LOG_INFO, "pipeline.spool", "%s: the queue's disk works again", sp->spec.unit->id);
        unit_health(sp->spec.unit, CXD_HEALTHY, NULL);
    }
}

/* The stream may go on from behind this batch: its cursor is as good as kept. */
static void durable_tell(struct spooler *sp, struct batch *b)
{
    struct batch *run = b->track != NULL ? track_settle(b->track, b) : b;

    while (run != NULL) {
        struct batch *next = run->track_next;
        int is_first = run->count > 0 && !sp->is_behind;
        run->track = NULL;
        run->track_next = NULL;
        if (is_first) { /* before the queue has it: it may be gone afterwards */
            spool_pass(sp->spool, run);
        }
        if (run->count > 0) {
            struct batch place = {.after = run->after,
                                  .offset = run->offset,
                                  .segment = run->segment,
                                  .count = run->count};
            if (!queue_disk_durable(sp->spec.queue, run, !sp->is_behind) && is_first) {
                sp->is_behind = 1;
                spool_seek(sp->spool, &place);
            }
        } else {
            (void)queue_disk_durable(sp->spec.queue, run, 0);
        }
        run = next;
    }
}

/* Appends until something fails; *ret_count of them. */
static int list_append(struct spooler *sp, struct cxd_error *err)
{
    int r = CXD_OK;

    for (struct batch *b = sp->fresh; b != NULL && r == CXD_OK; b = b->next) {
        if (b->count == 0) {
            b->after = spool_end(sp->spool);
            continue;
        }
        b->after.seq = UINT64_MAX; /* until it is written */
        r = spool_append(sp->spool, b, err);
    }
    return r;
}

/* All fresh batches on the disk, or as many as it takes. */
static void fresh_write(struct spooler *sp)
{
    struct cxd_error err = CXD_ERROR_INIT;
    struct cxd_error sync_err = CXD_ERROR_INIT;
    uint64_t before = spool_bytes(sp->spool);
    uint64_t end;
    int r = list_append(sp, &err);
    int is_synced = spool_sync(sp->spool, &sync_err) == CXD_OK;

    end = spool_end(sp->spool).seq;
    while (sp->fresh != NULL && sp->fresh->after.seq <= end) {
        struct batch *b = sp->fresh;
        sp->fresh = b->next;
        b->next = NULL;
        durable_tell(sp, b);
    }
    unit_count(sp->spec.unit, "queue_written_bytes_total",
               (int64_t)(spool_bytes(sp->spool) - before));
    if (r != CXD_OK || !is_synced) {
        failure_note(sp, r != CXD_OK ? &err : &sync_err);
    }
}

static void fresh_take(struct spooler *sp, struct batch *list)
{
    struct batch **end = &sp->fresh;

    while (*end != NULL) {
        end = &(*end)->next;
    }
    *end = list;
}

static void losses_tell(struct spooler *sp)
{
    const struct spool_loss *now = spool_losses(sp->spool);

    unit_count(sp->spec.unit, "queue_events_lost_total", (int64_t)(now->events - sp->told.events));
    unit_count(sp->spec.unit, "queue_damaged_total", (int64_t)(now->damages - sp->told.damages));
    sp->told = *now;
}

/* One batch from the disk to the workers: 1 when there may be more. */
static int disk_read(struct spooler *sp)
{
    struct cxd_error err = CXD_ERROR_INIT;
    struct batch *b = queue_batch(sp->spec.queue);
    struct spool_read read;
    int r;

    if (b == NULL) {
        (void)cxd_error_set(&err, CXD_NOMEM, "queue: no memory for a batch");
        failure_note(sp, &err);
        return 0;
    }
    r = spool_next(sp->spool, b, &read, &err);
    losses_tell(sp);
    if (r == CXD_OK) {
        b->stream = stream_find(sp, read.stream);
        b->after = read.after;
        b->track = NULL;
        queue_disk_offer(sp->spec.queue, b);
        return 1;
    }
    queue_disk_return(sp->spec.queue, b);
    if (r == CXD_END) {
        sp->is_behind = 0;
        if (spool_end(sp->spool).seq > 0) {
            queue_disk_pass(sp->spec.queue, spool_end(sp->spool));
        }
        return 0;
    }
    failure_note(sp, &err);
    return 0;
}

/* Saves the place of what is settled and lets go of the segments before it; dead letters first, as they are part of it. */
static void settled_forget(struct spooler *sp, int64_t every_ms)
{
    struct batch_place place = queue_disk_place(sp->spec.queue);
    struct cxd_error err = CXD_ERROR_INIT;
    int64_t now_ms = clock_mono_ms();

    if (place.seq == spool_settled(sp->spool).seq || now_ms - sp->forget_ms < every_ms) {
        return;
    }
    sp->forget_ms = now_ms;
    if ((sp->spec.dead != NULL && dead_sync(sp->spec.dead, &err) != CXD_OK) ||
        spool_settle(sp->spool, place, &err) != CXD_OK) {
        failure_note(sp, &err);
    }
}

static void state_tell(struct spooler *sp)
{
    queue_disk_state(sp->spec.queue, spool_bytes(sp->spool), spool_end(sp->spool).events,
                     sp->is_behind);
}

/* Writes what is fresh and reads what workers have room for. */
static void disk_work(struct spooler *sp, int is_ending)
{
    struct queue *q = sp->spec.queue;
    int64_t wait_ms = is_ending || sp->fresh != NULL ? 0 : sp->spec.flush_ms;

    fresh_take(sp, queue_disk_fresh(q, wait_ms));
    if (sp->fresh != NULL) {
        fresh_write(sp);
    }
    while (!is_ending && sp->is_behind && queue_disk_has_room(q) && disk_read(sp)) {
    }
}

static void *spooler_run(void *arg)
{
    struct spooler *sp = arg;
    struct queue *q = sp->spec.queue;
    int is_ending;

    do {
        int is_resting = sp->is_failing && clock_mono_ms() < sp->retry_ms;
        is_ending = queue_disk_is_ending(q);
        sp->has_failed = 0;
        if (is_resting && !is_ending) {
            queue_disk_rest(q, sp->retry_ms);
        } else {
            disk_work(sp, is_ending);
        }
        settled_forget(sp, is_ending ? 0 : sp->spec.flush_ms);
        state_tell(sp);
        if (!is_resting && !sp->has_failed) {
            failure_end(sp);
        }
    } while (!is_ending);
    return NULL;
}

int spooler_start(struct spooler *sp, struct cxd_error *err)
{
    if (pthread_create(&sp->thread, NULL, spooler_run, sp) != 0) {
        return cxd_error_set(err, CXD_NOMEM, "queue: no thread");
    }
    sp->has_thread = 1;
    return CXD_OK;
}

void spooler_stop(struct spooler *sp)
{
    if (sp != NULL && sp->has_thread) {
        queue_disk_end(sp->spec.queue);
        (void)pthread_join(sp->thread, NULL);
        sp->has_thread = 0;
    }
}

void spooler_free(struct spooler *sp)
{
    if (sp == NULL) {
        return;
    }
    spooler_stop(sp);
    while (sp->fresh != NULL) { /* not durable: they come again */
        struct batch *b = sp->fresh;
        sp->fresh = b->next;
        batch_free(b);
    }
    for (size_t i = 0; i < atomic_load(&sp->gone_count); i++) {
        if (i > 0) {
            free((char *)(uintptr_t)sp->gone[i].id);
        }
        unit_done(&sp->gone[i]);
    }
    spool_close(sp->spool);
    free(sp->streams);
    (void)pthread_mutex_destroy(&sp->lock);
    free(sp);
}
