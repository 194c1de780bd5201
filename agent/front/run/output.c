/* output.c: plan to sender. */
#include "front/run/output.h"

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/log.h"
#include "config/number.h"
#include "front/place.h"
#include "io/doc.h"
#include "io/file.h"
#include "pipeline/bind.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TEMPLATE_MAX (16u << 20)
#define BACKOFF_INIT "1s"
#define BACKOFF_MAX "60s"
#define PLACE_FLUSH_MS 1000

static struct cxd_bytes options_bytes(const struct agent_output *o)
{
    return doc_bytes(o->options);
}

static int module_find(struct agent_output *o, const struct catalog *catalog, struct units *units,
                       struct cxd_error *err)
{
    o->module = catalog_find(catalog, CXD_OUTPUT, o->plan->type);
    if (o->module == NULL) {
        return conf_error(
            err, o->plan->conf,
            "output \"%s\": there is no output module of type \"%.80s\" (see: cortexd "
            "modules)",
            o->plan->name, o->plan->type);
    }
    (void)snprintf(o->subject, sizeof o->subject, "outputs.%s", o->module->name);
    o->unit = units_get(units, "output", o->plan->name, o->subject);
    return o->unit != NULL
               ? CXD_OK
               : cxd_error_set(err, CXD_NOMEM, "output %s: out of memory", o->plan->name);
}

static int has_option(const struct cxd_option *table, const char *name)
{
    while (table->name != NULL && strcmp(table->name, name) != 0) {
        table++;
    }
    return table->name != NULL;
}

/* The preset's options that the module has, below what the policy says. */
static const struct conf *preset_layer(const struct cxd_option *table,
                                       const struct plan_output *plan, struct conf nodes[3])
{
    const char *const options[][2] = {{"worker", plan->preset->worker},
                                      {"compression_level", plan->preset->compression_level}};
    struct conf **end = &nodes[0].first;

    nodes[0] = (struct conf){.kind = CONF_MAP, .file = plan->conf->file, .line = plan->conf->line};
    for (size_t i = 0; i < 2; i++) {
        if (has_option(table, options[i][0])) {
            nodes[i + 1] = (struct conf){.kind = CONF_SCALAR,
                                         .key = options[i][0],
                                         .text = options[i][1],
                                         .len = strlen(options[i][1]),
                                         .file = plan->conf->file,
                                         .line = plan->conf->line};
            *end = &nodes[i + 1];
            end = &nodes[i + 1].next;
        }
    }
    return &nodes[0];
}

int output_build(const struct plan_output *plan, const struct catalog *catalog, struct units *units,
                 struct agent_output **ret_output, struct cxd_error *err)
{
    struct agent_output *o = calloc(1, sizeof *o);
    char owner[160];
    struct conf preset[3];
    struct option_source source = {.layers = {plan->conf},
                                   .skip = plan_output_skip,
                                   .owner = owner,
                                   .at = plan->conf,
                                   .unknown = plan->unknown};
    int r;

    if (o == NULL) {
        return cxd_error_set(err, CXD_NOMEM, "output %s: out of memory", plan->name);
    }
    o->plan = plan;
    (void)snprintf(owner, sizeof owner, "output \"%.60s\" (%.60s)", plan->name, plan->type);
    r = module_find(o, catalog, units, err);
    if (r == CXD_OK && plan->preset != NULL) {
        source.layers[1] = preset_layer(o->module->options, plan, preset);
    }
    r = r != CXD_OK ? r : option_build(o->module->options, &source, &o->options, err);
    if (r == CXD_OK) {
        o->queue = queue_new((size_t)plan->queue.mem_bytes, (size_t)plan->queue.batch_bytes);
        r = o->queue != NULL
                ? CXD_OK
                : cxd_error_set(err, CXD_NOMEM, "output %s: out of memory", plan->name);
    }
    if (r != CXD_OK) {
        output_free(o);
        return r;
    }
    *ret_output = o;
    return CXD_OK;
}

static int backoff_read(const struct conf *conf, const char *path, const char *fallback,
                        int64_t *ret_ms, struct cxd_error *err)
{
    if (number_duration_ms(conf_text(conf, path, fallback), ret_ms) != CXD_OK || *ret_ms < 1) {
        return conf_error(err, conf_find(conf, path), "%s: expected a duration (1s, 60s)", path);
    }
    return CXD_OK;
}

/* The name as that of a folder: letters, digits and "-_." stay, all else is hex. */
static void folder_name(const char *name, char *out, size_t room)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";
    size_t at = 0;

    for (; *name != '\0' && at + 4 < room; name++) {
        if (strchr(plain, *name) != NULL || (*name == '.' && at > 0)) {
            out[at++] = *name;
        } else {
            at += (size_t)snprintf(out + at, room - at, "%%%02x", (unsigned)(unsigned char)*name);
        }
    }
    out[at] = '\0';
}

/* A policy that has turned to the queue in memory does not send what an earlier one left on disk. */
static void left_warn(const struct agent_output *o, const char *folder)
{
    char place[PATH_MAX];

    if (snprintf(place, sizeof place, "%s/place.bson", folder) < (int)sizeof place &&
        access(place, F_OK) == 0) {
        LOG(CXD_LOG_WARN, "pipeline.spool",
            "%s: %s holds a queue that queue.disk would send; it is left alone", o->plan->name,
            folder);
    }
}

