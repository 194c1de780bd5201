/*
 * readback.c: what is published, learned from the topic itself when the role of the lister comes to this agent.
 *
 * A handle of its own reads all partitions from their beginning to where they ended when it began; it is no member of the group and
 * commits nothing. Thread: the instance's.
 */
#include "share/inner.h"

#include <inttypes.h>
#include <string.h>

#define READBACK_ASK_MS 5000
#define READBACK_STEP 1000 /* messages at a time */

static int readback_failed(struct share *s, rd_kafka_resp_err_t error, struct cxd_error *err)
{
    client_trouble(s, TROUBLE_BROKER, error, NULL);
    readback_end(s);
    return cxd_error_set(err, CXD_SERVER, "topic %s cannot be read", s->topic);
}

static rd_kafka_resp_err_t readback_partitions(struct share *s)
{
    const struct rd_kafka_metadata *list = NULL;
    rd_kafka_topic_t *topic = s->calls->topic_new(s->lister.reader, s->topic, NULL);
    rd_kafka_resp_err_t error = RD_KAFKA_RESP_ERR__FAIL;

    if (topic == NULL) {
        return error;
    }
    error = s->calls->metadata(s->lister.reader, 0, topic, &list, READBACK_ASK_MS);
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR) {
        error =
            list->topic_cnt == 1 ? list->topics[0].err : RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART;
        s->lister.partitions = error == 0 ? list->topics[0].partition_cnt : 0;
        s->calls->metadata_destroy(list);
    }
    s->calls->topic_destroy(topic);
    if (error == 0 && s->lister.partitions > SHARE_PARTITIONS_MAX) {
        input_log(s->in, CXD_LOG_ERROR, "topic %s: more than %d partitions", s->topic,
                  SHARE_PARTITIONS_MAX);
        error = RD_KAFKA_RESP_ERR__UNSUPPORTED_FEATURE;
    }
    return error;
}

static rd_kafka_resp_err_t readback_assign(struct share *s, rd_kafka_topic_partition_list_t *list)
{
    struct lister *l = &s->lister;

    l->reading = 0;
    for (int32_t p = 0; p < l->partitions; p++) {
        int64_t low = 0;
        int64_t high = 0;
        rd_kafka_resp_err_t error =
            s->calls->query_watermark_offsets(l->reader, s->topic, p, &low, &high, READBACK_ASK_MS);

        if (error != RD_KAFKA_RESP_ERR_NO_ERROR) {
            return error;
        }
        l->ends[p] = -1;
        if (high > low) {
            l->ends[p] = high;
            l->reading++;
            s->calls->topic_partition_list_add(list, s->topic, p)->offset = low;
        }
    }
    return l->reading > 0 ? s->calls->assign(l->reader, list) : RD_KAFKA_RESP_ERR_NO_ERROR;
}

int readback_begin(struct share *s, struct cxd_error *err)
{
    rd_kafka_topic_partition_list_t *list;
    rd_kafka_resp_err_t error;

    s->lister.reader = client_new(s, RD_KAFKA_CONSUMER, false, err);
    if (s->lister.reader == NULL) {
        return readback_failed(s, RD_KAFKA_RESP_ERR__FAIL, err);
    }
    error = readback_partitions(s);
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR) {
        return readback_failed(s, error, err);
    }
    list = s->calls->topic_partition_list_new(s->lister.partitions);
    error = readback_assign(s, list);
    s->calls->topic_partition_list_destroy(list);
    return error == RD_KAFKA_RESP_ERR_NO_ERROR ? 0 : readback_failed(s, error, err);
}

void readback_end(struct share *s)
{
    if (s->lister.reader != NULL) {
        (void)s->calls->consumer_close(s->lister.reader);
        s->calls->destroy(s->lister.reader);
        s->lister.reader = NULL;
    }
}

