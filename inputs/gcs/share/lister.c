/*
 * lister.c: the one agent of the group that lists: whoever has partition 0.
 *
 * It reads the topic from its beginning to know what is published, then lists as an agent alone would, but in place of downloading it
 * publishes. A reference is published once the brokers have said so. Thread: the instance's.
 */
#include "share/inner.h"

#include "cursor_doc.h"

#include <string.h>

/* What this agent collected when it was alone is as good as published; objects that it had begun are not. */
static int lister_seed(struct share *s)
{
    struct input *in = s->in;
    struct cxd_bytes doc = in->heap.host->cursor(in->heap.self);
    struct cxd_error err = CXD_ERROR_INIT;
    struct cursor *stored = NULL;
    size_t count = 0;
    int status = 0;

    if (doc.len == 0 || in->heap.host->doc_get(doc, "filebeat").type == CXD_ARRAY) {
        return 0; /* what a Filebeat had is looked up by import_has, see open.c: alone only */
    }
    status = cursor_doc_read(&in->heap, doc, &stored, &count, &err);
    for (size_t i = 0; status == 0 && i < in->config.bucket_count; i++) {
        struct cursor *c = &s->lister.cursors[i];

        for (size_t j = 0; j < count; j++) {
            if (stored[j].heap == NULL || strcmp(stored[j].bucket, c->bucket) != 0 ||
                strcmp(stored[j].prefix, c->prefix) != 0) {
                continue;
            }
            cursor_done(c);
            *c = stored[j]; /* moved */
            stored[j].heap = NULL;
            s->lister.is_seeded = s->lister.is_seeded || c->done.count > 0 || c->mark_s >= 0;
            for (struct cursor_open *open = c->open; open != NULL; open = open->next) {
                open->retry_at_ms = 0;
            }
            break;
        }
    }
    cursor_doc_free(&in->heap, stored, count);
    return status;
}

/* A list page that is under way ends unread. */
static void lister_hang_up(struct share *s, struct bucket *b)
{
    if (fetch_is_running(&b->fetch)) {
        s->in->running--;
    }
    fetch_done(&b->fetch);
    fetch_init(&b->fetch, &s->in->heap, LIST_PAGE_MAX);
}

static int lister_clear(struct share *s)
{
    struct lister *l = &s->lister;
    struct input *in = s->in;

    for (size_t i = 0; i < in->config.bucket_count; i++) {
        struct cursor *c = &l->cursors[i];
        const struct config_bucket *b = &in->config.buckets[i];

        lister_hang_up(s, &l->buckets[i]);
        pending_clear(&l->buckets[i].pending);
        l->buckets[i].phase = BUCKET_RESTING;
        l->buckets[i].next_list_ms = 0;
        cursor_done(c);
        *c = (struct cursor){0};
        if (cursor_init(c, &in->heap, bytes_of(b->name), bytes_of(b->prefix)) < 0) {
            *c = (struct cursor){0};
            return CXD_NOMEM;
        }
    }
    l->term++; /* reports of what is under way are about cursors that are gone */
    return lister_seed(s);
}

int lister_forget(struct share *s)
{
    int status = lister_clear(s);
    struct cxd_error err = CXD_ERROR_INIT;

    if (status < 0) { /* nobody lists by half a memory: out of the group, and in again */
        (void)cxd_error_set(&err, status, "topic %s: what is published: out of memory", s->topic);
        input_halt(s->in, &err);
        s->is_broken = true;
    }
    return status;
}

int lister_open(struct share *s, struct cxd_error *err)
{
    struct lister *l = &s->lister;
    struct input *in = s->in;
    size_t count = in->config.bucket_count;

    l->buckets = heap_alloc(&in->heap, count * sizeof *l->buckets);
    l->cursors = heap_alloc(&in->heap, count * sizeof *l->cursors);
    if (l->buckets == NULL || l->cursors == NULL) {
        return cxd_error_set(err, CXD_NOMEM, "coordination: out of memory");
    }
    for (size_t i = 0; i < count; i++) {
        struct bucket *b = &l->buckets[i];

        b->input = in;
        b->config = &in->config.buckets[i];
        b->cursor = &l->cursors[i];
        pending_init(&b->pending, &in->heap, PENDING_MAX);
        fetch_init(&b->fetch, &in->heap, LIST_PAGE_MAX);
        text_init(&b->page_token, &in->heap, 8192);
    }
    return 0;
}

