/*
 * plan.c: policy tree to plan: structure, names, data streams. Knows the policy's own keys; no module's.
 */
#include "config/plan.h"

#include "config/plan_parts.h"
#include "config/plan_pick.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define FLUSH_MS 1000 /* a part-filled batch waits so long */

/* The key itself, or one below it, as in `data_stream.dataset: x`. */
static int key_in(const char *const *words, const char *path)
{
    for (; *words != NULL; words++) {
        size_t len = strlen(*words);
        if (strncmp(*words, path, len) == 0 && (path[len] == '\0' || path[len] == '.')) {
            return 1;
        }
    }
    return 0;
}

int plan_stream_skip(const char *path)
{
    static const char *const words[] = {"id",
                                        "type",
                                        "enabled",
                                        "name",
                                        "revision",
                                        "meta",
                                        "policy",
                                        "streams",
                                        "use_output",
                                        "data_stream",
                                        "package_policy_id",
                                        "processors",
                                        "tags",
                                        "mapping",
                                        "log_level",
                                        "condition",
                                        "package",
                                        "policy_id",
                                        "policy_ids",
                                        "secret_paths",
                                        "release",
                                        "_runtime_experimental",
                                        "preserve_original_event",
                                        "preserve_duplicate_custom_fields",
                                        "publisher_pipeline",
                                        "fields",
                                        "fields_under_root",
                                        "keep_null",
                                        "index",
                                        "pipeline",
                                        NULL};

    return key_in(words, path);
}

int plan_output_skip(const char *path)
{
    static const char *const words[] = {"type",  "enabled", "backoff", "preset",
                                        "queue", "mapping", NULL};

    return key_in(words, path);
}

static int output_read(const struct conf *node, struct arena *arena,
                       struct plan_output **ret_output, struct cxd_error *err)
{
    struct plan_output *out = arena_alloc(arena, sizeof *out);

    if (out == NULL) {
        return conf_error(err, node, "out of memory");
    }
    *out = (struct plan_output){.name = node->key, .conf = node};
    if (node->kind != CONF_MAP) {
        return conf_error(err, node,
                          "output \"%s\": expected its keys (type: elasticsearch, hosts: ...)",
                          node->key);
    }
    out->type = conf_text(node, "type", NULL);
    if (out->type == NULL) {
        return conf_error(err, node,
                          "output \"%s\" needs a type (elasticsearch, kafka, file, console)",
                          node->key);
    }
    *ret_output = out;
    return CXD_OK;
}

/* Where its documents wait: the agent's words, then the preset's, then the usual; on disk as the output says, or the agent. */
static int queue_choose(const struct conf *root, const struct plan *plan, struct plan_output *out,
                        struct cxd_error *err)
{
    int r = plan_preset_find(out->conf, &out->preset, err);

    if (r != CXD_OK) {
        return r;
    }
    out->queue = plan->settings.queue;
    out->queue.mem_bytes = plan->settings.queue_bytes;
    out->queue.batch_bytes = plan->settings.batch_bytes;
    out->queue.flush_ms = out->preset != NULL ? out->preset->flush_ms : FLUSH_MS;
    if (out->preset != NULL && conf_is_null(conf_find(root, "agent.queue.mem.bytes"))) {
        out->queue.mem_bytes = out->preset->queue_bytes;
    }
    if (out->preset != NULL && conf_is_null(conf_find(root, "agent.queue.mem.batch_bytes"))) {
        out->queue.batch_bytes = out->preset->batch_bytes;
    }
    r = plan_queue_read(out->conf, "", &out->queue, err);
    return r != CXD_OK ? r : plan_queue_check(out->conf, &out->queue, err);
}

static int outputs_read(const struct conf *root, struct arena *arena, struct plan *plan,
                        struct cxd_error *err)
{
    const struct conf *outputs = conf_find(root, "outputs");
    struct plan_output **end = &plan->outputs;

    if (outputs == NULL || outputs->kind != CONF_MAP || outputs->first == NULL) {
        return conf_error(err, outputs != NULL ? outputs : root,
                          "expected outputs: with one output at least (outputs: {default: {type: "
                          "file, path: ...}})");
    }
    for (const struct conf *node = outputs->first; node != NULL; node = node->next) {
        const struct conf *output = node;
        int r = node->kind == CONF_MAP ? conf_undot(node, arena, &output, err) : CXD_OK;
        r = r != CXD_OK ? r : output_read(output, arena, end, err);
        if (r != CXD_OK) {
            return r;
        }
        (*end)->unknown = plan->settings.unknown;
        r = queue_choose(root, plan, *end, err);
        if (r != CXD_OK) {
            return r;
        }
        end = &(*end)->next;
    }
    return CXD_OK;
}

