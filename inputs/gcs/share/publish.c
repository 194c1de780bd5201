/*
 * publish.c: messages to the topic, and what the brokers say of them.
 *
 * Thread: the instance's; publish_report runs inside client_poll and publish_done.
 */
#include "share/inner.h"

#include <stdio.h>
#include <string.h>

#define PUBLISH_FLUSH_MS 2000

static int publish_ready(struct share *s, struct cxd_error *err)
{
    if (s->producer == NULL) {
        s->producer = client_new(s, RD_KAFKA_PRODUCER, false, err);
    }
    if (s->producer != NULL && s->producer_topic == NULL) {
        s->producer_topic = s->calls->topic_new(s->producer, s->topic, NULL);
    }
    return s->producer_topic != NULL
               ? 0
               : cxd_error_set(err, CXD_CONFIG, "kafka %s: no producer", s->access.hosts);
}

static void publish_unlink(struct share *s, struct share_sent *sent)
{
    struct share_sent **at = &s->sent;

    while (*at != NULL && *at != sent) {
        at = &(*at)->next;
    }
    if (*at == sent) {
        *at = sent->next;
        s->sent_count--;
    }
}

static void publish_free(struct share *s, struct share_sent *sent)
{
    heap_free(&s->in->heap, sent->job);
    heap_free(&s->in->heap, sent);
}

/* partition: RD_KAFKA_PARTITION_UA: by the key. */
static int publish_text(struct share *s, int32_t partition, const struct text *text,
                        struct cxd_bytes key, const struct share_sent *what, struct cxd_error *err)
{
    struct share_sent *sent;

    if (s->sent_count >= SHARE_PUBLISH_MAX) {
        return CXD_FULL;
    }
    if (text->status != 0) {
        return cxd_error_set(err, text->status, "kafka: a message: out of memory");
    }
    if (publish_ready(s, err) < 0) {
        return CXD_CONFIG;
    }
    sent = heap_alloc(&s->in->heap, sizeof *sent);
    if (sent == NULL) {
        return cxd_error_set(err, CXD_NOMEM, "kafka: a message: out of memory");
    }
    *sent = *what;
    if (s->calls->produce(s->producer_topic, partition, RD_KAFKA_MSG_F_COPY, text->ptr, text->len,
                          key.ptr, key.len, sent) != 0) {
        heap_free(&s->in->heap, sent);
        return cxd_error_set(err, CXD_SERVER, "kafka %s, topic %s: a message is not taken",
                             s->access.hosts, s->topic);
    }
    sent->next = s->sent;
    s->sent = sent;
    s->sent_count++;
    return 0;
}

int publish_object(struct share *s, const struct ref *ref, const struct share_sent *what,
                   struct cxd_error *err)
{
    _cleanup_(text_done) struct text text;
    _cleanup_(text_done) struct text key;
    int status;

    text_init(&text, &s->in->heap, 65536);
    text_init(&key, &s->in->heap, 4096);
    ref_write_object(&text, ref);
    text_add(&key, ref->bucket.ptr, ref->bucket.len);
    text_put(&key, "/");
    text_add(&key, ref->object.name.ptr, ref->object.name.len);
    text.status = text.status != 0 ? text.status : key.status;
    status = publish_text(s, RD_KAFKA_PARTITION_UA, &text, text_bytes(&key), what, err);
    return status;
}

int publish_fact(struct share *s, const struct text *text, const char *key,
                 const struct share_sent *what, struct cxd_error *err)
{
    return publish_text(s, 0, text, bytes_of(key), what, err);
}

void publish_report(rd_kafka_t *rk, const rd_kafka_message_t *message, void *opaque)
{
    struct share *s = opaque;
    struct share_sent *sent = message->_private;
    bool is_ok = message->err == RD_KAFKA_RESP_ERR_NO_ERROR;
    struct share_part *part = group_part(s, message->partition);

    (void)rk;
    publish_unlink(s, sent);
    if (is_ok && part != NULL && message->offset + 1 > part->published) {
        part->published = message->offset + 1;
    }
    if (is_ok) {
        client_works(s, TROUBLE_PUBLISH);
    } else if (message->err != RD_KAFKA_RESP_ERR__PURGE_QUEUE &&
               message->err != RD_KAFKA_RESP_ERR__PURGE_INFLIGHT) {
        client_trouble(s, TROUBLE_PUBLISH, message->err, NULL);
    }
    if (sent->item != NULL && is_ok) {
        items_settle(s, sent->item);
    } else if (sent->item != NULL) {
        sent->item->state = ITEM_HELD;
        sent->item->held_ms = s->in->heap.host->mono_ms(s->in->heap.self);
    }
    s->wants_anew = s->wants_anew || (sent->is_anew && !is_ok);
    if (sent->term == s->lister.term && sent->term != 0) {
        lister_published(s, sent, is_ok);
    }
    publish_free(s, sent);
}

void publish_done(struct share *s)
{
    if (s->producer == NULL) {
        return;
    }
    (void)s->calls->purge(s->producer, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
    (void)s->calls->flush(s->producer, PUBLISH_FLUSH_MS); /* reports of what was purged */
    if (s->producer_topic != NULL) {
        s->calls->topic_destroy(s->producer_topic);
    }
    s->calls->destroy(s->producer);
    s->producer = NULL;
    s->producer_topic = NULL;
    while (s->sent != NULL) { /* whatever had no report */
        struct share_sent *sent = s->sent;

        if (sent->item != NULL) {
            sent->item->state = ITEM_HELD;
        }
        publish_unlink(s, sent);
        publish_free(s, sent);
    }
}
