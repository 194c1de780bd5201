/* conf.c: the client library's settings, made once; each producer gets a copy. Secrets are kept there and nowhere else. */
#include "output.h"

#include <stdio.h>

#define SECRET_MAX 4096
#define SCRAM_VERSION 0x020601ff

int conf_set(rd_kafka_conf_t *conf, const char *name, const char *value, struct cxd_error *err)
{
    /* the library's own text may hold the value */
    if (rd_kafka_conf_set(conf, name, value, NULL, 0) != RD_KAFKA_CONF_OK) {
        return cxd_error_set(err, CXD_CONFIG, "librdkafka %s refuses the setting %s",
                             rd_kafka_version_str(), name);
    }
    return CXD_OK;
}

static int number_set(rd_kafka_conf_t *conf, const char *name, int64_t number,
                      struct cxd_error *err)
{
    char text[32];

    (void)snprintf(text, sizeof text, "%lld", (long long)number);
    return conf_set(conf, name, text, err);
}

/* Text without NUL inside, at most SECRET_MAX; NULL when absent or empty. */
static int text_get(const struct output *o, struct cxd_bytes doc, const char *name,
                    const char **ret_text, struct cxd_error *err)
{
    struct cxd_scalar value = o->host->doc_get(doc, name);

    *ret_text = NULL;
    if (value.type != CXD_TEXT || value.bytes.len == 0) {
        return CXD_OK;
    }
    if (value.bytes.len > SECRET_MAX || strlen(value.bytes.ptr) != value.bytes.len) {
        return cxd_error_set(err, CXD_CONFIG, "%s: at most %d bytes of text", name, SECRET_MAX);
    }
    *ret_text = value.bytes.ptr;
    return CXD_OK;
}

/* Before 2.6.1 the library sends its own nonce twice, which Kafka takes for a wrong password since 4.0. */
static void scram_warn(const struct output *o)
{
    char line[160];
    int len;

    if (rd_kafka_version() >= SCRAM_VERSION) {
        return;
    }
    len = snprintf(line, sizeof line,
                   "librdkafka %s cannot log in by SCRAM at Kafka 4.0 and newer (2.6.1 can): use "
                   "PLAIN with ssl there",
                   rd_kafka_version_str());
    if (len > 0 && (size_t)len < sizeof line) {
        o->host->log(o->self, CXD_LOG_WARN, line, (size_t)len);
    }
}

static int login_read(struct output *o, struct cxd_bytes doc, int has_tls, struct cxd_error *err)
{
    const char *name;
    const char *password;
    const char *mechanism;
    int r = text_get(o, doc, "username", &name, err);

    r = r == CXD_OK ? text_get(o, doc, "password", &password, err) : r;
    r = r == CXD_OK ? text_get(o, doc, "sasl.mechanism", &mechanism, err) : r;
    if (r != CXD_OK) {
        return r;
    }
    if (name == NULL) {
        return password != NULL || mechanism != NULL
                   ? cxd_error_set(err, CXD_CONFIG, "password, sasl.mechanism: need username")
                   : conf_set(o->conf, "security.protocol", has_tls ? "ssl" : "plaintext", err);
    }
    mechanism = mechanism != NULL ? mechanism : "PLAIN";
    if (strcmp(mechanism, "PLAIN") != 0 && strcmp(mechanism, "SCRAM-SHA-256") != 0 &&
        strcmp(mechanism, "SCRAM-SHA-512") != 0) {
        return cxd_error_set(err, CXD_CONFIG,
                             "sasl.mechanism: PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512");
    }
    if (password == NULL) {
        return cxd_error_set(err, CXD_CONFIG, "username: needs password");
    }
    if (!has_tls && mechanism[0] == 'P') {
        static const char text[] = "the password goes over the network as it is: switch ssl on";
        o->host->log(o->self, CXD_LOG_WARN, text, sizeof text - 1);
    }
    if (mechanism[0] == 'S') {
        scram_warn(o);
    }
    r = conf_set(o->conf, "security.protocol", has_tls ? "sasl_ssl" : "sasl_plaintext", err);
    r = r == CXD_OK ? conf_set(o->conf, "sasl.mechanism", mechanism, err) : r;
    r = r == CXD_OK ? conf_set(o->conf, "sasl.username", name, err) : r;
    return r == CXD_OK ? conf_set(o->conf, "sasl.password", password, err) : r;
}

