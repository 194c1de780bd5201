/* stream.c: plan to runner. */
#include "front/run/stream.h"

#include "base/clock.h"
#include "base/status.h"
#include "base/text.h"
#include "front/run/guard.h"
#include "front/run/processors.h"
#include "gate/self.h"
#include "io/doc.h"
#include "pipeline/bind.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MESSAGE_MAX (16u << 20)
#define ONCE_TRIES 8

static int module_find(struct agent_stream *s, const struct catalog *catalog, struct units *units,
                       struct cxd_error *err)
{
    const char *type = s->plan->type;

    s->module = catalog_find(catalog, CXD_INPUT, type);
    if (s->module == NULL) {
        return conf_error(err, s->plan->input != NULL ? s->plan->input : s->plan->stream,
                          "there is no input module of type \"%.80s\" (see: cortexd modules)",
                          type);
    }
    (void)snprintf(s->subject, sizeof s->subject, "inputs.%s", s->module->name);
    s->unit = units_get(units, "input", s->plan->id, s->subject);
    return s->unit != NULL ? CXD_OK
                           : cxd_error_set(err, CXD_NOMEM, "%s: out of memory", s->plan->id);
}

static int options_read(struct agent_stream *s, struct cxd_error *err)
{
    char owner[80];
    struct option_source source = {.layers = {s->plan->stream, s->plan->input},
                                   .skip = plan_stream_skip,
                                   .owner = owner,
                                   .at = s->plan->input != NULL ? s->plan->input : s->plan->stream,
                                   .unknown = s->plan->settings->unknown};

    (void)snprintf(owner, sizeof owner, "input %.60s", s->module->name);
    return option_build(s->module->options, &source, &s->options, err);
}

/* What the module itself has to say about its options, with the place in the policy in front. */
static int options_check(struct agent_stream *s, struct cxd_error *err)
{
    static const struct self_ops no_ops = {.event_new = NULL};
    const struct conf *at = s->plan->stream != NULL ? s->plan->stream : s->plan->input;
    const struct cxd_input_ops *ops = s->module->ops;
    struct cxd_self self = {.subject = s->subject, .stopping = &s->stopping, .ops = &no_ops};
    struct cxd_error why = CXD_ERROR_INIT;
    int r = CXD_OK;

    if (CXD_HAS(ops, check) && ops->check != NULL) {
        r = ops->check(bind_host(), &self, doc_bytes(s->options), &why);
    }
    if (r == CXD_OK) {
        return r;
    }
    status_explain(&why, r);
    (void)conf_error(err, at, "%s", why.text);
    if (err != NULL) {
        err->status = r;
    }
    return r;
}

static void field_add(struct agent_stream *s, const char *key, uint8_t kind, const char *json,
                      int is_open)
{
    struct cxd_value value = {.ptr = json, .len = (uint32_t)strlen(json), .kind = kind};

    s->fields[s->field_count++] =
        (struct intake_field){.key = {key, strlen(key)}, .value = value, .is_open = is_open};
}

/* JSON text that the stream owns. */
__attribute__((format(printf, 2, 3))) static const char *text_own(struct agent_stream *s,
                                                                  const char *format, ...)
{
    char *text;
    va_list args;
    int len;

    va_start(args, format);
    len = vasprintf(&text, format, args);
    va_end(args);
    if (len < 0) {
        return NULL;
    }
    s->texts[s->field_count] = text;
    return text;
}

