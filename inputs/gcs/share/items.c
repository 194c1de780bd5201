/*
 * items.c: references between the topic and the workers: taken, given out, set aside, done.
 *
 * A reference stays in its partition's window until it is done; so nothing behind it is committed before. Thread: the instance's.
 */
#include "share/inner.h"

#include <inttypes.h>
#include <string.h>

static int64_t items_wall(const struct share *s)
{
    return s->in->heap.host->wall_ms(s->in->heap.self);
}

int items_bucket(const struct share *s, struct cxd_bytes bucket, struct cxd_bytes name)
{
    for (size_t i = 0; i < s->in->config.bucket_count; i++) {
        const struct config_bucket *b = &s->in->config.buckets[i];
        size_t len = strlen(b->prefix);

        if (strlen(b->name) == bucket.len && memcmp(b->name, bucket.ptr, bucket.len) == 0 &&
            name.len >= len && memcmp(name.ptr, b->prefix, len) == 0) {
            return (int)i;
        }
    }
    return -1;
}

void items_free(struct share *s, struct share_item *item)
{
    ref_done(&item->ref);
    heap_free(&s->in->heap, item);
}

static void items_unlink(struct share *s, struct share_item *item)
{
    struct share_item **at = &s->first;
    struct share_item *before = NULL;

    while (*at != NULL && *at != item) {
        before = *at;
        at = &(*at)->next;
    }
    if (*at == item) {
        *at = item->next;
        s->last = s->last == item ? before : s->last;
        s->queued -= item->state == ITEM_QUEUED;
    }
}

/* True once everything handed over so far is safe. */
static int64_t items_mark(struct share *s)
{
    int64_t made = 0;

    (void)s->in->heap.host->marks_true(s->in->heap.self, &made);
    s->in->dirty = true; /* this poll ends with a mark */
    return made + 1;
}

void items_settle(struct share *s, struct share_item *item)
{
    struct share_part *part = group_part(s, item->partition);

    if (part != NULL) {
        water_done(&part->water, item->offset, items_mark(s));
    }
    items_unlink(s, item);
    items_free(s, item);
}

/* No message of ours: kept in the dead letters, with its place. */
static void items_bury(struct share *s, const rd_kafka_message_t *message,
                       const struct cxd_error *why)
{
    const struct heap *h = &s->in->heap;
    struct cxd_error told = *why;
    struct cxd_error err = CXD_ERROR_INIT;
    struct cxd_event *ev;
    size_t len = message->len < 65536 ? message->len : 65536;
    int status = h->host->event_new(h->self, &ev, &err);

    (void)cxd_error_wrap(&told, "topic %s, partition %d, offset %" PRId64, s->topic,
                         (int)message->partition, message->offset);
    if (status == 0) {
        h->host->event_set_message(ev, (struct cxd_bytes){message->payload, len});
        status = h->host->reject(h->self, ev, &told);
    }
    if (status < 0) {
        (void)cxd_error_set(&err, status, "%s: the dead letter could not be kept", told.text);
        input_halt(s->in, &err);
        s->is_broken = true; /* it is read again */
        return;
    }
    s->in->emitted++;
    input_count(s->in, "decode_errors_total", 1);
}

static void items_add(struct share *s, struct share_item *item)
{
    item->next = NULL;
    if (s->last != NULL) {
        s->last->next = item;
    } else {
        s->first = item;
    }
    s->last = item;
    s->queued += item->state == ITEM_QUEUED;
}

static void items_hold(struct share *s, struct share_item *item, int64_t retry_at_ms)
{
    s->queued -= item->state == ITEM_QUEUED;
    item->state = ITEM_HELD;
    item->retry_at_ms = retry_at_ms;
    item->held_ms = s->in->heap.host->mono_ms(s->in->heap.self);
}

static void items_object(struct share *s, struct share_item *item)
{
    int bucket = items_bucket(s, item->ref.bucket, item->ref.object.name);

    item->state = ITEM_QUEUED;
    items_add(s, item);
    if (bucket < 0) {
        struct cxd_error err = CXD_ERROR_INIT;

        (void)cxd_error_set(&err, CXD_CONFIG,
                            "topic %s has objects of gs://%.*s, which is not in this agent's "
                            "policy: give all agents of group %s the same buckets",
                            s->topic, (int)item->ref.bucket.len, item->ref.bucket.ptr, s->group);
        input_degraded(s->in, CXD_DEGRADED, err.text);
        items_hold(s, item, INT64_MAX);
        return;
    }
    item->bucket = &s->in->buckets[bucket];
    if (item->ref.not_before_ms > items_wall(s)) {
        items_hold(s, item, item->ref.not_before_ms);
    }
}

