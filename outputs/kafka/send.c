/*
 * send.c: a batch from first document to last report. Nothing of a batch is under way when send has returned: what has no
 * report by then is taken back from the library, so that the agent's repeat is the only one.
 */
#include "output.h"

#define POLL_MS 50      /* longest time until an interrupt is seen */
#define TROUBLE_MS 5000 /* login or TLS failed, and no report for so long: not waited for longer */
#define TAKE_BACK_MS 2000 /* for the library to give back what it had */
#define SPARE_MS 10000    /* beyond the library's own limit, which ought to hold */

static const char no_topic[] = "the data stream's name makes no topic that Kafka takes";
static const char too_large[] = "larger than max_message_bytes";

/* Lets reports come in. 0, or why it is no use to wait longer. */
static int reports_poll(struct output *o, int wait_ms)
{
    int64_t still_ms;

    (void)rd_kafka_poll(o->producer, wait_ms);
    if (atomic_exchange(&o->is_interrupted, 0)) {
        return CXD_STOPPED;
    }
    if (rd_kafka_fatal_error(o->producer, NULL, 0) != 0) {
        return CXD_SERVER;
    }
    still_ms = o->host->mono_ms(o->self) - o->pass.moved_ms;
    if (o->trouble_status != 0 && still_ms > TROUBLE_MS) {
        return o->trouble_status;
    }
    return still_ms > o->settings.timeout_ms * REQUESTS_PER_DOCUMENT + SPARE_MS ? CXD_TIMEOUT
                                                                                : CXD_OK;
}

/* 0, or the library's error. */
static rd_kafka_resp_err_t message_produce(const struct output *o, rd_kafka_topic_t *topic,
                                           const struct cxd_doc *doc, uint32_t index)
{
    rd_kafka_headers_t *headers;
    rd_kafka_resp_err_t error;
    void *opaque = (void *)(uintptr_t)index;
    void *source = (void *)(uintptr_t)doc->source.ptr; /* copied, not changed */

    if (o->headers == NULL) {
        return rd_kafka_produce(topic, RD_KAFKA_PARTITION_UA, RD_KAFKA_MSG_F_COPY, source,
                                doc->source.len, doc->id.ptr, doc->id.len, opaque) == 0
                   ? RD_KAFKA_RESP_ERR_NO_ERROR
                   : rd_kafka_last_error();
    }
    headers = rd_kafka_headers_copy(o->headers);
    if (headers == NULL) {
        return RD_KAFKA_RESP_ERR__FAIL;
    }
    error = rd_kafka_producev(
        o->producer, RD_KAFKA_V_RKT(topic), RD_KAFKA_V_PARTITION(RD_KAFKA_PARTITION_UA),
        RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_VALUE(source, doc->source.len),
        RD_KAFKA_V_KEY((void *)(uintptr_t)doc->id.ptr, doc->id.len), RD_KAFKA_V_OPAQUE(opaque),
        RD_KAFKA_V_HEADERS(headers), RD_KAFKA_V_END);
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR) {
        rd_kafka_headers_destroy(headers);
    }
    return error;
}

/* Hands a document over. Its verdict may be known at once. */
static int doc_produce(struct output *o, const struct cxd_doc *doc, uint32_t index)
{
    char name[TOPIC_MAX + 1];
    rd_kafka_resp_err_t error = RD_KAFKA_RESP_ERR_NO_ERROR;
    struct cxd_outcome *out = &o->pass.outcomes[index];
    rd_kafka_topic_t *topic;
    int r;

    if (topic_make(&o->settings.topic, doc->index, name) != CXD_OK) {
        *out = (struct cxd_outcome){.result = CXD_RESULT_REJECTED,
                                    .reason = {no_topic, sizeof no_topic - 1}};
        return CXD_OK;
    }
    topic = producer_topic(o, name, &error);
    if (topic == NULL) {
        report_take(o, index, error, name);
        return CXD_OK;
    }
    for (;;) {
        error = message_produce(o, topic, doc, index);
        if (error == RD_KAFKA_RESP_ERR_NO_ERROR) {
            o->pass.waiting++;
            return CXD_OK;
        }
        if (error != RD_KAFKA_RESP_ERR__QUEUE_FULL) {
            break;
        }
        r = reports_poll(o, POLL_MS);
        if (r != CXD_OK) {
            return r;
        }
    }
    if (error == RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE) {
        *out = (struct cxd_outcome){.result = CXD_RESULT_REJECTED,
                                    .reason = {too_large, sizeof too_large - 1}};
    } else {
        report_take(o, index, error, name);
    }
    return CXD_OK;
}