void lister_done(struct share *s)
{
    struct lister *l = &s->lister;

    readback_end(s);
    for (size_t i = 0; l->buckets != NULL && i < s->in->config.bucket_count; i++) {
        struct bucket *b = &l->buckets[i];

        if (b->input != NULL) {
            lister_hang_up(s, b);
            pending_done(&b->pending);
            fetch_done(&b->fetch);
            text_done(&b->page_token);
        }
        if (l->cursors != NULL) {
            cursor_done(&l->cursors[i]);
        }
    }
    heap_free(&s->in->heap, l->buckets);
    heap_free(&s->in->heap, l->cursors);
    l->buckets = NULL;
    l->cursors = NULL;
}

void lister_begin(struct share *s)
{
    s->lister.term++;
    s->lister.state = LISTER_READING;
    s->lister.epoch = 0;
    s->lister.heard = 0;
    s->lister.asserted_ms = 0;
    s->lister.since = 0;
    input_log(s->in, CXD_LOG_INFO, "topic %s: this agent lists now", s->topic);
}

void lister_end(struct share *s)
{
    struct lister *l = &s->lister;

    readback_end(s);
    for (size_t i = 0; i < s->in->config.bucket_count; i++) {
        lister_hang_up(s, &l->buckets[i]);
        pending_clear(&l->buckets[i].pending);
        park_clear(&l->buckets[i].park);
        l->buckets[i].phase = BUCKET_RESTING;
    }
    l->term++;
    l->state = LISTER_NONE;
    input_log(s->in, CXD_LOG_INFO, "topic %s: this agent lists no more", s->topic);
}

void lister_published(struct share *s, struct share_sent *sent, bool is_ok)
{
    struct cursor *c;
    struct cursor_open *open;
    struct done_entry entry;

    if (sent->job == NULL) {
        s->lister.asserted_ms = is_ok ? s->lister.asserted_ms : 0; /* not told: again */
        return;
    }
    c = &s->lister.cursors[sent->bucket];
    open = sent->job->open;
    entry = done_entry(&s->in->heap, sent->job->object.name, sent->job->object.generation,
                       sent->job->object.created_s);
    if (!is_ok || (open == NULL && done_add(&c->done, &entry) < 0) ||
        (open != NULL && cursor_finish(c, open) < 0)) {
        s->lister.buckets[sent->bucket].pending.cut = true; /* it comes with the next listing */
        return;
    }
    s->lister.since++;
    input_count(s->in, "gcs_objects_shared_total", 1);
}

/* True while messages of this bucket are on their way. */
static bool lister_sends(const struct share *s, size_t bucket)
{
    for (const struct share_sent *sent = s->sent; sent != NULL; sent = sent->next) {
        if (sent->job != NULL && sent->bucket == bucket && sent->term == s->lister.term) {
            return true;
        }
    }
    return false;
}

static bool lister_publish(struct share *s, size_t index, int64_t now_ms)
{
    struct bucket *b = &s->lister.buckets[index];
    struct cxd_error err = CXD_ERROR_INIT;
    bool moved = false;

    while (b->pending.next < b->pending.count && s->sent_count < SHARE_PUBLISH_MAX) {
        struct share_sent what = {
            .job = pending_take(&b->pending), .bucket = index, .term = s->lister.term};
        struct ref ref = {.kind = REF_OBJECT,
                          .epoch = s->lister.epoch,
                          .bucket = bytes_of(b->config->name),
                          .object = what.job->object};
        int status = publish_object(s, &ref, &what, &err);

        if (status < 0) {
            heap_free(&s->in->heap, what.job);
            pending_clear(&b->pending);
            bucket_park(b, status == CXD_NOMEM ? VERDICT_NOMEM : VERDICT_OBJECT, &err);
            b->pending.cut = true;
            return true;
        }
        moved = true;
    }
    if (b->pending.next < b->pending.count || lister_sends(s, index)) {
        return moved;
    }
    if (b->pending.cut) {
        if (s->trouble == TROUBLE_PUBLISH && park_holds(&s->park, now_ms)) {
            return moved; /* a listing that cannot be published is of no use */
        }
        pass_begin(b);
    } else {
        pending_clear(&b->pending);
        b->next_list_ms = b->config->poll ? now_ms + b->config->poll_interval_ms : INT64_MAX;
        b->phase = BUCKET_RESTING;
    }
    return true;
}