/* What every event of the stream carries, in Beats' names. */
static int fields_make(struct agent_stream *s, const struct identity *who, struct cxd_error *err)
{
    char name[600];
    size_t name_len = text_quote((struct cxd_bytes){who->host_name, strlen(who->host_name)}, name,
                                 sizeof name - 1);
    const char *agent;
    const char *input;

    name[name_len] = '\0';
    field_add(s, "data_stream", CXD_KIND_OBJECT, s->plan->data_stream, 0);
    agent = text_own(s,
                     "{\"type\":\"cortexd\",\"id\":\"%s\",\"ephemeral_id\":\"%s\",\"name\":%s,"
                     "\"version\":\"%s\"}",
                     who->id, who->ephemeral_id, name_len > 0 ? name : "\"\"", CXD_VERSION);
    if (agent == NULL) {
        return cxd_error_set(err, CXD_NOMEM, "%s: out of memory", s->plan->id);
    }
    field_add(s, "agent", CXD_KIND_OBJECT, agent, 1);
    input = text_own(s, "{\"type\":\"%s\"}", s->module->name);
    if (input == NULL) {
        return cxd_error_set(err, CXD_NOMEM, "%s: out of memory", s->plan->id);
    }
    field_add(s, "input", CXD_KIND_OBJECT, input, 0);
    if (strcmp(s->plan->tags, "[]") != 0) {
        field_add(s, "tags", CXD_KIND_LIST, s->plan->tags, 1);
    }
    field_add(s, "ecs", CXD_KIND_OBJECT, "{\"version\":\"8.11.0\"}", 1);
    return CXD_OK;
}

/* The mapping that the data stream implies, as if the policy had named it, with the databases of the agent's settings. */
static int mapping_add(struct agent_stream *s, const struct processors_spec *spec,
                       struct cxd_error *err)
{
    const struct plan_settings *settings = s->plan->settings;
    const char *const options[][2] = {{"data_stream", s->plan->mapping},
                                      {"geoip.database", settings->geoip_database},
                                      {"asn.database", settings->asn_database}};
    struct conf members[3];
    struct conf map = {
        .kind = CONF_MAP, .file = s->plan->stream->file, .line = s->plan->stream->line};
    struct conf **end = &map.first;
    int count = 0;

    for (int i = 0; i < 3; i++) {
        if (options[i][1] != NULL) {
            members[count] = (struct conf){.kind = CONF_SCALAR,
                                           .key = options[i][0],
                                           .text = options[i][1],
                                           .len = strlen(options[i][1]),
                                           .file = map.file,
                                           .line = map.line};
            *end = &members[count++];
            end = &(*end)->next;
        }
    }
    return processors_add(spec, "ecs", &map, err);
}

static int chain_build(struct agent_stream *s, const struct catalog *catalog, struct cxd_error *err)
{
    const struct processors_spec spec = {.catalog = catalog,
                                         .chain = intake_chain(s->intake),
                                         .ops = &intake_processor_ops,
                                         .owner = s->intake,
                                         .is_fqdn = s->plan->settings->is_fqdn,
                                         .at = s->plan->stream};
    int r = processors_build(&spec, s->plan->processors, err);

    s->has_mapping = s->plan->mapping != NULL || plan_has_processor(s->plan->processors, "ecs");
    return r == CXD_OK && s->plan->mapping != NULL ? mapping_add(s, &spec, err) : r;
}

static struct cxd_bytes text_bytes(const char *text)
{
    return (struct cxd_bytes){text, text != NULL ? strlen(text) : 0};
}

/* The name that documents go to: the data stream's, or what `index` says. */
static int index_choose(struct agent_stream *s, struct cxd_error *err)
{
    static const struct index_words words = {.name = "cortexd", .version = CXD_VERSION};
    const struct conf *wanted = s->plan->index_override;
    struct cxd_error why = CXD_ERROR_INIT;
    uint32_t len;

    s->index = (struct cxd_bytes){s->plan->index, strlen(s->plan->index)};
    if (wanted == NULL) {
        return CXD_OK;
    }
    if (index_name_read(wanted->text, &words, &s->dated, &why) != CXD_OK) {
        return conf_error(err, wanted, "%s", why.text);
    }
    len = index_name_write(&s->dated, clock_wall_ms(), s->index_text);
    s->index = (struct cxd_bytes){s->index_text, len};
    return CXD_OK;
}

/* An output that does not read the name would ship the documents past the pipeline that they need. */
static int pipeline_check(const struct agent_stream *s, struct cxd_error *err)
{
    const struct cxd_output_ops *ops = s->output->module->ops;
    const struct conf *at = conf_find(s->plan->stream, "pipeline");

    if (s->plan->pipeline == NULL ||
        (CXD_HAS(ops, carries) && (ops->carries & CXD_CARRY_PIPELINE) != 0)) {
        return CXD_OK;
    }
    return conf_error(err, at != NULL ? at : s->plan->stream,
                      "pipeline: output \"%s\" (%s) cannot carry an ingest pipeline's name; "
                      "elasticsearch can",
                      s->output->plan->name, s->output->module->name);
}

