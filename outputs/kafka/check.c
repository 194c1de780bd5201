/*
 * check.c: asks the brokers who they are and whether the topic is there. Reads only: topics are listed, since asking for one by its
 * name may make it.
 */
#include "output.h"

#include <stdio.h>
#include <string.h>

#define CHECK_TEXT_MAX 16384
#define CHECK_STEP_MS 500
#define CHECK_MAX_MS 10000

/* Why nothing was heard: what the library said last about a connection, else its error. */
static int refused(const struct output *o, rd_kafka_resp_err_t error, struct cxd_error *err)
{
    int status = o->trouble_status != 0 ? o->trouble_status : report_status(error);

    return cxd_error_set(err, status, "kafka %s: %s", o->access.hosts,
                         o->trouble[0] != '\0' ? o->trouble : rd_kafka_err2str(error));
}

/* The brokers' list of themselves and of topics. Waits in steps, so that an interruption is heard. */
static int list_get(struct output *o, const struct rd_kafka_metadata **ret, struct cxd_error *err)
{
    int64_t limit_ms =
        o->settings.timeout_ms < CHECK_MAX_MS ? o->settings.timeout_ms : CHECK_MAX_MS;
    rd_kafka_resp_err_t error = RD_KAFKA_RESP_ERR__TIMED_OUT;
    int64_t start_ms = o->host->mono_ms(o->self);

    while (o->host->mono_ms(o->self) - start_ms < limit_ms && o->trouble_status == 0) {
        if (atomic_load(&o->is_interrupted)) {
            return cxd_error_set(err, CXD_STOPPED, "stopped");
        }
        error = rd_kafka_metadata(o->producer, 1, NULL, ret, CHECK_STEP_MS);
        if (error == RD_KAFKA_RESP_ERR_NO_ERROR) {
            return CXD_OK;
        }
        (void)rd_kafka_poll(o->producer, 0); /* the reasons come with the events */
        if (error != RD_KAFKA_RESP_ERR__TRANSPORT && error != RD_KAFKA_RESP_ERR__TIMED_OUT) {
            break;
        }
    }
    return refused(o, error, err);
}

struct lines {
    char *at;
    size_t room;
};

static __attribute__((format(printf, 2, 3))) void line_put(struct lines *l, const char *format, ...)
{
    va_list args;
    int len;

    va_start(args, format);
    len = vsnprintf(l->at, l->room, format, args);
    va_end(args);
    if (len > 0) {
        size_t took = (size_t)len < l->room ? (size_t)len : l->room - 1;
        l->at += took;
        l->room -= took;
    }
}

/* Partitions that nobody leads take no message. */
static int leaderless(const rd_kafka_metadata_topic_t *topic)
{
    int count = 0;

    for (int i = 0; i < topic->partition_cnt; i++) {
        count += topic->partitions[i].leader < 0;
    }
    return count;
}

/* A topic whose name is made of the data stream's is known with the first document. */
static int topic_tell(const struct output *o, const struct rd_kafka_metadata *list, struct lines *l,
                      struct cxd_error *err)
{
    const char *name = o->settings.topic.text;

    if (strstr(name, "%{") != NULL) {
        line_put(l, "\ntopic %s: its name comes with the documents", name);
        return CXD_OK;
    }
    for (int i = 0; i < list->topic_cnt; i++) {
        const rd_kafka_metadata_topic_t *topic = &list->topics[i];
        if (strcmp(topic->topic, name) != 0) {
            continue;
        }
        if (topic->err != RD_KAFKA_RESP_ERR_NO_ERROR || leaderless(topic) > 0) {
            return cxd_error_set(
                err, report_status(topic->err), "kafka %s: topic %s: %s", o->access.hosts, name,
                topic->err != RD_KAFKA_RESP_ERR_NO_ERROR ? rd_kafka_err2str(topic->err)
                                                         : "partitions without a leader");
        }
        line_put(l, "\ntopic %s: %d partitions", name, topic->partition_cnt);
        return CXD_OK;
    }
    line_put(l,
             "\ntopic %s: not to be seen; the first document makes it where the brokers allow that",
             name);
    return CXD_OK;
}

int output_check(struct output *o, struct cxd_bytes *ret_text, struct cxd_error *err)
{
    const struct rd_kafka_metadata *list = NULL;
    struct lines l;
    int r = producer_ensure(o, err);

    if (o->said == NULL && (o->said = o->host->alloc(o->self, CHECK_TEXT_MAX)) == NULL) {
        return cxd_error_set(err, CXD_NOMEM, "out of memory");
    }
    l = (struct lines){o->said, CHECK_TEXT_MAX};
    r = r != CXD_OK ? r : list_get(o, &list, err);
    if (r != CXD_OK) {
        return r;
    }
    for (int i = 0; i < list->broker_cnt; i++) {
        line_put(&l, "%s%s:%d: Kafka broker %d%s", i > 0 ? "\n" : "", list->brokers[i].host,
                 list->brokers[i].port, (int)list->brokers[i].id,
                 list->brokers[i].id == list->orig_broker_id ? ", answers" : "");
    }
    r = topic_tell(o, list, &l, err);
    rd_kafka_metadata_destroy(list);
    *ret_text = (struct cxd_bytes){o->said, CHECK_TEXT_MAX - l.room};
    return r;
}
