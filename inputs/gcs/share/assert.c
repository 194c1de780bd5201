/*
 * assert.c: what is published, told to the topic anew now and then, so that a later lister learns it though the topic forgets old
 * messages. Each message is a fact by itself. Thread: the instance's.
 */
#include "share/inner.h"

#include <stdio.h>

/* After a listing: then the cursors say what the bucket has. */
static bool assert_may(const struct share *s)
{
    for (size_t i = 0; i < s->in->config.bucket_count; i++) {
        const struct bucket *b = &s->lister.buckets[i];

        if (b->phase != BUCKET_RESTING || b->next_list_ms == 0) {
            return false;
        }
    }
    return s->sent_count == 0 && s->trouble == TROUBLE_NONE &&
           !park_holds(&s->lister.buckets[0].park, s->in->heap.host->mono_ms(s->in->heap.self));
}

bool assert_is_due(const struct share *s)
{
    const struct lister *l = &s->lister;
    int64_t wall_ms = s->in->heap.host->wall_ms(s->in->heap.self);

    return assert_may(s) && (l->since >= SHARE_ASSERT_COUNT || l->is_seeded ||
                             wall_ms - l->asserted_ms >= SHARE_ASSERT_MS);
}

static int assert_bucket(struct share *s, const struct cursor *c, struct text *text,
                         struct cxd_error *err)
{
    const struct share_sent what = {.term = s->lister.term};
    size_t at = 0;
    unsigned chunk = 0;
    int status = 0;

    do {
        size_t count = c->done.count - at;
        char key[1300];

        count = count < REF_LISTED_MAX ? count : REF_LISTED_MAX;
        (void)snprintf(key, sizeof key, "listed/%s/%s#%u", c->bucket, c->prefix, chunk++);
        ref_write_listed(text, s->lister.epoch, bytes_of(c->bucket), bytes_of(c->prefix), c->mark_s,
                         c->done.entries + at, count);
        status = publish_fact(s, text, key, &what, err);
        at += count;
    } while (status == 0 && at < c->done.count);
    return status;
}

int assert_anew(struct share *s, int64_t epoch)
{
    const struct share_sent what = {.is_anew = true};
    struct cxd_error err = CXD_ERROR_INIT;
    _cleanup_(text_done) struct text text;
    int status;

    text_init(&text, &s->in->heap, REF_MAX);
    ref_write_anew(&text, epoch);
    status = publish_fact(s, &text, "anew", &what, &err);
    if (status < 0 && status != CXD_FULL) {
        input_log(s->in, CXD_LOG_WARN, "%s", err.text);
    }
    return status;
}

void assert_all(struct share *s)
{
    struct lister *l = &s->lister;
    struct cxd_error err = CXD_ERROR_INIT;
    _cleanup_(text_done) struct text text;
    int status = 0;

    text_init(&text, &s->in->heap, REF_MAX);
    for (size_t i = 0; i < s->in->config.bucket_count && status == 0; i++) {
        status = assert_bucket(s, &l->cursors[i], &text, &err);
    }
    l->is_seeded = l->is_seeded && status < 0;
    l->asserted_ms = status == 0 ? s->in->heap.host->wall_ms(s->in->heap.self) : 0;
    l->since = 0;
    if (status < 0) {
        bucket_park(&l->buckets[0], status == CXD_NOMEM ? VERDICT_NOMEM : VERDICT_OBJECT, &err);
    }
}