/* Anything but an object is for who lists, who reads it when the role comes. */
void items_take(struct share *s, struct share_part *part, const rd_kafka_message_t *message)
{
    struct cxd_error err = CXD_ERROR_INIT;
    struct share_item *item = heap_alloc(&s->in->heap, sizeof *item);
    int status = 0;

    if (item == NULL || !water_take(&part->water, message->offset)) {
        heap_free(&s->in->heap, item);
        (void)cxd_error_set(&err, CXD_NOMEM, "topic %s: a reference: out of memory", s->topic);
        input_halt(s->in, &err);
        s->is_broken = true;
        return;
    }
    if (message->payload != NULL) { /* without one it is a tombstone of somebody's */
        status = ref_read((struct cxd_bytes){message->payload, message->len}, &item->ref, &err);
        if (status < 0) {
            input_log(s->in, CXD_LOG_WARN, "topic %s, partition %d, offset %" PRId64 ": %s",
                      s->topic, (int)message->partition, message->offset, err.text);
            items_bury(s, message, &err);
        }
    }
    item->partition = message->partition;
    item->offset = message->offset;
    if (item->ref.kind != REF_OBJECT) {
        if (item->ref.kind == REF_ANEW && s->lister.state != LISTER_NONE) {
            lister_hear(s, item->ref.epoch);
        }
        if (!s->is_broken) {
            water_done(&part->water, message->offset, status < 0 ? items_mark(s) : 0);
        }
        items_free(s, item);
        return;
    }
    items_object(s, item);
}

/* The download that this reference is under way in. */
static void items_stop(struct share *s, const struct share_item *item)
{
    struct bucket *b = item->bucket;

    for (int64_t i = 0; b != NULL && i < b->config->max_workers; i++) {
        struct worker *w = &b->workers[i];

        if (w->state != WORKER_FREE && w->job->item == item) {
            cursor_drop(b->cursor, w->open);
            worker_release(w);
        }
    }
    (void)s;
}

void items_drop(struct share *s, int32_t partition)
{
    struct share_item *next;

    for (struct share_item *item = s->first; item != NULL; item = next) {
        next = item->next;
        if (partition >= 0 && item->partition != partition) {
            continue;
        }
        if (item->state == ITEM_WORKING) {
            items_stop(s, item);
        }
        for (struct share_sent *sent = s->sent; sent != NULL; sent = sent->next) {
            sent->item = sent->item == item ? NULL : sent->item;
        }
        items_unlink(s, item);
        items_free(s, item);
    }
}

/* The same reference at the topic's end, so that what lies behind it can be committed. */
static void items_again(struct share *s, struct share_item *item)
{
    struct cxd_error err = CXD_ERROR_INIT;
    struct share_sent what = {.item = item};
    int status;

    item->ref.not_before_ms = item->retry_at_ms < INT64_MAX ? item->retry_at_ms : 0;
    status = publish_object(s, &item->ref, &what, &err);
    if (status == 0) {
        item->state = ITEM_SENDING;
    } else if (status != CXD_FULL) {
        item->held_ms = s->in->heap.host->mono_ms(s->in->heap.self);
        input_log(s->in, CXD_LOG_WARN, "%s", err.text);
    }
}

bool items_step(struct share *s, int64_t now_ms)
{
    int64_t wall_ms = items_wall(s);
    bool moved = false;

    for (struct share_item *item = s->first; item != NULL; item = item->next) {
        if (item->state != ITEM_HELD) {
            continue;
        }
        if (item->bucket != NULL && item->retry_at_ms <= wall_ms) {
            item->state = ITEM_QUEUED;
            s->queued++;
            moved = true;
        } else if (now_ms - item->held_ms >= SHARE_HOLD_MS) {
            items_again(s, item);
        }
    }
    return moved;
}

/* Nothing is begun that may be another's in a moment. */
static bool items_away(const struct share *s, const struct share_item *item)
{
    const struct share_part *part = group_part(s, item->partition);

    return part == NULL || part->is_away;
}

struct job *share_take(struct share *s, struct bucket *b)
{
    struct share_item *item = s->first;
    struct job *job;

    while (item != NULL &&
           (item->state != ITEM_QUEUED || item->bucket != b || items_away(s, item))) {
        item = item->next;
    }
    if (item == NULL) {
        return NULL;
    }
    job = pending_job(&s->in->heap, &item->ref.object, NULL);
    if (job == NULL) {
        struct cxd_error err = CXD_ERROR_INIT;
        (void)cxd_error_set(&err, CXD_NOMEM, "an object's reference: out of memory");
        input_halt(s->in, &err);
        return NULL;
    }
    job->item = item;
    item->state = ITEM_WORKING;
    s->queued--;
    return job;
}

void share_put_back(struct share *s, struct share_item *item)
{
    item->state = ITEM_QUEUED;
    s->queued++;
}

void share_finish(struct share *s, struct share_item *item)
{
    items_settle(s, item);
}

uint32_t share_set_aside(struct share *s, struct share_item *item, int64_t wait_ms)
{
    item->ref.rounds++;
    items_hold(s, item, items_wall(s) + wait_ms);
    return item->ref.rounds;
}

uint32_t share_rounds(const struct share_item *item)
{
    return item->ref.rounds;
}
