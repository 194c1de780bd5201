/*
 * client.c: the library's handles: how they are set up, what their callbacks say, and what an error means for the unit's health.
 *
 * Thread: the instance's; client_log: any.
 */
#include "share/inner.h"

#include <stdio.h>

#define CLIENT_PROBE_MS 1000
#define CLIENT_JOIN_MS 60000
#define CLIENT_ASK_MS 500
#define CLIENT_LINE_MAX 400

void client_log(const rd_kafka_t *rk, int level, const char *facility, const char *text)
{
    const struct share *s = calls_find(NULL)->opaque(rk);
    const struct heap *h = &s->in->heap;
    char line[CLIENT_LINE_MAX];
    int ours = level <= 3 ? CXD_LOG_WARN : level <= 4 ? CXD_LOG_INFO : CXD_LOG_DEBUG;
    int len = snprintf(line, sizeof line, "librdkafka %s: %s", facility, text);

    if (len > 0) {
        len = len < (int)sizeof line ? len : (int)sizeof line - 1;
        h->host->log(h->self, ours, line, (size_t)len);
    }
}

/* What an error is, and what a person can do about it. */
static const struct {
    rd_kafka_resp_err_t error;
    int status;
    const char *advice;
} client_rows[] = {
    {RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, CXD_FORBIDDEN,
     "grant Read, Write and Describe on the topic"},
    {RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED, CXD_FORBIDDEN,
     "grant Read on the consumer group"},
    {RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED, CXD_FORBIDDEN,
     "grant IdempotentWrite on the cluster"},
    {RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED, CXD_AUTH,
     "look at kafka.username, kafka.password and kafka.sasl.mechanism"},
    {RD_KAFKA_RESP_ERR__AUTHENTICATION, CXD_AUTH,
     "look at kafka.username, kafka.password and kafka.sasl.mechanism"},
    {RD_KAFKA_RESP_ERR_UNSUPPORTED_SASL_MECHANISM, CXD_AUTH, "look at kafka.sasl.mechanism"},
    {RD_KAFKA_RESP_ERR__SSL, CXD_TLS, "look at kafka.ssl.*"},
    {RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART, CXD_CONFIG,
     "make the topic, with a few partitions for each agent"},
    {RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC, CXD_CONFIG,
     "make the topic, with a few partitions for each agent"},
    {RD_KAFKA_RESP_ERR__UNSUPPORTED_FEATURE, CXD_UNSUPPORTED, "the brokers are too old"},
    {RD_KAFKA_RESP_ERR__TRANSPORT, CXD_CONNECT, "tried again"},
    {RD_KAFKA_RESP_ERR__RESOLVE, CXD_CONNECT, "look at kafka.hosts"},
    {RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN, CXD_CONNECT, "tried again"},
    {RD_KAFKA_RESP_ERR__TIMED_OUT, CXD_TIMEOUT, "tried again"},
    {RD_KAFKA_RESP_ERR__MSG_TIMED_OUT, CXD_TIMEOUT, "tried again"},
};

static int client_status(rd_kafka_resp_err_t error, const char **ret_advice)
{
    for (size_t i = 0; i < sizeof client_rows / sizeof client_rows[0]; i++) {
        if (client_rows[i].error == error) {
            *ret_advice = client_rows[i].advice;
            return client_rows[i].status;
        }
    }
    *ret_advice = "tried again";
    return CXD_SERVER;
}

static bool client_is_final(int status)
{
    return status == CXD_FORBIDDEN || status == CXD_AUTH || status == CXD_TLS ||
           status == CXD_CONFIG || status == CXD_UNSUPPORTED;
}

void client_trouble(struct share *s, enum trouble_kind kind, rd_kafka_resp_err_t error,
                    const char *text)
{
    struct cxd_error err = CXD_ERROR_INIT;
    const char *advice;
    int status = client_status(error, &advice);
    bool is_final = client_is_final(status);

    if (s->trouble != TROUBLE_NONE && s->park.result == CXD_POLL_FAILED && !is_final) {
        return; /* what is there already says more */
    }
    (void)cxd_error_set(&err, status, "kafka %s, topic %s, group %s: %s: %s", s->access.hosts,
                        s->topic, s->group, text != NULL ? text : s->calls->err2str(error), advice);
    park_set(&s->park, &s->in->heap, &s->in->config.retry, is_final, &err);
    s->trouble = (uint8_t)kind;
    input_count(s->in, "errors_total", 1);
    input_degraded(s->in, is_final ? CXD_FAILED : CXD_DEGRADED, err.text);
}

