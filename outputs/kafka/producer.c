/* producer.c: the life of the library's producer, its log and what it says of connections. */
#include "output.h"

#include <stdio.h>

#define LINE_MAX_BYTES 400

/* Any thread of the library. */
static void log_callback(const rd_kafka_t *producer, int level, const char *facility,
                         const char *text)
{
    const struct output *o = rd_kafka_opaque(producer);
    char line[LINE_MAX_BYTES];
    int ours = level <= 3   ? CXD_LOG_ERROR
               : level == 4 ? CXD_LOG_WARN
               : level <= 6 ? CXD_LOG_INFO
                            : CXD_LOG_DEBUG;
    int len = snprintf(line, sizeof line, "librdkafka %s: %s", facility, text);

    if (len > 0) {
        len = len < (int)sizeof line ? len : (int)sizeof line - 1;
        o->host->log(o->self, ours, line, (size_t)len);
    }
}

/* From rd_kafka_poll: the sending thread. The reason names the broker. */
static void error_callback(rd_kafka_t *producer, int error, const char *reason, void *opaque)
{
    struct output *o = opaque;
    int status = report_status((rd_kafka_resp_err_t)error);

    (void)producer;
    if (error == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN && o->trouble[0] != '\0') {
        return; /* what came before says more */
    }
    (void)snprintf(o->trouble, sizeof o->trouble, "%s", reason);
    if (status == CXD_AUTH || status == CXD_TLS || status == CXD_FORBIDDEN) {
        o->trouble_status = status;
    }
    o->host->health(o->self, CXD_DEGRADED, o->trouble);
}

static rd_kafka_conf_t *conf_copy(struct output *o)
{
    rd_kafka_conf_t *conf = rd_kafka_conf_dup(o->conf);
    /* made by the settings of topics among ours, such as acks */
    rd_kafka_topic_conf_t *topic = rd_kafka_conf_get_default_topic_conf(conf);

    rd_kafka_topic_conf_set_partitioner_cb(topic, partition_choose);
    rd_kafka_topic_conf_set_opaque(topic, &o->settings.partition);
    rd_kafka_conf_set_opaque(conf, o);
    rd_kafka_conf_set_log_cb(conf, log_callback);
    rd_kafka_conf_set_error_cb(conf, error_callback);
    rd_kafka_conf_set_dr_msg_cb(conf, report_callback);
    return conf;
}

int producer_ensure(struct output *o, struct cxd_error *err)
{
    char text[256] = "";
    rd_kafka_conf_t *conf;

    if (o->producer != NULL && rd_kafka_fatal_error(o->producer, text, sizeof text) == 0) {
        return CXD_OK;
    }
    if (o->producer != NULL) {
        o->host->log(o->self, CXD_LOG_WARN, text, strlen(text));
        producer_end(o, 0);
    }
    conf = conf_copy(o);
    if (conf_authorities_set(o, conf) != CXD_OK) {
        rd_kafka_conf_destroy(conf);
        return cxd_error_set(err, CXD_NOMEM, "kafka %s: the certificate authorities are not taken",
                             o->access.hosts);
    }
    o->producer = rd_kafka_new(RD_KAFKA_PRODUCER, conf, text, sizeof text);
    if (o->producer == NULL) {
        rd_kafka_conf_destroy(conf);
        return cxd_error_set(err, CXD_CONFIG, "kafka %s: %s", o->access.hosts, text);
    }
    return CXD_OK;
}

rd_kafka_topic_t *producer_topic(struct output *o, const char *name, rd_kafka_resp_err_t *ret_error)
{
    if (o->topic != NULL && strcmp(o->topic_name, name) == 0) {
        return o->topic;
    }
    if (o->topic != NULL) {
        rd_kafka_topic_destroy(o->topic);
    }
    o->topic = rd_kafka_topic_new(o->producer, name, NULL);
    if (o->topic == NULL) {
        *ret_error = rd_kafka_last_error();
    } else {
        (void)snprintf(o->topic_name, sizeof o->topic_name, "%s", name);
    }
    return o->topic;
}

void producer_end(struct output *o, int flush_ms)
{
    if (o->producer == NULL) {
        return;
    }
    if (rd_kafka_outq_len(o->producer) > 0) {
        (void)rd_kafka_flush(o->producer, flush_ms); /* what is left is purged */
        (void)rd_kafka_purge(o->producer, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
    }
    if (o->topic != NULL) {
        rd_kafka_topic_destroy(o->topic);
        o->topic = NULL;
    }
    rd_kafka_destroy(o->producer);
    o->producer = NULL;
}
