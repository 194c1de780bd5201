/*
 * share.c: the sharing as the rest of the input sees it: made, stepped, ended.
 *
 * Thread: the instance's.
 */
#include "share/inner.h"

#include <string.h>

#define SHARE_ACK_MS 50 /* while something waits to be committed */

static int share_parts(struct share *s, struct cxd_bytes options, struct cxd_error *err)
{
    struct input *in = s->in;
    int status = client_open(s, options, err);

    status = status < 0 ? status : lister_open(s, err);
    if (status < 0) {
        return status;
    }
    s->work = heap_alloc(&in->heap, in->config.bucket_count * sizeof *s->work);
    if (s->work == NULL) {
        return cxd_error_set(err, CXD_NOMEM, "coordination: out of memory");
    }
    for (size_t i = 0; i < in->config.bucket_count; i++) {
        const struct config_bucket *b = &in->config.buckets[i];

        if (b->lookback_s > 0) { /* names below a start are known to one cursor alone */
            return cxd_error_set(err, CXD_CONFIG, "lookback: not together with coordination");
        }
        if (cursor_init(&s->work[i], &in->heap, bytes_of(b->name), bytes_of(b->prefix)) < 0) {
            s->work[i] = (struct cursor){0};
            return cxd_error_set(err, CXD_NOMEM, "coordination: out of memory");
        }
    }
    return 0;
}

static int share_wanted(struct input *in, struct cxd_bytes options, bool *ret_wanted,
                        struct cxd_error *err)
{
    const struct cxd_host *host = in->heap.host;
    struct cxd_scalar word = host->doc_get(options, "coordination");
    struct cxd_bytes text = word.type == CXD_TEXT ? word.bytes : (struct cxd_bytes){"none", 4};

    *ret_wanted = text.len == 5 && memcmp(text.ptr, "kafka", 5) == 0;
    if (!*ret_wanted && (text.len != 4 || memcmp(text.ptr, "none", 4) != 0)) {
        return cxd_error_set(err, CXD_CONFIG, "coordination: none or kafka");
    }
    if (*ret_wanted && !CXD_HAS(host, marks_true)) {
        return cxd_error_set(err, CXD_UNSUPPORTED,
                             "coordination: this agent is too old for it: upgrade it");
    }
    return 0;
}

int share_open(struct input *in, struct cxd_bytes options, struct share **ret_share,
               struct cxd_error *err)
{
    bool is_wanted = false;
    int64_t made;
    struct share *s;
    int status = share_wanted(in, options, &is_wanted, err);

    *ret_share = NULL;
    if (status < 0 || !is_wanted) {
        return status;
    }
    s = heap_alloc(&in->heap, sizeof *s);
    if (s == NULL) {
        return cxd_error_set(err, CXD_NOMEM, "coordination: out of memory");
    }
    s->in = in;
    status = share_parts(s, options, err);
    if (status == 0 && in->heap.host->marks_true(in->heap.self, &made) < 0) {
        share_close(
            s); /* its settings are right; the bucket is looked at without a place in the group */
        return 0;
    }
    if (status < 0) {
        share_close(s);
        return status;
    }
    *ret_share = s;
    return 0;
}

void share_close(struct share *s)
{
    struct heap heap;

    if (s == NULL) {
        return;
    }
    heap = s->in->heap;
    if (s->calls != NULL) {
        client_close(s); /* commits what is true, in the last rebalance */
        group_done(s);   /* stops downloads, and the lister */
        publish_done(s);
        lister_done(s);
    }
    for (size_t i = 0; s->work != NULL && i < s->in->config.bucket_count; i++) {
        cursor_done(&s->work[i]);
    }
    heap_free(&heap, s->work);
    heap_free(&heap, s);
}

void share_buckets(struct share *s)
{
    for (size_t i = 0; i < s->in->config.bucket_count; i++) {
        s->in->buckets[i].cursor = &s->work[i];
        s->in->buckets[i].phase = BUCKET_WORKING;
    }
}