void client_works(struct share *s, enum trouble_kind kind)
{
    if (s->trouble == kind && kind != TROUBLE_NONE) {
        s->trouble = TROUBLE_NONE;
        s->said_status = 0;
        park_clear(&s->park);
        input_recovered(s->in);
    }
}

/* Inside client_poll. The reason names the broker. */
static void client_error(rd_kafka_t *rk, int error, const char *reason, void *opaque)
{
    struct share *s = opaque;
    const char *advice;
    int status = client_status((rd_kafka_resp_err_t)error, &advice);

    (void)rk;
    if (error == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN && s->said[0] != '\0' && s->said_status != 0) {
        return; /* what came before says more */
    }
    (void)snprintf(s->said, sizeof s->said, "%s", reason);
    s->said_status = status;
    if (client_is_final(status) || error == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN) {
        client_trouble(s, TROUBLE_BROKER, (rd_kafka_resp_err_t)error, s->said);
    }
}

rd_kafka_t *client_new(struct share *s, rd_kafka_type_t type, bool is_member, struct cxd_error *err)
{
    rd_kafka_conf_t *conf = s->calls->conf_dup(s->conf);
    char text[256] = "";
    rd_kafka_t *rk;

    s->calls->conf_set_opaque(conf, s);
    s->calls->conf_set_log_cb(conf, client_log);
    s->calls->conf_set_error_cb(conf, client_error);
    if (is_member) {
        s->calls->conf_set_rebalance_cb(conf, group_rebalance);
        s->calls->conf_set_offset_commit_cb(conf, group_committed);
    }
    if (type == RD_KAFKA_PRODUCER) {
        s->calls->conf_set_dr_msg_cb(conf, publish_report);
    }
    if (conf_finish(s, conf, type, err) < 0 || conf_authorities(s, conf) < 0) {
        s->calls->conf_destroy(conf);
        return NULL;
    }
    rk = s->calls->new (type, conf, text, sizeof text);
    if (rk == NULL) {
        s->calls->conf_destroy(conf);
        (void)cxd_error_set(err, CXD_CONFIG, "kafka %s: %s", s->access.hosts, text);
        return NULL;
    }
    if (type == RD_KAFKA_CONSUMER) {
        (void)s->calls->poll_set_consumer(rk);
    }
    return rk;
}

int client_open(struct share *s, struct cxd_bytes options, struct cxd_error *err)
{
    const struct heap *h = &s->in->heap;
    int r;

    s->calls = calls_find(err);
    if (s->calls == NULL) {
        return CXD_CONFIG;
    }
    s->conf = s->calls->conf_new();
    s->access = (struct access){.host = h->host,
                                .self = h->self,
                                .doc = options,
                                .prefix = "kafka.",
                                .set = conf_put,
                                .conf = s->conf,
                                .library = s->calls->version(),
                                .library_text = s->calls->version_str()};
    r = access_read(&s->access, err);
    r = r < 0 ? r : conf_read(s, err);
    if (r == 0 && conf_authorities(s, s->conf) < 0) {
        r = cxd_error_set(err, CXD_CONFIG,
                          "kafka.ssl.certificate_authorities: no certificates in PEM form");
    }
    s->access.doc = (struct cxd_bytes){NULL, 0};
    if (r < 0) {
        return r;
    }
    s->consumer = client_new(s, RD_KAFKA_CONSUMER, true, err);
    return s->consumer != NULL ? 0 : CXD_CONFIG;
}

void client_close(struct share *s)
{
    if (s->consumer != NULL) {
        (void)s->calls->consumer_close(
            s->consumer); /* leaves the group: the others go on at once */
        s->calls->destroy(s->consumer);
        s->consumer = NULL;
    }
    if (s->conf != NULL) {
        s->calls->conf_destroy(s->conf);
    }
    access_done(&s->access);
}