void lister_hear(struct share *s, int64_t epoch)
{
    struct lister *l = &s->lister;

    l->heard = epoch > l->heard ? epoch : l->heard;
    if (l->state != LISTER_LISTING || epoch == l->epoch) {
        return;
    }
    /* one from before ours was written by a clock that is behind, or is read again: an epoch of our own settles it */
    if (epoch < l->epoch) {
        l->epoch++;
        (void)assert_anew(s, l->epoch);
    } else {
        l->epoch = epoch;
    }
    input_log(s->in, CXD_LOG_WARN, "topic %s: all objects are published anew", s->topic);
    (void)lister_forget(s); /* failed: told, and begun again */
}

static bool lister_read(struct share *s, int64_t now_ms)
{
    struct cxd_error err = CXD_ERROR_INIT;

    if (s->trouble == TROUBLE_BROKER && park_holds(&s->park, now_ms)) {
        return false;
    }
    if (s->lister.reader == NULL) {
        return lister_forget(s) == 0 && readback_begin(s, &err) == 0;
    }
    return readback_step(s);
}

bool lister_step(struct share *s, int64_t now_ms)
{
    struct lister *l = &s->lister;
    const struct share_part *part = group_part(s, 0);
    bool moved = false;

    if (l->state == LISTER_NONE || part == NULL || part->is_away) {
        return false;
    }
    if (l->state == LISTER_READING) {
        return lister_read(s, now_ms);
    }
    for (size_t i = 0; i < s->in->config.bucket_count && !s->in->halted; i++) {
        struct bucket *b = &l->buckets[i];

        moved |= b->phase == BUCKET_WORKING ? lister_publish(s, i, now_ms) : bucket_step(b, now_ms);
    }
    if (assert_is_due(s)) {
        assert_all(s);
    }
    return moved;
}

bool lister_is_idle(const struct share *s)
{
    const struct lister *l = &s->lister;

    for (size_t i = 0; l->state != LISTER_NONE && i < s->in->config.bucket_count; i++) {
        const struct bucket *b = &l->buckets[i];

        if (b->phase != BUCKET_RESTING || b->next_list_ms == 0) {
            return false;
        }
    }
    return l->state != LISTER_READING && s->sent_count == 0;
}

/* The role may be another's in a moment while the group shares out anew. */
static bool lister_is_on(const struct share *s)
{
    const struct share_part *part = group_part(s, 0);

    return s->lister.state == LISTER_LISTING && part != NULL && !part->is_away;
}

int64_t lister_wait(const struct share *s, int64_t now_ms)
{
    int64_t wait = INT64_MAX;

    for (size_t i = 0; lister_is_on(s) && i < s->in->config.bucket_count; i++) {
        int64_t own = bucket_wait(&s->lister.buckets[i], now_ms);

        wait = own < wait ? own : wait;
    }
    return wait;
}

struct park *lister_park(const struct share *s, int64_t now_ms)
{
    struct park *found = NULL;

    for (size_t i = 0; lister_is_on(s) && i < s->in->config.bucket_count; i++) {
        struct park *park = &s->lister.buckets[i].park;

        if (park_holds(park, now_ms) && (found == NULL || park->until_ms < found->until_ms)) {
            found = park;
        }
    }
    return found;
}