static int compression_read(struct output *o, struct cxd_bytes doc, struct cxd_error *err)
{
    static const struct {
        const char *name;
        int level_max;
    } codecs[] = {{"none", 0}, {"gzip", 9}, {"snappy", 0}, {"lz4", 12}, {"zstd", 12}};
    struct cxd_scalar codec = o->host->doc_get(doc, "compression");
    struct cxd_scalar level = o->host->doc_get(doc, "compression_level");

    for (size_t i = 0; i < sizeof codecs / sizeof codecs[0] && codec.type == CXD_TEXT; i++) {
        int r;

        if (strcmp(codec.bytes.ptr, codecs[i].name) != 0) {
            continue;
        }
        r = conf_set(o->conf, "compression.codec", codecs[i].name, err);
        if (r != CXD_OK || level.type != CXD_INT || codecs[i].level_max == 0) {
            return r;
        }
        if (level.number < 0 || level.number > codecs[i].level_max) {
            return cxd_error_set(err, CXD_CONFIG, "compression_level: 0 to %d for %s",
                                 codecs[i].level_max, codecs[i].name);
        }
        return number_set(o->conf, "compression.level", level.number, err);
    }
    return cxd_error_set(err, CXD_CONFIG, "compression: none, gzip, snappy, lz4 or zstd");
}

static int delivery_set(struct output *o, struct cxd_error *err)
{
    const struct settings *s = &o->settings;
    int r = conf_set(o->conf, "bootstrap.servers", s->hosts, err);

    r = r == CXD_OK ? number_set(o->conf, "acks", s->acks, err) : r;
    r = r == CXD_OK ? conf_set(o->conf, "enable.idempotence", s->acks == -1 ? "true" : "false", err)
                    : r;
    r = r == CXD_OK ? number_set(o->conf, "message.max.bytes", s->max_message_bytes, err) : r;
    r = r == CXD_OK ? number_set(o->conf, "request.timeout.ms", s->timeout_ms, err) : r;
    r = r == CXD_OK ? number_set(o->conf, "socket.timeout.ms", s->timeout_ms, err) : r;
    r = r == CXD_OK
            ? number_set(o->conf, "message.timeout.ms", s->timeout_ms * REQUESTS_PER_DOCUMENT, err)
            : r;
    r = r == CXD_OK ? conf_set(o->conf, "socket.keepalive.enable", "true", err) : r;
    r = r == CXD_OK ? conf_set(o->conf, "reconnect.backoff.max.ms", "2000", err) : r;
    /* brokers close idle connections: nothing to report */
    r = r == CXD_OK ? conf_set(o->conf, "log.connection.close", "false", err) : r;
    /* so long a topic may be unknown, or not ours, before its documents hear of it */
    r = r == CXD_OK ? number_set(o->conf, "topic.metadata.propagation.max.ms", s->timeout_ms, err)
                    : r;
    return r == CXD_OK ? conf_set(o->conf, "sticky.partitioning.linger.ms", "0", err) : r;
}

int conf_make(struct output *o, struct cxd_bytes doc, struct cxd_error *err)
{
    const char *client_id = NULL;
    int has_tls = 0;
    int r;

    o->conf = rd_kafka_conf_new();
    if (o->conf == NULL) {
        return cxd_error_set(err, CXD_NOMEM, "out of memory making the Kafka client's settings");
    }
    r = delivery_set(o, err);
    r = r == CXD_OK ? compression_read(o, doc, err) : r;
    r = r == CXD_OK ? text_get(o, doc, "client_id", &client_id, err) : r;
    if (r == CXD_OK && client_id != NULL) {
        r = conf_set(o->conf, "client.id", client_id, err);
    }
    r = r == CXD_OK ? tls_read(o, doc, &has_tls, err) : r;
    return r == CXD_OK ? login_read(o, doc, has_tls, err) : r;
}