__attribute__((format(printf, 2, 3))) static const char *format(struct arena *arena,
                                                                const char *pattern, ...)
{
    char text[512];
    va_list args;
    int len;

    va_start(args, pattern);
    len = vsnprintf(text, sizeof text, pattern, args);
    va_end(args);
    return len >= 0 && (size_t)len < sizeof text ? arena_copy(arena, text, (size_t)len) : NULL;
}

/* Elasticsearch's rules for data stream parts, narrowed to what is safe everywhere. */
static int part_check(const struct conf *at, const char *what, const char *text,
                      struct cxd_error *err)
{
    size_t len = strlen(text);

    if (len == 0 || len > 100 || strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789._") != len ||
        text[0] == '.' || text[0] == '_') {
        return conf_error(err, at,
                          "%s \"%.100s\": expected 1 to 100 of a-z 0-9 . _ (no -, which parts the "
                          "names), no leading . or _",
                          what, text);
    }
    return CXD_OK;
}

static const char *either_text(const struct plan_stream *s, const char *path, const char *fallback)
{
    return conf_text(s->stream, path, conf_text(s->input, path, fallback));
}

static int data_stream_read(struct plan_stream *s, struct arena *arena, struct cxd_error *err)
{
    const char *type = either_text(s, "data_stream.type", "logs");
    int r;

    s->dataset = either_text(s, "data_stream.dataset", "generic");
    s->namespace_ = either_text(s, "data_stream.namespace", "default");
    r = part_check(s->stream, "data_stream.type", type, err);
    r = r != CXD_OK ? r : part_check(s->stream, "data_stream.dataset", s->dataset, err);
    r = r != CXD_OK ? r : part_check(s->stream, "data_stream.namespace", s->namespace_, err);
    if (r != CXD_OK) {
        return r;
    }
    s->index = format(arena, "%s-%s-%s", type, s->dataset, s->namespace_);
    s->data_stream = format(arena, "{\"type\":\"%s\",\"dataset\":\"%s\",\"namespace\":\"%s\"}",
                            type, s->dataset, s->namespace_);
    return s->index != NULL && s->data_stream != NULL ? CXD_OK
                                                      : conf_error(err, s->stream, "out of memory");
}

/* mapping: edge (default) runs the ecs processor for the data streams of the integration; ingest ships records as Filebeat would. Of
 * the stream, its input, or the output whose cluster has the pipelines. */
static int mapping_read(struct plan_stream *s, struct cxd_error *err)
{
    static const char front[] = "panw_cortex_xdr.";
    const char *where = either_text(s, "mapping", conf_text(s->output->conf, "mapping", "edge"));

    if (strcmp(where, "edge") != 0 && strcmp(where, "ingest") != 0) {
        return conf_error(err, s->stream, "mapping \"%.40s\": expected edge or ingest", where);
    }
    s->is_ingest = strcmp(where, "ingest") == 0;
    s->is_ours = strncmp(s->dataset, front, sizeof front - 1) == 0;
    if (!s->is_ingest && s->is_ours && !plan_has_processor(s->processors, "ecs")) {
        s->mapping = s->dataset + sizeof front - 1;
    }
    return CXD_OK;
}

static int output_choose(struct plan *plan, struct plan_stream *s, struct cxd_error *err)
{
    const char *wanted = either_text(s, "use_output", "default");

    for (struct plan_output *o = plan->outputs; o != NULL; o = o->next) {
        if (strcmp(o->name, wanted) == 0) {
            int r = plan_is_enabled(o->conf, err);
            if (r <= 0) {
                return r < 0 ? r
                             : conf_error(err, o->conf,
                                          "output \"%s\" is used by \"%s\" but not enabled", wanted,
                                          s->id);
            }
            o->is_used = 1;
            s->output = o;
            return CXD_OK;
        }
    }
    return conf_error(err, s->input != NULL ? s->input : s->stream,
                      "use_output: there is no output \"%.80s\"", wanted);
}

static int stream_finish(struct plan *plan, struct plan_stream *s, struct arena *arena,
                         struct cxd_error *err)
{
    int r = data_stream_read(s, arena, err);

    r = r != CXD_OK ? r : plan_tags_read(s, arena, err);
    r = r != CXD_OK ? r : plan_fields_read(s, arena, err);
    r = r != CXD_OK ? r : plan_processors_read(s, arena, err);
    r = r != CXD_OK ? r : output_choose(plan, s, err);
    return r != CXD_OK ? r : mapping_read(s, err);
}

