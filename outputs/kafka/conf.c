/* conf.c: the client library's settings, made once; each producer gets a copy. Secrets are kept there and nowhere else. */
#include "output.h"

#include <stdio.h>

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
    int r = number_set(o->conf, "acks", s->acks, err);

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

static int access_put(void *conf, const char *name, const char *value)
{
    return rd_kafka_conf_set(conf, name, value, NULL, 0) == RD_KAFKA_CONF_OK ? 0 : CXD_CONFIG;
}

int conf_authorities_set(const struct output *o, rd_kafka_conf_t *conf)
{
    const struct access *a = &o->access;

    if (a->authorities == NULL) {
        return CXD_OK;
    }
    return rd_kafka_conf_set_ssl_cert(conf, RD_KAFKA_CERT_CA, RD_KAFKA_CERT_ENC_PEM, a->authorities,
                                      a->authorities_len, NULL, 0) == RD_KAFKA_CONF_OK
               ? CXD_OK
               : CXD_CONFIG;
}

int conf_make(struct output *o, struct cxd_bytes doc, struct cxd_error *err)
{
    int r;

    o->conf = rd_kafka_conf_new();
    if (o->conf == NULL) {
        return cxd_error_set(err, CXD_NOMEM, "out of memory making the Kafka client's settings");
    }
    o->access = (struct access){.host = o->host,
                                .self = o->self,
                                .doc = doc,
                                .prefix = "",
                                .set = access_put,
                                .conf = o->conf,
                                .library = rd_kafka_version(),
                                .library_text = rd_kafka_version_str()};
    r = delivery_set(o, err);
    r = r == CXD_OK ? compression_read(o, doc, err) : r;
    r = r == CXD_OK ? access_read(&o->access, err) : r;
    if (r == CXD_OK && conf_authorities_set(o, o->conf) != CXD_OK) {
        r = cxd_error_set(err, CXD_CONFIG,
                          "ssl.certificate_authorities: no certificates in PEM form");
    }
    return r;
}
