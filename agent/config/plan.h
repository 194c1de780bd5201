/*
 * plan.h: what a policy asks for: settings, outputs and streams, each with the place it came from.
 *
 * The shape is a standalone Elastic Agent policy's: `outputs` by name, `inputs` with type, id, data_stream and streams. What
 * belongs to a module (its options) stays a piece of the tree and is checked against the module's table by option_build.
 * Everything points into the arena and the tree it was read from.
 */
#pragma once

#include "config/conf.h"
#include "config/option.h"
#include "config/plan_preset.h"
#include "config/plan_queue.h"

#include <stdint.h>

/* A key that nobody knows is worth a warning: called with "file:line: ...". NULL: quiet. */
typedef void (*plan_warn_fn)(const char *text);

struct plan_output {
    struct plan_output *next;
    const char *name;
    const char *type;
    const struct conf *conf;
    struct plan_queue queue;
    const struct plan_preset *preset; /* NULL: none */
    int is_used;
    plan_warn_fn
        unknown; /* of options, in a policy of a fleet, which may be of another version: see option.h; else NULL */
};

struct plan_processor {
    struct plan_processor *next;
    const char *type;        /* "if": conf is the whole item, with if, then, else */
    const struct conf *conf; /* its options; NULL: none */
};

struct plan_settings;

struct plan_stream {
    struct plan_stream *next;
    const struct plan_settings *settings;
    const char *id;
    const char *input_id;
    const char *type; /* of the input */
    const char *dataset;
    const char *namespace_;
    const char *index;       /* type-dataset-namespace */
    const char *data_stream; /* JSON object for the events */
    const char *tags;        /* JSON list for the events */
    const char
        *mapping;  /* data stream whose mapping the ecs processor does at the edge; NULL: none */
    int is_ingest; /* mapping: ingest: the destination maps; documents as Filebeat sends them */
    int is_ours;   /* its data set is one of panw_cortex_xdr: equal records are the same */
    const char *fields;   /* JSON object of the policy's own members of each event; NULL: none */
    const char *pipeline; /* ingest pipeline for the documents; NULL: the destination's choice */
    const struct conf *index_override; /* name pattern in place of index; NULL: none */
    int is_null_kept;                  /* keep_null */
    const struct conf *stream;         /* options */
    const struct conf *input;          /* options too, where the stream says nothing */
    struct plan_output *output;
    struct plan_processor *processors;
};

/* Documents of the agent's own. */
struct plan_mail {
    struct plan_output *output; /* NULL: none are sent */
    const char *index;          /* type-dataset-namespace */
};

struct plan_settings {
    const char *log_level;
    const char *data_path;
    const char *monitor_host; /* where the status is served by TCP; NULL: nowhere */
    int64_t monitor_port;
    int is_fqdn;              /* this machine's name in documents is fully qualified */
    const char *geoip_database; /* MaxMind files for the mapping at the edge; NULL: none */
    const char *asn_database;
    const struct conf *module_paths;  /* list or text; NULL: none */
    struct plan_output *state_output; /* that keeps the cursors; NULL: the state folder does */
    const char *state_index;
    struct plan_mail dead_mail; /* dead letters */
    struct plan_mail report;    /* of which policy runs */
    int64_t report_period_ms;
    int64_t queue_bytes;
    int64_t batch_bytes;
    int64_t shutdown_ms;
    int64_t probation_ms; /* a policy that is applied while the agent runs is watched for so long */
    int64_t registry_flush_ms;
    int64_t dead_bytes;
    struct plan_queue queue; /* for outputs that say nothing */
    plan_warn_fn unknown;    /* as an output's */
};

struct plan {
    struct plan_output *outputs;
    struct plan_stream *streams;
    struct plan_settings settings;
};

/* CXD_CONFIG: "file:line: what was expected". Disabled inputs and streams are left out; unused outputs stay, unused. */
int plan_read(const struct conf *root, struct arena *arena, plan_warn_fn warn,
              struct plan **ret_plan, struct cxd_error *err);

/* 1 when the processor stands in the list, inside a branch too. */
int plan_has_processor(const struct plan_processor *first, const char *type);
/* Keys of a stream or input that are the agent's, not the module's; the same for outputs. */
int plan_stream_skip(const char *path);
int plan_output_skip(const char *path);
