/*
 * output.h: one instance of the output: its settings, its producer and the batch it waits for. Thread: the output worker's, but
 * for is_interrupted (any) and the log callback (librdkafka's threads).
 */
#pragma once

#include "cxd/module.h"

#include "broker/access.h"
#include "partition.h"
#include "topic.h"

#include <librdkafka/rdkafka.h>
#include <stdatomic.h>

#define REASON_MAX 300

/* A request may be sent this often before its documents count as not delivered; the library's repeats are never doubles. */
#define REQUESTS_PER_DOCUMENT 4

struct settings {
    struct topic_format topic;
    struct partition partition;
    int64_t timeout_ms; /* of one request */
    int64_t max_message_bytes;
    int acks; /* -1: all in-sync replicas */
};

/* The batch that is under way. */
struct pass {
    struct cxd_outcome *outcomes; /* NULL: none is */
    uint32_t count;
    uint32_t waiting;          /* handed to the library, without a report */
    int is_alone;              /* one document at a time: a refusal is this document's own */
    rd_kafka_resp_err_t worst; /* the first failure that is not a refusal; 0: none */
    char worst_topic[TOPIC_MAX + 1];
    int64_t moved_ms; /* monotonic: when the last report came */
};

struct output {
    const struct cxd_host *host;
    struct cxd_self *self;
    struct settings settings;
    rd_kafka_conf_t *conf;       /* pattern for each producer; holds the secrets */
    rd_kafka_headers_t *headers; /* of every message; NULL: none */
    struct access access;        /* hosts, and the authorities */
    rd_kafka_t *producer;        /* NULL: to be made anew */
    rd_kafka_topic_t *topic;     /* of the name last used; NULL: none */
    char topic_name[TOPIC_MAX + 1];
    struct pass pass;
    int trouble_status; /* login or TLS failed and nothing came through since: enum cxd_status; 0: no */
    char trouble[REASON_MAX]; /* what the library said last about a connection; "": nothing */
    char *said;               /* by output_check; NULL: nothing yet */
    atomic_int is_interrupted;
};

/* settings.c: the options document, once, at open. */
int settings_read(struct output *o, struct cxd_bytes doc, struct cxd_error *err);
/* conf.c: the library's settings from ours. */
int conf_make(struct output *o, struct cxd_bytes doc, struct cxd_error *err);
int conf_set(rd_kafka_conf_t *conf, const char *name, const char *value, struct cxd_error *err);
/* headers.c: what every message carries besides its document. */
int headers_read(struct output *o, struct cxd_bytes doc, struct cxd_error *err);
/* Gives a producer's settings the authorities anew: the library takes them out of the settings that it has used, and out of
 * every copy. */
int conf_authorities_set(const struct output *o, rd_kafka_conf_t *conf);

/* producer.c: makes one when there is none; ends it, whatever is under way. */
int producer_ensure(struct output *o, struct cxd_error *err);
void producer_end(struct output *o, int flush_ms);
/* The topic's handle, or NULL with the library's error. */
rd_kafka_topic_t *producer_topic(struct output *o, const char *name,
                                 rd_kafka_resp_err_t *ret_error);

/* report.c: what one report means. */
void report_take(struct output *o, uint32_t index, rd_kafka_resp_err_t error, const char *topic);
void report_callback(rd_kafka_t *producer, const rd_kafka_message_t *message, void *opaque);
int report_is_refusal(
    rd_kafka_resp_err_t error); /* maybe of another document in the same request */
int report_is_suspect(const struct cxd_outcome *outcome); /* refused, but not alone yet */
int report_status(rd_kafka_resp_err_t error);             /* enum cxd_status */

/* check.c */
int output_check(struct output *o, struct cxd_bytes *ret_text, struct cxd_error *err);

/* send.c */
int output_send(struct output *o, const struct cxd_batch *batch, struct cxd_outcome *outcomes,
                struct cxd_error *err);