static int intake_build(struct agent_stream *s, struct cxd_error *err)
{
    const struct intake_spec spec = {
        .stream = s->plan->id,
        .index = s->index,
        .dated = s->dated.is_dated ? &s->dated : NULL,
        .pipeline = text_bytes(s->plan->pipeline),
        .is_null_kept = s->plan->is_null_kept,
        .is_message_kept =
            s->plan->mapping == NULL && !plan_has_processor(s->plan->processors, "ecs"),
        .dataset = text_bytes(s->plan->is_ingest ? s->plan->dataset : NULL),
        .is_id_made = s->plan->is_ingest && s->plan->is_ours,
        .message_max = MESSAGE_MAX,
        .unit = s->unit,
        .queue = s->output->queue,
        .stopping = &s->stopping};

    return intake_open(&spec, bind_host(), &s->intake, err);
}

int stream_build(const struct plan_stream *plan, const struct catalog *catalog,
                 struct agent_output *output, struct units *units, struct agent_stream **ret_stream,
                 struct cxd_error *err)
{
    struct agent_stream *s = calloc(1, sizeof *s);
    int r;

    if (s == NULL) {
        return cxd_error_set(err, CXD_NOMEM, "%s: out of memory", plan->id);
    }
    s->plan = plan;
    s->output = output;
    r = module_find(s, catalog, units, err);
    r = r != CXD_OK ? r : options_read(s, err);
    r = r != CXD_OK ? r : options_check(s, err);
    r = r != CXD_OK ? r : index_choose(s, err);
    r = r != CXD_OK ? r : pipeline_check(s, err);
    r = r != CXD_OK ? r : intake_build(s, err);
    r = r != CXD_OK ? r : chain_build(s, catalog, err);
    if (r != CXD_OK) {
        stream_free(s);
        return r;
    }
    *ret_stream = s;
    return CXD_OK;
}

int stream_link(struct agent_stream *s, const struct identity *identity, struct dead *dead,
                struct registry *registry, struct cxd_error *err)
{
    struct intake_links links = {.dead = dead};
    int r = fields_make(s, identity, err);

    if (r != CXD_OK) {
        return r;
    }
    s->track = track_new(s->plan->id, registry);
    if (s->track == NULL) {
        return cxd_error_set(err, CXD_NOMEM, "%s: out of memory", s->plan->id);
    }
    links.track = s->track;
    links.fields = s->fields;
    links.field_count = s->field_count;
    links.laid = text_bytes(s->plan->fields);
    intake_link(s->intake, &links);
    return CXD_OK;
}

int stream_start(struct agent_stream *s, struct registry *registry, int is_once,
                 void (*ended)(void *owner), struct cxd_error *err)
{
    const struct runner_spec spec = {.id = s->plan->id,
                                     .module = s->module,
                                     .options = doc_bytes(s->options),
                                     .intake = s->intake,
                                     .queue = s->output->queue,
                                     .registry = registry,
                                     .unit = s->unit,
                                     .host = bind_host(),
                                     .stopping = &s->stopping,
                                     .flush_ms = s->output->plan->queue.flush_ms,
                                     .is_once = is_once,
                                     .once_tries = ONCE_TRIES,
                                     .ended = ended,
                                     .owner = s};

    return runner_start(&spec, &s->runner, err);
}

void stream_stop(struct agent_stream *s)
{
    atomic_store(&s->stopping, 1);
    if (s->runner != NULL) {
        runner_interrupt(s->runner);
    }
}

void stream_join(struct agent_stream *s)
{
    guard_at("input", s->plan->id, s->module->name);
    runner_free(s->runner);
    s->runner = NULL;
}

void stream_free(struct agent_stream *s)
{
    if (s == NULL) {
        return;
    }
    runner_free(s->runner);
    intake_close(s->intake);
    track_free(s->track);
    doc_free(s->options);
    for (size_t i = 0; i < STREAM_FIELDS; i++) {
        free(s->texts[i]);
    }
    free(s);
}
