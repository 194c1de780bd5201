/* report.c: the table from the library's errors to verdicts, and the callback that fills them in. */
#include "output.h"

#include <stdio.h>

/* In place of a reason while a refusal may still be another document's. */
static const char suspect[] = "refused together with others";

int report_is_refusal(rd_kafka_resp_err_t error)
{
    return error == RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE ||
           error == RD_KAFKA_RESP_ERR_INVALID_RECORD ||
           error == RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION ||
           error == RD_KAFKA_RESP_ERR_INVALID_TIMESTAMP;
}

int report_is_suspect(const struct cxd_outcome *outcome)
{
    return outcome->result == CXD_RESULT_PENDING && outcome->reason.ptr == suspect;
}

int report_status(rd_kafka_resp_err_t error)
{
    static const struct {
        rd_kafka_resp_err_t error;
        int status;
    } rows[] = {
        {RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, CXD_FORBIDDEN},
        {RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED, CXD_FORBIDDEN},
        {RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED, CXD_FORBIDDEN},
        {RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED, CXD_AUTH},
        {RD_KAFKA_RESP_ERR__AUTHENTICATION, CXD_AUTH},
        {RD_KAFKA_RESP_ERR_UNSUPPORTED_SASL_MECHANISM, CXD_AUTH},
        {RD_KAFKA_RESP_ERR__SSL, CXD_TLS},
        {RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART, CXD_CONFIG},
        {RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC, CXD_CONFIG},
        {RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION, CXD_CONFIG},
        {RD_KAFKA_RESP_ERR__UNSUPPORTED_FEATURE, CXD_UNSUPPORTED},
        {RD_KAFKA_RESP_ERR__TRANSPORT, CXD_CONNECT},
        {RD_KAFKA_RESP_ERR__RESOLVE, CXD_CONNECT},
        {RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN, CXD_CONNECT},
        {RD_KAFKA_RESP_ERR__MSG_TIMED_OUT, CXD_TIMEOUT},
        {RD_KAFKA_RESP_ERR__TIMED_OUT, CXD_TIMEOUT},
        {RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT, CXD_TIMEOUT},
        {RD_KAFKA_RESP_ERR_THROTTLING_QUOTA_EXCEEDED, CXD_THROTTLED},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (rows[i].error == error) {
            return rows[i].status;
        }
    }
    return CXD_SERVER;
}

void report_take(struct output *o, uint32_t index, rd_kafka_resp_err_t error, const char *topic)
{
    struct pass *p = &o->pass;
    struct cxd_outcome *out = &p->outcomes[index];
    const char *reason = rd_kafka_err2str(error); /* static */

    if (error == RD_KAFKA_RESP_ERR_NO_ERROR) {
        *out = (struct cxd_outcome){.result = CXD_RESULT_DELIVERED};
        return;
    }
    out->reason = (struct cxd_bytes){reason, strlen(reason)};
    if (report_is_refusal(error)) {
        if (p->is_alone) {
            out->result = CXD_RESULT_REJECTED;
        } else {
            out->reason = (struct cxd_bytes){suspect, sizeof suspect - 1};
        }
        return;
    }
    if (p->worst == 0 || report_status(p->worst) == CXD_SERVER) {
        p->worst = error;
        (void)snprintf(p->worst_topic, sizeof p->worst_topic, "%s", topic);
    }
}

void report_callback(rd_kafka_t *producer, const rd_kafka_message_t *message, void *opaque)
{
    struct output *o = opaque;
    uintptr_t index = (uintptr_t)message->_private;

    (void)producer;
    if (o->pass.outcomes == NULL || index >= o->pass.count) {
        return; /* of a batch that was given up */
    }
    o->pass.waiting--;
    o->pass.moved_ms = o->host->mono_ms(o->self);
    if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
        o->trouble_status = 0;
        o->trouble[0] = '\0';
    }
    report_take(o, (uint32_t)index, message->err,
                message->rkt != NULL ? rd_kafka_topic_name(message->rkt) : "");
}
