/*
 * conf.c: the library's settings from the policy's, and those that are always the same.
 *
 * Thread: the instance's. Secrets are kept in the library's settings and nowhere else.
 */
#include "share/inner.h"

#include <stdio.h>

#define CONF_POLL_MS                                                                               \
    120000 /* an agent that cannot hand over for so long gives its share to others */

int conf_put(void *conf, const char *name, const char *value)
{
    return calls_find(NULL)->conf_set(conf, name, value, NULL, 0) == RD_KAFKA_CONF_OK ? 0
                                                                                      : CXD_CONFIG;
}

static int conf_number(struct share *s, const char *name, int64_t number, struct cxd_error *err)
{
    char text[32];

    (void)snprintf(text, sizeof text, "%lld", (long long)number);
    return access_set(&s->access, name, text, err);
}

static int conf_range(struct share *s, const char *name, const int64_t range[2],
                      int64_t *ret_number, struct cxd_error *err)
{
    struct cxd_scalar value = access_get(&s->access, name);

    if (value.type != CXD_INT || value.number < range[0] || value.number > range[1]) {
        return cxd_error_set(err, CXD_CONFIG, "kafka.%s: between %lld and %lld ms", name,
                             (long long)range[0], (long long)range[1]);
    }
    *ret_number = value.number;
    return 0;
}

static bool conf_is_topic(const char *name)
{
    size_t len = strlen(name);

    return len <= SHARE_TOPIC_MAX && strcmp(name, ".") != 0 && strcmp(name, "..") != 0 &&
           strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") == len;
}

static int conf_names(struct share *s, struct cxd_error *err)
{
    const char *topic = NULL;
    const char *group = NULL;
    int r = access_text(&s->access, "topic", &topic, err);

    r = r < 0 ? r : access_text(&s->access, "group_id", &group, err);
    if (r < 0) {
        return r;
    }
    if (topic == NULL || !conf_is_topic(topic)) {
        return cxd_error_set(err, CXD_CONFIG,
                             "kafka.topic: a topic of this bucket's own, letters, digits, dot, "
                             "underscore and dash, at most %d",
                             SHARE_TOPIC_MAX);
    }
    if (group != NULL && strlen(group) >= sizeof s->group) {
        return cxd_error_set(err, CXD_CONFIG, "kafka.group_id: at most %zu bytes",
                             sizeof s->group - 1);
    }
    (void)snprintf(s->topic, sizeof s->topic, "%s", topic);
    (void)snprintf(s->group, sizeof s->group, "%s%s", group != NULL ? "" : "cortexd-",
                   group != NULL ? group : topic);
    return 0;
}

int conf_read(struct share *s, struct cxd_error *err)
{
    static const int64_t sessions[2] = {6000, 300000};
    static const struct {
        const char *name;
        const char *value;
    } rows[] = {
        {"socket.keepalive.enable", "true"},
        {"reconnect.backoff.max.ms", "2000"},
        {"log.connection.close", "false"},
        {"topic.metadata.refresh.interval.ms", "10000"},
    };
    static const int64_t times[2] = {1000, 300000};
    int r = conf_range(s, "timeout", times, &s->timeout_ms, err);

    r = r < 0 ? r : conf_range(s, "session_timeout", sessions, &s->session_ms, err);

    for (size_t i = 0; r == 0 && i < sizeof rows / sizeof rows[0]; i++) {
        r = access_set(&s->access, rows[i].name, rows[i].value, err);
    }
    r = r < 0 ? r : conf_number(s, "socket.timeout.ms", s->timeout_ms, err);
    return r < 0 ? r : conf_names(s, err);
}

/* What depends on the options. */
static int conf_own(const struct share *s, rd_kafka_conf_t *conf, bool is_consumer)
{
    char text[32];
    int r;

    (void)snprintf(text, sizeof text, "%lld",
                   (long long)(is_consumer ? s->session_ms : 2 * s->timeout_ms));
    if (!is_consumer) {
        return conf_put(conf, "message.timeout.ms", text);
    }
    r = conf_put(conf, "group.id", s->group);
    r = r < 0 ? r : conf_put(conf, "session.timeout.ms", text);
    (void)snprintf(text, sizeof text, "%lld",
                   (long long)(s->session_ms > CONF_POLL_MS ? s->session_ms : CONF_POLL_MS));
    return r < 0 ? r : conf_put(conf, "max.poll.interval.ms", text);
}

/* Settings of consumers and of the producer: each takes its own from a copy. */
int conf_finish(struct share *s, rd_kafka_conf_t *conf, rd_kafka_type_t type, struct cxd_error *err)
{
    static const char *const consumer[][2] = {
        {"enable.auto.commit", "false"},
        {"enable.auto.offset.store", "false"},
        {"auto.offset.reset", "earliest"},
        {"enable.partition.eof", "true"},
        {"partition.assignment.strategy", "range"},
        {"queued.min.messages", "200"},
        {"queued.max.messages.kbytes", "2048"},
        {"fetch.message.max.bytes", "1048576"},
        {"fetch.wait.max.ms", "200"},
    };
    static const char *const producer[][2] = {
        {"enable.idempotence", "true"},
        {"compression.codec", "gzip"},
        {"partitioner", "murmur2_random"},
        {"linger.ms", "20"},
    };
    bool is_consumer = type == RD_KAFKA_CONSUMER;
    size_t count =
        is_consumer ? sizeof consumer / sizeof consumer[0] : sizeof producer / sizeof producer[0];

    for (size_t i = 0; i < count; i++) {
        const char *const *row = is_consumer ? consumer[i] : producer[i];

        if (conf_put(conf, row[0], row[1]) < 0) {
            return cxd_error_set(err, CXD_CONFIG, "librdkafka %s refuses the setting %s",
                                 s->calls->version_str(), row[0]);
        }
    }
    return conf_own(s, conf, is_consumer) < 0
               ? cxd_error_set(err, CXD_CONFIG,
                               "kafka.group_id, kafka.timeout: librdkafka %s "
                               "refuses them",
                               s->calls->version_str())
               : 0;
}

int conf_authorities(const struct share *s, rd_kafka_conf_t *conf)
{
    const struct access *a = &s->access;

    if (a->authorities == NULL) {
        return 0;
    }
    return s->calls->conf_set_ssl_cert(conf, RD_KAFKA_CERT_CA, RD_KAFKA_CERT_ENC_PEM,
                                       a->authorities, a->authorities_len, NULL,
                                       0) == RD_KAFKA_CONF_OK
               ? 0
               : CXD_CONFIG;
}