static void readback_object(struct share *s, const struct ref *ref)
{
    int index = items_bucket(s, ref->bucket, ref->object.name);
    struct cursor *c = index >= 0 ? &s->lister.cursors[index] : NULL;
    struct done_entry entry;

    if (c == NULL || (ref->object.created_s != LIST_TIME_UNKNOWN &&
                      (int64_t)ref->object.created_s <= c->mark_s)) {
        return;
    }
    entry =
        done_entry(&s->in->heap, ref->object.name, ref->object.generation, ref->object.created_s);
    (void)done_add(&c->done, &entry); /* no room: it is published twice, which costs one download */
    s->lister.since++;
}

static void readback_listed(struct share *s, const struct ref *ref, int64_t written_ms)
{
    for (size_t i = 0; i < s->in->config.bucket_count; i++) {
        struct cursor *c = &s->lister.cursors[i];
        struct done_entry entry;

        if (strlen(c->bucket) != ref->bucket.len ||
            memcmp(c->bucket, ref->bucket.ptr, ref->bucket.len) != 0 ||
            strlen(c->prefix) != ref->prefix.len ||
            memcmp(c->prefix, ref->prefix.ptr, ref->prefix.len) != 0) {
            continue;
        }
        c->mark_s = ref->mark_s > c->mark_s ? ref->mark_s : c->mark_s;
        for (size_t n = 0; ref_entry(ref, n, &entry); n++) {
            (void)done_add(&c->done, &entry);
        }
        if (written_ms > s->lister.asserted_ms) {
            s->lister.asserted_ms = written_ms;
        }
    }
}

void readback_learn(struct share *s, struct cxd_bytes message, int64_t written_ms)
{
    struct ref ref = {0};
    struct cxd_error err = CXD_ERROR_INIT;

    if (ref_read(message, &ref, &err) < 0) {
        return; /* whoever has that partition says so */
    }
    if (ref.epoch > s->lister.epoch) {
        s->lister.epoch = ref.epoch;
        (void)lister_forget(s); /* failed: told, and begun again */
    }
    if (s->in->halted) {
        ref_done(&ref);
        return;
    }
    if (ref.epoch == s->lister.epoch && ref.kind == REF_OBJECT) {
        readback_object(s, &ref);
    } else if (ref.epoch == s->lister.epoch && ref.kind == REF_LISTED) {
        readback_listed(s, &ref, written_ms);
    }
    ref_done(&ref);
}

static void readback_to(struct share *s, int32_t partition, int64_t next)
{
    struct lister *l = &s->lister;

    if (partition >= 0 && partition < l->partitions && l->ends[partition] >= 0 &&
        next >= l->ends[partition]) {
        l->ends[partition] = -1;
        l->reading--;
    }
}

bool readback_step(struct share *s)
{
    struct cxd_error err = CXD_ERROR_INIT;

    for (int i = 0; i < READBACK_STEP && s->lister.reading > 0 && !s->in->halted; i++) {
        rd_kafka_message_t *message = s->calls->consumer_poll(s->lister.reader, 0);
        rd_kafka_resp_err_t error;

        if (message == NULL) {
            return false;
        }
        error = message->err;
        if (error == RD_KAFKA_RESP_ERR_NO_ERROR) {
            if (message->payload != NULL) {
                readback_learn(s, (struct cxd_bytes){message->payload, message->len},
                               s->calls->message_timestamp(message, NULL));
            }
            readback_to(s, message->partition, message->offset + 1);
        } else if (error == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
            readback_to(s, message->partition, INT64_MAX);
        }
        s->calls->message_destroy(message);
        if (error != RD_KAFKA_RESP_ERR_NO_ERROR && error != RD_KAFKA_RESP_ERR__PARTITION_EOF) {
            (void)readback_failed(s, error, &err);
            return true;
        }
    }
    if (s->lister.reading == 0 && !s->in->halted) {
        size_t known = 0;

        readback_end(s);
        for (size_t i = 0; i < s->in->config.bucket_count; i++) {
            known += s->lister.cursors[i].done.count;
        }
        input_log(s->in, CXD_LOG_INFO, "topic %s: %zu objects are known to be published", s->topic,
                  known);
        s->lister.state = LISTER_LISTING;
        if (s->lister.heard > s->lister.epoch) { /* written after we began to read */
            lister_hear(s, s->lister.heard);
        }
    }
    return true;
}