static int stream_add(struct plan *plan, const struct conf *input, const struct conf *stream,
                      int number, struct arena *arena, struct cxd_error *err)
{
    struct plan_stream *s = arena_alloc(arena, sizeof *s);
    struct plan_stream **end = &plan->streams;

    if (s == NULL) {
        return conf_error(err, input, "out of memory");
    }
    *s = (struct plan_stream){.settings = &plan->settings,
                              .stream = stream,
                              .input = stream != input ? input : NULL,
                              .type = conf_text(input, "type", NULL)};
    s->input_id = conf_text(input, "id", s->type);
    s->id = stream != input ? conf_text(stream, "id", NULL) : s->input_id;
    if (s->id == NULL) {
        s->id = number == 0 ? s->input_id : format(arena, "%s-%d", s->input_id, number);
    }
    if (s->id == NULL || strlen(s->id) > 200) {
        return conf_error(err, stream, "id: expected at most 200 bytes");
    }
    for (; *end != NULL; end = &(*end)->next) {
        if (strcmp((*end)->id, s->id) == 0) {
            return conf_error(err, stream,
                              "id \"%s\" is used twice, first in line %d: cursors are kept by id",
                              s->id, (*end)->stream->line);
        }
    }
    *end = s;
    return stream_finish(plan, s, arena, err);
}

static int input_read(struct plan *plan, const struct conf *input, struct arena *arena,
                      struct cxd_error *err)
{
    const struct conf *streams = conf_find(input, "streams");
    int number = 0;
    int r;

    if (input->kind != CONF_MAP || conf_text(input, "type", NULL) == NULL) {
        return conf_error(err, input, "input: expected keys with a type (- type: gcs)");
    }
    r = plan_pick(input, input, arena, err);
    if (r <= 0) {
        return r;
    }
    r = conf_undot(input, arena, &input, err);
    if (r != CXD_OK) {
        return r;
    }
    if (streams == NULL) {
        return stream_add(plan, input, input, 0, arena, err);
    }
    if (streams->kind != CONF_LIST) {
        return conf_error(err, streams, "streams: expected a list");
    }
    for (const struct conf *s = streams->first; s != NULL; s = s->next, number++) {
        r = s->kind == CONF_MAP ? plan_pick(s, input, arena, err)
                                : conf_error(err, s, "stream: expected keys");
        if (r == 1) {
            const struct conf *stream = NULL;
            r = conf_undot(s, arena, &stream, err);
            r = r != CXD_OK ? r : stream_add(plan, input, stream, number, arena, err);
        }
        if (r != CXD_OK) {
            return r;
        }
    }
    return CXD_OK;
}

/* A policy with id and revision is one of a fleet, and another may follow. */
static int is_central(const struct conf *root)
{
    return conf_text(root, "id", NULL) != NULL && conf_text(root, "revision", NULL) != NULL;
}

static int inputs_read(const struct conf *root, struct arena *arena, struct plan *plan,
                       plan_warn_fn warn, struct cxd_error *err)
{
    const struct conf *inputs = conf_find(root, "inputs");

    if (inputs == NULL || inputs->kind != CONF_LIST) {
        return conf_error(err, inputs != NULL ? inputs : root,
                          "expected inputs: with a list (- type: gcs)");
    }
    for (const struct conf *input = inputs->first; input != NULL; input = input->next) {
        int r = input_read(plan, input, arena, err);
        if (r != CXD_OK) {
            return r;
        }
    }
    if (plan->streams == NULL && !is_central(root)) {
        return plan_left_out(inputs, arena, NULL, err) > 0
                   ? CXD_CONFIG
                   : conf_error(err, inputs, "no input is enabled: nothing to collect");
    }
    (void)plan_left_out(inputs, arena, warn, NULL);
    return CXD_OK;
}

int plan_read(const struct conf *root, struct arena *arena, plan_warn_fn warn,
              struct plan **ret_plan, struct cxd_error *err)
{
    struct plan *plan = arena_alloc(arena, sizeof *plan);
    int r;

    if (plan == NULL) {
        return cxd_error_set(err, CXD_NOMEM, "policy: out of memory");
    }
    *plan = (struct plan){0};
    r = plan_settings_read(root, &plan->settings, err);
    plan->settings.unknown = is_central(root) ? warn : NULL;
    r = r != CXD_OK ? r : outputs_read(root, arena, plan, err);
    r = r != CXD_OK ? r : inputs_read(root, arena, plan, warn, err);
    r = r != CXD_OK ? r : plan_state_read(root, plan, err);
    r = r != CXD_OK ? r : plan_own_read(root, plan, arena, err);
    if (r == CXD_OK) {
        plan_unknown_warn(root, warn);
        plan_secrets_warn(root, warn);
        if (plan->streams == NULL && warn != NULL) {
            struct cxd_error text = CXD_ERROR_INIT;
            (void)conf_error(&text, conf_find(root, "inputs"),
                             "no input is enabled: nothing to collect until the next revision");
            warn(text.text);
        }
        *ret_plan = plan;
    }
    return r;
}
