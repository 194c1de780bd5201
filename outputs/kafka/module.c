/*
 * module.c: the `kafka` output: options, descriptor, open and close. The work is send.c's. Thread: the output worker's; interrupt
 * may come from another and only sets a flag that send looks at.
 */
#include "cxd/module.h"

#include "output.h"

#define CLOSE_FLUSH_MS 2000

static const struct cxd_option header_options[] = {
    {"key", CXD_OPTION_STRING, CXD_OPTION_REQUIRED, NULL, "Name", NULL},
    {"value", CXD_OPTION_STRING, 0, NULL, "Text; empty without it", NULL},
    {NULL}};

static const struct cxd_option options[] = {
    {"hosts", CXD_OPTION_STRING_LIST, CXD_OPTION_REQUIRED, NULL,
     "Brokers to begin with, as NAME or NAME:PORT (9092); at most 64"},
    {"topic", CXD_OPTION_STRING, CXD_OPTION_REQUIRED, NULL,
     "Topic; %{[data_stream.type]}, %{[data_stream.dataset]} and %{[data_stream.namespace]} are "
     "filled in"},
    {"partition", CXD_OPTION_ANY, 0, NULL,
     "hash (of the document id, default), random or round_robin; below it reachable_only and, but "
     "for hash, group_events"},
    {"partition.hash", CXD_OPTION_ANY, 0, NULL, "As partition: {hash: ..}"},
    {"partition.random", CXD_OPTION_ANY, 0, NULL, "As partition: {random: ..}"},
    {"partition.round_robin", CXD_OPTION_ANY, 0, NULL, "As partition: {round_robin: ..}"},
    {"required_acks", CXD_OPTION_INT, 0, "-1",
     "-1: all in-sync replicas, each document once in a producer's life; 1: the leader; 0: nobody"},
    {"compression", CXD_OPTION_STRING, 0, "gzip", "none, gzip, snappy, lz4 or zstd"},
    {"compression_level", CXD_OPTION_INT, 0, NULL,
     "gzip 0 to 9, lz4 and zstd 0 to 12; without it the codec's own"},
    {"max_message_bytes", CXD_OPTION_SIZE, 0, "1000000",
     "Largest document with its id, and largest request for a partition, 1000 to 1000000000; "
     "larger "
     "documents go to the dead letters"},
    {"timeout", CXD_OPTION_DURATION, 0, "30s",
     "Time for one request, 1s to 5m; a document has four times as long"},
    {"headers", CXD_OPTION_GROUP_LIST, 0, NULL,
     "Names (key) and texts (value) that every message carries, at most 64", header_options},
    {"version", CXD_OPTION_ANY, CXD_OPTION_ADVANCED, NULL,
     "Taken and ignored: what the brokers speak is asked of them"},
    {"client_id", CXD_OPTION_STRING, 0, "cortexd", "Name in the brokers' logs and quotas"},
    {"username", CXD_OPTION_STRING, 0, NULL, "User for SASL, with password"},
    {"password", CXD_OPTION_STRING, CXD_OPTION_SECRET, NULL, "The user's password"},
    {"sasl.mechanism", CXD_OPTION_STRING, 0, NULL,
     "PLAIN (default), SCRAM-SHA-256 or SCRAM-SHA-512"},
    {"ssl.enabled", CXD_OPTION_BOOL, 0, NULL, "TLS; without it: when another ssl option is given"},
    {"ssl.certificate_authorities", CXD_OPTION_STRING_LIST, 0, NULL,
     "CA certificates, as file paths or PEM text; without it the system's"},
    {"ssl.certificate", CXD_OPTION_STRING, 0, NULL, "Client certificate, path or PEM"},
    {"ssl.key", CXD_OPTION_STRING, CXD_OPTION_SECRET, NULL, "Client key, path or PEM"},
    {"ssl.key_passphrase", CXD_OPTION_STRING, CXD_OPTION_SECRET, NULL, "Passphrase of the key"},
    {"ssl.verification_mode", CXD_OPTION_STRING, 0, NULL,
     "full (default): chain and host name; certificate: chain only; none: nothing (tests only)"},
    {"worker", CXD_OPTION_INT, 0, "1", "Batches under way at the same time (the agent's)"},
    {NULL}};

static void kafka_close(void *instance)
{
    struct output *o = instance;

    producer_end(o, CLOSE_FLUSH_MS);
    if (o->conf != NULL) {
        rd_kafka_conf_destroy(o->conf);
    }
    if (o->headers != NULL) {
        rd_kafka_headers_destroy(o->headers);
    }
    access_done(&o->access);
    o->host->free(o->self, o->said);
    o->host->free(o->self, o);
}

static int kafka_open(const struct cxd_host *host, struct cxd_self *self, struct cxd_bytes doc,
                      void **ret_instance, struct cxd_error *err)
{
    struct output *o = host->alloc(self, sizeof *o);
    int r;

    if (o == NULL) {
        return cxd_error_set(err, CXD_NOMEM, "out of memory opening the kafka output");
    }
    o->host = host;
    o->self = self;
    r = settings_read(o, doc, err);
    r = r == CXD_OK ? conf_make(o, doc, err) : r;
    r = r == CXD_OK ? headers_read(o, doc, err) : r;
    r = r == CXD_OK ? producer_ensure(o, err) : r;
    if (r != CXD_OK) {
        kafka_close(o);
        return r;
    }
    *ret_instance = o;
    return CXD_OK;
}

static int kafka_send(void *instance, const struct cxd_batch *batch, struct cxd_outcome *outcomes,
                      struct cxd_error *err)
{
    return output_send(instance, batch, outcomes, err);
}

static int kafka_check(void *instance, struct cxd_bytes *ret_text, struct cxd_error *err)
{
    return output_check(instance, ret_text, err);
}

static void kafka_interrupt(void *instance)
{
    atomic_store(&((struct output *)instance)->is_interrupted, 1);
}

static const struct cxd_output_ops ops = {.size = sizeof ops,
                                          .open = kafka_open,
                                          .send = kafka_send,
                                          .interrupt = kafka_interrupt,
                                          .close = kafka_close,
                                          .check = kafka_check};

static const struct cxd_module module = {CXD_MODULE_HEAD,
                                         .kind = CXD_OUTPUT,
                                         .name = "kafka",
                                         .version = "1.0.0",
                                         .summary = "Topics of Apache Kafka, idempotent producer",
                                         .options = options,
                                         .ops = &ops};

CXD_MODULE_ENTRY(module)