/* Out of the group and in again: what was not committed comes again. */
static void share_rejoin(struct share *s)
{
    struct cxd_error err = CXD_ERROR_INIT;

    (void)s->calls->consumer_close(s->consumer);
    s->calls->destroy(s->consumer);
    group_done(s);
    s->is_broken = s->is_seen = s->has_joined = false;
    s->commits = 0;
    s->consumer = client_new(s, RD_KAFKA_CONSUMER, true, &err);
    if (s->consumer == NULL) {
        input_halt(s->in, &err);
    }
}

bool share_step(struct share *s, int64_t now_ms)
{
    bool moved = false;

    if (s->consumer == NULL || s->is_broken) {
        if (s->consumer == NULL) {
            struct cxd_error err = CXD_ERROR_INIT;
            s->consumer = client_new(s, RD_KAFKA_CONSUMER, true, &err);
        } else {
            share_rejoin(s);
        }
        if (s->consumer == NULL) {
            return false;
        }
    }
    moved |= client_probe(s, now_ms);
    moved |= client_poll(s);
    if (s->in->halted) {
        return moved;
    }
    group_pause(s);
    moved |= items_step(s, now_ms);
    if (s->wants_anew && assert_anew(s, s->in->heap.host->wall_ms(s->in->heap.self)) == 0) {
        s->wants_anew = false;
    }
    moved |= lister_step(s, now_ms);
    group_commit(s, now_ms, false);
    return moved;
}

/* Nothing of what is known is still to be done here, but for what is set aside. */
static bool share_is_drained(const struct share *s)
{
    for (const struct share_item *item = s->first; item != NULL; item = item->next) {
        if (item->state != ITEM_HELD) {
            return false;
        }
    }
    return group_is_drained(s) && lister_is_idle(s) && !s->wants_anew;
}

static bool share_is_polled(const struct share *s)
{
    for (size_t i = 0; i < s->in->config.bucket_count; i++) {
        if (s->in->config.buckets[i].poll) {
            return true;
        }
    }
    return false;
}

int share_result(struct share *s, int64_t work_wait_ms, int64_t *wait_ms, struct cxd_error *err)
{
    const struct heap *h = &s->in->heap;
    int64_t now_ms = h->host->mono_ms(h->self);
    struct park *park = lister_park(s, now_ms);
    int64_t listing_ms = lister_wait(s, now_ms);
    int64_t least = work_wait_ms < listing_ms ? work_wait_ms : listing_ms;

    if (least == 0) {
        return CXD_POLL_MORE;
    }
    if (s->trouble == TROUBLE_BROKER || (s->trouble != TROUBLE_NONE && s->first == NULL)) {
        park = &s->park; /* until it works, also between two tries */
    } else if (s->first != NULL) {
        park = NULL; /* something else is still to come */
    }
    if (park != NULL) {
        int result = park->result;

        *err = park->err;
        err->retry_after_ms = -1; /* the host's own waits are short: the group wants answers */
        park->until_ms = now_ms;
        return result;
    }
    if (s->has_joined) {
        input_recovered(s->in);
    }
    *wait_ms = least < SHARE_WAIT_MS ? least : SHARE_WAIT_MS;
    if (share_is_drained(s)) {
        return share_is_polled(s) ? CXD_POLL_IDLE : CXD_POLL_FINISHED;
    }
    *wait_ms = *wait_ms < SHARE_ACK_MS ? *wait_ms : SHARE_ACK_MS;
    return CXD_POLL_WAITING;
}

bool share_is_ill(const struct share *s)
{
    for (const struct share_item *item = s->first; item != NULL; item = item->next) {
        if (item->state == ITEM_HELD || item->state == ITEM_SENDING) {
            return true;
        }
    }
    for (size_t i = 0; s->lister.state != LISTER_NONE && i < s->in->config.bucket_count; i++) {
        if (s->lister.buckets[i].park.result != 0) {
            return true;
        }
    }
    return s->trouble != TROUBLE_NONE;
}
