/*
 * options.c: what can be said to the module. Names are Filebeat's where it has the option; prefix, lookback, max_line_size,
 * stall_timeout, coordination and kafka are ours.
 */
#include "config.h"

#define HELP_SELECTORS "Objects whose name matches one of these; without it all"
#define HELP_WORKERS "Downloads side by side in a bucket, 1 to 5000 (above 128 counts as 128)"
#define HELP_POLL "Look for new objects again and again; false: once"
#define HELP_INTERVAL "Time between two looks"
#define HELP_BATCH "Objects a page of the listing, 1 to 1000"
#define HELP_EPOCH "Only objects updated at or after this second since 1970"
#define HELP_PREFIX "Only objects whose name begins with this"
#define HELP_LOOKBACK                                                                              \
    "Only where names sort by time: do not list again what is older than the youngest object by "  \
    "more than this; 0 lists everything"
#define HELP_TYPE "Content type noted in events when the object has none"
#define HELP_TYPE_FORCE "Note content_type even when the object has its own"
#define HELP_JSON "Only false: records are mapped by processors, never copied into json_data"
#define HELP_ENCODING "Accepted for Filebeat's sake; the object's first bytes decide"

static const struct cxd_option config_selector_options[] = {
    {"regex", CXD_OPTION_STRING, CXD_OPTION_REQUIRED, NULL, "Regular expression (RE2 syntax)",
     NULL},
    {NULL, 0, 0, NULL, NULL, NULL},
};

/* The rows that a bucket may have of its own, and that hold for all buckets at the root. */
#define CONFIG_SHARED(workers, poll, interval, batch, epoch, prefix, lookback, parse)              \
    {"max_workers", CXD_OPTION_INT, 0, workers, HELP_WORKERS, NULL},                               \
        {"poll", CXD_OPTION_BOOL, 0, poll, HELP_POLL, NULL},                                       \
        {"poll_interval", CXD_OPTION_DURATION, 0, interval, HELP_INTERVAL, NULL},                  \
        {"batch_size", CXD_OPTION_INT, CXD_OPTION_ADVANCED, batch, HELP_BATCH, NULL},              \
        {"timestamp_epoch", CXD_OPTION_INT, 0, epoch, HELP_EPOCH, NULL},                           \
        {"prefix", CXD_OPTION_STRING, 0, prefix, HELP_PREFIX, NULL},                               \
        {"lookback", CXD_OPTION_DURATION, CXD_OPTION_ADVANCED, lookback, HELP_LOOKBACK, NULL},     \
        {"parse_json", CXD_OPTION_BOOL, CXD_OPTION_ADVANCED, parse, HELP_JSON, NULL},              \
        {"content_type", CXD_OPTION_STRING, CXD_OPTION_ADVANCED, NULL, HELP_TYPE, NULL},           \
        {"override_content_type", CXD_OPTION_BOOL,                                                 \
         CXD_OPTION_ADVANCED,     NULL,                                                            \
         HELP_TYPE_FORCE,         NULL},                                                           \
        {"encoding", CXD_OPTION_STRING, CXD_OPTION_ADVANCED, NULL, HELP_ENCODING, NULL},           \
        {"override_encoding", CXD_OPTION_BOOL, CXD_OPTION_ADVANCED, NULL, HELP_ENCODING, NULL},    \
    {                                                                                              \
        "file_selectors", CXD_OPTION_GROUP_LIST, 0, NULL, HELP_SELECTORS, config_selector_options  \
    }

