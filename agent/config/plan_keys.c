/* plan_keys.c: see the header. */
#include "config/plan_keys.h"

#include <stddef.h>

#define ROW(name, type, fallback, help)                                                            \
    {                                                                                              \
        name, CXD_OPTION_##type, 0, fallback, help, NULL                                           \
    }
#define END                                                                                        \
    {                                                                                              \
        NULL, 0, 0, NULL, NULL, NULL                                                               \
    }

static const struct cxd_option agent_keys[] = {
    ROW("path.data", STRING, "/var/lib/cortexd", "State folder: cursors, queue, dead letters, id"),
    ROW("state", STRING, "folder",
        "Where cursors are kept: folder, or elasticsearch: in an output's cluster, for agents "
        "without a disk"),
    ROW("state.output", STRING, NULL, "Which output's; the first that is used"),
    ROW("state.index", STRING, "cortexd-state", "Index there"),
    ROW("modules.path", STRING_LIST, NULL, "Folders that are searched for modules first"),
    ROW("logging.level", STRING, "info", "error, warn, info or debug"),
    ROW("queue.mem.bytes", SIZE, "8MiB", "Documents that wait for an output, in memory; from 1MiB"),
    ROW("queue.mem.batch_bytes", SIZE, "1MiB", "Size of a batch, 1KiB to 64MiB"),
    ROW("queue.disk.max_size", SIZE, NULL, "Wait on disk, up to so much; from 16MiB"),
    ROW("queue.disk.segment_size", SIZE, NULL,
        "Size of a file, 1MiB to 1GiB; a sixteenth of max_size, at most 64MiB"),
    ROW("queue.disk.path", STRING, NULL, "Folder of the queue; `queue` in the state folder"),
    ROW("queue.disk.key_file", STRING, NULL, "32 random bytes that the queue is sealed with"),
    ROW("shutdown_timeout", DURATION, "30s", "Wait for acknowledgements at a stop, up to 24h"),
    ROW("registry.flush", DURATION, "1s", "How often cursors are made safe; 0: each"),
    ROW("dead_letter.max_size", SIZE, "1GiB", "Room for refused records; then delivery waits"),
    ROW("dead_letter.output", STRING, NULL,
        "Output that refused records are sent to, as logs-cortexd.deadletter-NAMESPACE; none"),
    ROW("dead_letter.namespace", STRING, "default", "The same"),
    ROW("report.enabled", BOOL, "false",
        "Send which policy runs, and how it goes, as metrics-cortexd.policy-NAMESPACE"),
    ROW("report.output", STRING, NULL, "Through which output; the first that is used"),
    ROW("report.period", DURATION, "10m", "How often, besides each change; from 1s"),
    ROW("report.namespace", STRING, "default", "The same as of dead letters"),
    ROW("policy.probation", DURATION, "10s",
        "A new policy is watched for so long: a unit that fails brings the last good one back"),
    ROW("monitoring.http.enabled", BOOL, "false", "Serve status page and metrics"),
    ROW("monitoring.http.host", STRING, "localhost", "Where, an address of this machine"),
    ROW("monitoring.http.port", INT, "6791", "The same"),
    ROW("features.fqdn.enabled", BOOL, "false", "host.name of this machine is fully qualified"),
    ROW("geoip.database", STRING, NULL, "MaxMind city database for addresses"),
    ROW("asn.database", STRING, NULL, "MaxMind ASN database for addresses"),
    END,
};

static const struct cxd_option output_keys[] = {
    {"type", CXD_OPTION_STRING, CXD_OPTION_REQUIRED, NULL, "Name of an output module", NULL},
    ROW("enabled", BOOL, "true", "false: may not be used"),
    ROW("mapping", STRING, "edge",
        "ingest: this cluster maps, documents are as Filebeat sends them"),
    ROW("preset", STRING, "custom", "balanced, throughput, scale or latency: numbers together"),
    ROW("backoff.init", DURATION, "1s", "First wait after a failure"),
    ROW("backoff.max", DURATION, "60s", "Longest wait"),
    ROW("queue.disk", ANY, NULL, "As agent.queue.disk, for this output"),
    END,
};

static const struct cxd_option stream_keys[] = {
    {"type", CXD_OPTION_STRING, CXD_OPTION_REQUIRED, NULL,
     "Name of an input module (in `inputs` only)", NULL},
    ROW("id", STRING, NULL, "Cursors are kept by it; unique"),
    ROW("enabled", BOOL, "true", "false: left out"),
    ROW("condition", STRING, NULL, "Left out when this is false: ${host.platform} == 'linux'"),
    ROW("use_output", STRING, "default", "Name of an output (in `inputs` only)"),
    ROW("data_stream.type", STRING, "logs", "Documents go to TYPE-DATASET-NAMESPACE"),
    ROW("data_stream.dataset", STRING, "generic", "The same; panw_cortex_xdr.* is mapped to ECS"),
    ROW("data_stream.namespace", STRING, "default", "The same"),
    ROW("mapping", STRING, "edge",
        "edge: the agent maps to ECS; ingest: the output's cluster does"),
    ROW("processors", ANY, NULL, "List of processors, the input's before the stream's"),
    ROW("tags", STRING_LIST, NULL, "Tags of each document"),
    ROW("preserve_original_event", BOOL, "false", "Keep the record in event.original"),
    ROW("preserve_duplicate_custom_fields", BOOL, "false", "Keep fields that ECS has as well"),
    ROW("fields", ANY, NULL, "Members for each document"),
    ROW("fields_under_root", BOOL, "false", "Not below `fields`"),
    ROW("keep_null", BOOL, "false", "Keep members that are null"),
    ROW("index", STRING, NULL, "Name in place of the data stream's, with %{+yyyy.MM.dd}"),
    ROW("pipeline", STRING, NULL, "Ingest pipeline for the documents"),
    END,
};

static const struct cxd_option provider_keys[] = {
    ROW("local.vars", ANY, NULL, "What ${local.NAME} gives: names and values of any shape"),
    ROW("filesource.sources", ANY, NULL,
        "What ${filesource.NAME} gives: {NAME: {path: FILE, type: raw}}, watched"),
    ROW("filesource.max_size", SIZE, "4KiB", "Largest file of these, 1 to 1MiB"),
    END,
};

static const struct {
    const char *name;
    const struct cxd_option *keys;
} places[PLAN_PLACES] = {[PLAN_AGENT] = {"agent", agent_keys},
                         [PLAN_OUTPUT] = {"outputs", output_keys},
                         [PLAN_STREAM] = {"inputs", stream_keys},
                         [PLAN_PROVIDERS] = {"providers", provider_keys}};

const struct cxd_option *plan_keys(enum plan_place place)
{
    return places[place].keys;
}

const char *plan_place_name(enum plan_place place)
{
    return places[place].name;
}