int output_queue_open(struct agent_output *o, const char *data_path, struct dead *dead,
                      struct cxd_error *err)
{
    const struct plan_queue *plan = &o->plan->queue;
    struct seal_key key;
    char name[512];
    char folder[PATH_MAX];
    struct spooler_spec spec = {
        .spool = {.folder = folder, .segment_bytes = (uint64_t)plan->segment_bytes},
        .max_bytes = (uint64_t)plan->disk_bytes,
        .queue = o->queue,
        .unit = o->unit,
        .dead = dead,
        .flush_ms = PLACE_FLUSH_MS};
    int r = CXD_OK;

    folder_name(o->plan->name, name, sizeof name);
    if (snprintf(folder, sizeof folder, "%s%s/%s", plan->path != NULL ? plan->path : data_path,
                 plan->path != NULL ? "" : "/queue", name) >= (int)sizeof folder) {
        return conf_error(err, o->plan->conf, "queue.disk.path is too long");
    }
    if (plan->disk_bytes == 0) {
        left_warn(o, folder);
        return CXD_OK;
    }
    if (plan->key_file != NULL) {
        r = seal_key_read(plan->key_file, &key, err);
        spec.spool.key = &key;
    }
    r = r != CXD_OK ? r : spooler_open(&spec, &o->spooler, err);
    if (r == CXD_OK) {
        o->found = (int64_t)queue_events(o->queue);
    }
    if (plan->key_file != NULL) {
        seal_key_wipe(&key);
    }
    return r == CXD_OK ? r : cxd_error_wrap(err, "output %s", o->plan->name);
}

static int sender_spec_make(struct agent_output *o, struct dead *dead, const struct cxd_host *host,
                            struct sender_spec *ret_spec, struct cxd_error *err)
{
    struct cxd_scalar workers = doc_get(options_bytes(o), "worker");
    struct sender_spec spec = {.id = o->plan->name,
                               .module = o->module,
                               .options = options_bytes(o),
                               .queue = o->queue,
                               .unit = o->unit,
                               .dead = dead,
                               .workers = 1,
                               .host = host,
                               .stopping = &o->stopping};
    int r = backoff_read(o->plan->conf, "backoff.init", BACKOFF_INIT, &spec.backoff_first_ms, err);

    r = r != CXD_OK
            ? r
            : backoff_read(o->plan->conf, "backoff.max", BACKOFF_MAX, &spec.backoff_max_ms, err);
    if (r != CXD_OK) {
        return r;
    }
    if (workers.type == CXD_INT) {
        if (workers.number < 1 || workers.number > 64) {
            return conf_error(err, o->plan->conf, "output \"%s\": worker: expected 1 to 64",
                              o->plan->name);
        }
        spec.workers = (unsigned)workers.number;
    }
    *ret_spec = spec;
    return CXD_OK;
}

int output_open(struct agent_output *o, struct dead *dead, const struct cxd_host *host,
                struct cxd_error *err)
{
    struct sender_spec spec;
    int r = sender_spec_make(o, dead, host, &spec, err);

    return r == CXD_OK ? sender_open(&spec, &o->sender, err) : r;
}

/* It takes nothing from the queue, and its end must not be that of the queue: the others go on. */
static int apart_open(struct agent_output *o, const struct cxd_host *host,
                      struct sender **ret_sender, struct cxd_error *err)
{
    struct sender_spec spec;
    int r = sender_spec_make(o, NULL, host, &spec, err);

    spec.workers = 1;
    spec.queue = NULL;
    return r != CXD_OK ? r : sender_open(&spec, ret_sender, err);
}

int output_open_apart(struct agent_output *o, const struct cxd_host *host, struct cxd_error *err)
{
    return apart_open(o, host, &o->sender, err);
}

/* By an instance of its own when the others are at work. */
static int template_put(struct agent_output *o, const char *name, struct cxd_bytes text,
                        struct cxd_error *err)
{
    struct sender *apart = NULL;
    int r;

    if (!o->is_started) {
        return sender_setup(o->sender, name, text, err);
    }
    r = apart_open(o, bind_host(), &apart, err);
    r = r != CXD_OK ? r : sender_setup(apart, name, text, err);
    sender_stop(apart);
    return r;
}

int output_setup(struct agent_output *o, const struct plan_stream *stream, struct cxd_error *err)
{
    struct cxd_scalar wanted = doc_get(options_bytes(o), "setup.template.enabled");
    _cleanup_(buf_done) struct buf text;
    char name[300];
    char path[PATH_MAX];
    int r;

    buf_init(&text, TEMPLATE_MAX);
    if (wanted.type != CXD_BOOL || !wanted.number) {
        return CXD_OK;
    }
    (void)snprintf(name, sizeof name, "template/logs-%s.json", stream->dataset);
    if (place_schema(name, path, sizeof path) != CXD_OK) {
        LOG(CXD_LOG_WARN, o->subject,
            "%s: no index template is known for %s; the destination's own rules apply",
            o->plan->name, stream->dataset);
        return CXD_OK;
    }
    r = file_read(path, &text, NULL, err);
    if (r != CXD_OK) {
        return r;
    }
    (void)snprintf(name, sizeof name, "logs-%s", stream->dataset);
    return template_put(o, name, (struct cxd_bytes){text.ptr, text.len}, err);
}

int output_setup_own(struct agent_output *o, const char *name, const char *template_json,
                     struct cxd_error *err)
{
    struct cxd_scalar wanted = doc_get(options_bytes(o), "setup.template.enabled");

    return wanted.type == CXD_BOOL && wanted.number
               ? sender_setup(o->sender, name,
                              (struct cxd_bytes){template_json, strlen(template_json)}, err)
               : CXD_OK;
}

void output_free(struct agent_output *o)
{
    if (o != NULL) {
        sender_stop(o->sender);
        spooler_free(o->spooler);
        queue_free(o->queue);
        doc_free(o->options);
        free(o);
    }
}