static const struct cxd_option config_bucket_options[] = {
    {"name", CXD_OPTION_STRING, CXD_OPTION_REQUIRED, NULL, "Name of the bucket", NULL},
    CONFIG_SHARED(NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
    {NULL, 0, 0, NULL, NULL, NULL},
};

const struct cxd_option config_options[] = {
    {"project_id", CXD_OPTION_STRING, CXD_OPTION_REQUIRED, NULL, "Google Cloud project", NULL},
    {"auth.credentials_json.account_key", CXD_OPTION_STRING, CXD_OPTION_SECRET, NULL,
     "Service-account key as JSON text", NULL},
    {"auth.credentials_file.path", CXD_OPTION_STRING, 0, NULL,
     "File with the service-account key; without key and file: GOOGLE_APPLICATION_CREDENTIALS",
     NULL},
    {"alternative_host", CXD_OPTION_STRING, 0, NULL,
     "Another storage endpoint, http(s)://host:port; without credentials no token is sent", NULL},
    {"buckets", CXD_OPTION_GROUP_LIST, CXD_OPTION_REQUIRED, NULL,
     "Buckets to collect; options here win over those at the root", config_bucket_options},
    CONFIG_SHARED("3", "true", "15s", "1000", "0", NULL, "0s", "false"),
    {"retry.max_attempts", CXD_OPTION_INT, 0, "3", "Tries of an object in a row, 1 to 100", NULL},
    {"retry.initial_backoff_duration", CXD_OPTION_DURATION, 0, "1s", "Wait before the second try",
     NULL},
    {"retry.max_backoff_duration", CXD_OPTION_DURATION, 0, "30s", "Longest wait between tries",
     NULL},
    {"retry.backoff_multiplier", CXD_OPTION_DOUBLE, 0, "2", "Growth of the wait, 1 to 10", NULL},
    {"max_line_size", CXD_OPTION_SIZE, CXD_OPTION_ADVANCED, "16MiB",
     "Longest record, 1 KiB to 256 MiB; a longer one goes to the dead letters by its head", NULL},
    {"stall_timeout", CXD_OPTION_DURATION, CXD_OPTION_ADVANCED, "60s",
     "A transfer that brings nothing for so long is broken off and tried again, 1s to 1h", NULL},
    {"coordination", CXD_OPTION_STRING, 0, "none",
     "kafka: several agents share the buckets, by a topic and a consumer group; none: this agent "
     "collects them alone",
     NULL},
    {"kafka.hosts", CXD_OPTION_STRING_LIST, 0, NULL,
     "Brokers to begin with, as NAME or NAME:PORT (9092); at most 64", NULL},
    {"kafka.topic", CXD_OPTION_STRING, 0, NULL,
     "Topic of these buckets alone, with a few partitions for each agent", NULL},
    {"kafka.group_id", CXD_OPTION_STRING, 0, NULL,
     "Consumer group of the agents; without it cortexd- and the topic", NULL},
    {"kafka.client_id", CXD_OPTION_STRING, CXD_OPTION_ADVANCED, "cortexd",
     "Name in the brokers' logs and quotas", NULL},
    {"kafka.timeout", CXD_OPTION_DURATION, CXD_OPTION_ADVANCED, "30s",
     "Time for one request to the brokers, 1s to 5m", NULL},
    {"kafka.session_timeout", CXD_OPTION_DURATION, CXD_OPTION_ADVANCED, "30s",
     "An agent that is silent for so long loses its share to the others, 6s to 5m", NULL},
    {"kafka.username", CXD_OPTION_STRING, 0, NULL, "User for SASL, with kafka.password", NULL},
    {"kafka.password", CXD_OPTION_STRING, CXD_OPTION_SECRET, NULL, "The user's password", NULL},
    {"kafka.sasl.mechanism", CXD_OPTION_STRING, 0, NULL,
     "PLAIN (default), SCRAM-SHA-256 or SCRAM-SHA-512", NULL},
    {"kafka.ssl.enabled", CXD_OPTION_BOOL, 0, NULL,
     "TLS to the brokers; without it: when another kafka.ssl option is given", NULL},
    {"kafka.ssl.certificate_authorities", CXD_OPTION_STRING_LIST, 0, NULL,
     "CA certificates, as file paths or PEM text; without it the system's", NULL},
    {"kafka.ssl.certificate", CXD_OPTION_STRING, 0, NULL, "Client certificate, path or PEM", NULL},
    {"kafka.ssl.key", CXD_OPTION_STRING, CXD_OPTION_SECRET, NULL, "Client key, path or PEM", NULL},
    {"kafka.ssl.key_passphrase", CXD_OPTION_STRING, CXD_OPTION_SECRET, NULL,
     "Passphrase of the key", NULL},
    {"kafka.ssl.verification_mode", CXD_OPTION_STRING, 0, NULL,
     "full (default): chain and host name; certificate: chain only; none: nothing (tests only)",
     NULL},
    CXD_HTTP_OPTIONS,
    {NULL, 0, 0, NULL, NULL, NULL},
};