static int reports_wait(struct output *o)
{
    int r = CXD_OK;

    while (o->pass.waiting > 0 && r == CXD_OK) {
        r = reports_poll(o, POLL_MS);
    }
    return r;
}

static int all_send(struct output *o, const struct cxd_batch *batch)
{
    int r = CXD_OK;

    for (uint32_t i = 0; i < batch->count && r == CXD_OK; i++) {
        r = doc_produce(o, &batch->docs[i], i);
        if (r == CXD_OK && i % 256 == 255) {
            r = reports_poll(o, 0);
        }
    }
    return r == CXD_OK ? reports_wait(o) : r;
}

/* A broker refuses whole requests: what was refused goes once more, each document in a request of its own. */
static int suspects_send(struct output *o, const struct cxd_batch *batch)
{
    int r = CXD_OK;

    o->pass.is_alone = 1;
    for (uint32_t i = 0; i < batch->count && r == CXD_OK; i++) {
        if (!report_is_suspect(&o->pass.outcomes[i])) {
            continue;
        }
        r = doc_produce(o, &batch->docs[i], i);
        r = r == CXD_OK ? reports_wait(o) : r;
    }
    return r;
}

/* Takes back what has no report. A producer that does not give it back in time is ended. */
static void rest_take_back(struct output *o)
{
    if (o->pass.waiting > 0) {
        (void)rd_kafka_purge(o->producer, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
    }
    for (int spent_ms = 0; o->pass.waiting > 0 && spent_ms < TAKE_BACK_MS; spent_ms += POLL_MS) {
        (void)rd_kafka_poll(o->producer, POLL_MS);
    }
    if (o->pass.waiting > 0) {
        producer_end(o, 0);
    }
}

/* The failure in words, with the brokers and what was last heard of one. */
static int failure_tell(const struct output *o, int status, struct cxd_error *err)
{
    const struct pass *p = &o->pass;
    const char *front = o->trouble[0] != '\0' ? "; last: " : "";

    if (status == CXD_STOPPED) {
        return cxd_error_set(err, status, "kafka %s: stopped while sending", o->access.hosts);
    }
    if (status == CXD_OK) {
        status = report_status(p->worst);
        return cxd_error_set(err, status, "kafka %s: topic %s: %s%s%s", o->access.hosts,
                             p->worst_topic, rd_kafka_err2str(p->worst), front, o->trouble);
    }
    if (o->trouble[0] != '\0') {
        return cxd_error_set(err, status, "kafka %s: %s", o->access.hosts, o->trouble);
    }
    return cxd_error_set(err, status, "kafka %s: no acknowledgement in time", o->access.hosts);
}

int output_send(struct output *o, const struct cxd_batch *batch, struct cxd_outcome *outcomes,
                struct cxd_error *err)
{
    int r = producer_ensure(o, err);

    if (r != CXD_OK) {
        return r;
    }
    o->trouble_status = 0;
    o->pass = (struct pass){
        .outcomes = outcomes, .count = batch->count, .moved_ms = o->host->mono_ms(o->self)};
    r = all_send(o, batch);
    if (r == CXD_OK) {
        r = suspects_send(o, batch);
    }
    rest_take_back(o);
    o->pass.outcomes = NULL;
    if (r == CXD_OK && o->pass.worst == 0) {
        return CXD_OK;
    }
    r = failure_tell(o, r, err);
    if (r == CXD_FORBIDDEN || r == CXD_AUTH || r == CXD_TLS || r == CXD_CONFIG) {
        producer_end(o, 0); /* it remembers for minutes what a person may have put right by then */
    }
    return r;
}