static void client_subscribe(struct share *s)
{
    rd_kafka_topic_partition_list_t *list = s->calls->topic_partition_list_new(1);
    rd_kafka_resp_err_t error;

    (void)s->calls->topic_partition_list_add(list, s->topic, RD_KAFKA_PARTITION_UA);
    error = s->calls->subscribe(s->consumer, list);
    s->calls->topic_partition_list_destroy(list);
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR) {
        client_trouble(s, TROUBLE_BROKER, error, NULL);
        return;
    }
    s->is_seen = true;
    s->join_ms = s->in->heap.host->mono_ms(s->in->heap.self);
}

/* A group without a coordinator says nothing by itself. */
static void client_join(struct share *s, int64_t now_ms)
{
    if (s->is_seen && !s->has_joined && now_ms - s->join_ms >= CLIENT_JOIN_MS) {
        s->join_ms = now_ms;
        client_trouble(s, TROUBLE_GROUP, RD_KAFKA_RESP_ERR__TIMED_OUT,
                       "the group has given no share for a minute");
    }
}

static rd_kafka_resp_err_t client_ask(struct share *s)
{
    const struct rd_kafka_metadata *list = NULL;
    rd_kafka_topic_t *topic = s->calls->topic_new(s->consumer, s->topic, NULL);
    rd_kafka_resp_err_t error = RD_KAFKA_RESP_ERR__FAIL;

    if (topic == NULL) {
        return error;
    }
    error = s->calls->metadata(s->consumer, 0, topic, &list, CLIENT_ASK_MS);
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR) {
        error =
            list->topic_cnt == 1 ? list->topics[0].err : RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART;
        if (error == RD_KAFKA_RESP_ERR_NO_ERROR && list->topics[0].partition_cnt == 0) {
            error = RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART;
        }
        s->calls->metadata_destroy(list);
    }
    s->calls->topic_destroy(topic);
    return error;
}

bool client_probe(struct share *s, int64_t now_ms)
{
    rd_kafka_resp_err_t error;

    client_join(s, now_ms);
    if ((s->is_seen && s->trouble != TROUBLE_BROKER) || now_ms < s->probe_ms) {
        return false;
    }
    error = client_ask(s);
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR) {
        client_works(s, TROUBLE_BROKER);
        if (!s->is_seen) {
            client_subscribe(s);
        }
        return true;
    }
    s->probe_ms = s->in->heap.host->mono_ms(s->in->heap.self) + CLIENT_PROBE_MS;
    (void)s->calls->poll(s->consumer, 0); /* the reasons come with the events */
    if (s->said_status != 0 &&
        (error == RD_KAFKA_RESP_ERR__TRANSPORT || error == RD_KAFKA_RESP_ERR__TIMED_OUT)) {
        if (s->trouble == TROUBLE_NONE) {
            client_trouble(s, TROUBLE_BROKER, error, s->said);
        }
        return true;
    }
    client_trouble(s, TROUBLE_BROKER, error, NULL);
    return true;
}

/* A fatal error ends a handle for good; the next producer begins anew. */
static void client_look(struct share *s)
{
    char text[256] = "";

    if (s->producer != NULL && s->calls->fatal_error(s->producer, text, sizeof text) != 0) {
        input_log(s->in, CXD_LOG_WARN, "kafka %s: %s", s->access.hosts, text);
        publish_done(s);
    }
}

bool client_poll(struct share *s)
{
    bool moved = false;

    if (s->producer != NULL) {
        moved = s->calls->poll(s->producer, 0) > 0;
        client_look(s);
    }
    /* behind a message that could not be kept none is taken: no offset passes it */
    for (int i = 0; i < SHARE_TAKE_MAX && !s->is_broken; i++) {
        rd_kafka_message_t *message = s->calls->consumer_poll(s->consumer, 0);

        if (message == NULL) {
            break;
        }
        moved = true;
        group_message(s, message);
        s->calls->message_destroy(message);
    }
    return moved;
}
