/* difference.c: outputs and streams are found by their names and compared member by member. */
#include "front/run/difference.h"

#include "front/run/stream.h"
#include "io/doc.h"

#include <string.h>

static int text_same(const char *a, const char *b)
{
    return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

/* Depth is bounded by the reader's CONF_MAX_DEPTH. */
static int conf_same(const struct conf *a, const struct conf *b)
{
    if (a == NULL || b == NULL) {
        return a == b;
    }
    if (a->kind != b->kind || a->quoted != b->quoted || !text_same(a->key, b->key)) {
        return 0;
    }
    if (a->kind == CONF_SCALAR) {
        return a->len == b->len && (a->len == 0 || memcmp(a->text, b->text, a->len) == 0);
    }
    a = a->first;
    b = b->first;
    while (a != NULL && b != NULL && conf_same(a, b)) {
        a = a->next;
        b = b->next;
    }
    return a == NULL && b == NULL;
}

static int options_same(struct cxd_builder *a, struct cxd_builder *b)
{
    struct cxd_bytes x = doc_bytes(a);
    struct cxd_bytes y = doc_bytes(b);

    return x.len == y.len && (x.len == 0 || memcmp(x.ptr, y.ptr, x.len) == 0);
}

static int queue_same(const struct plan_queue *a, const struct plan_queue *b)
{
    return a->mem_bytes == b->mem_bytes && a->batch_bytes == b->batch_bytes &&
           a->flush_ms == b->flush_ms && a->disk_bytes == b->disk_bytes &&
           a->segment_bytes == b->segment_bytes && text_same(a->path, b->path) &&
           text_same(a->key_file, b->key_file);
}

const char *difference_output(const struct agent_output *a, const struct agent_output *b)
{
    const struct plan_output *x = a->plan;
    const struct plan_output *y = b->plan;

    if (!text_same(x->type, y->type)) {
        return "type";
    }
    if (!queue_same(&x->queue, &y->queue)) {
        return "queue";
    }
    if (!text_same(conf_text(x->conf, "backoff.init", NULL),
                   conf_text(y->conf, "backoff.init", NULL)) ||
        !text_same(conf_text(x->conf, "backoff.max", NULL),
                   conf_text(y->conf, "backoff.max", NULL))) {
        return "backoff";
    }
    return options_same(a->options, b->options) ? NULL : "options";
}

static int processors_same(const struct plan_processor *a, const struct plan_processor *b)
{
    while (a != NULL && b != NULL && text_same(a->type, b->type) && conf_same(a->conf, b->conf)) {
        a = a->next;
        b = b->next;
    }
    return a == NULL && b == NULL;
}

static int databases_same(const struct plan_settings *a, const struct plan_settings *b)
{
    return text_same(a->geoip_database, b->geoip_database) &&
           text_same(a->asn_database, b->asn_database);
}

const char *difference_stream(const struct agent_stream *a, const struct agent_stream *b)
{
    const struct plan_stream *x = a->plan;
    const struct plan_stream *y = b->plan;

    if (!text_same(x->type, y->type) || !text_same(x->input_id, y->input_id)) {
        return "type";
    }
    if (!text_same(a->output->plan->name, b->output->plan->name) ||
        difference_output(a->output, b->output) != NULL) {
        return "output";
    }
    if (!text_same(x->data_stream, y->data_stream) || !text_same(x->index, y->index) ||
        !conf_same(x->index_override, y->index_override)) {
        return "data stream";
    }
    if (!text_same(x->mapping, y->mapping) || x->is_ingest != y->is_ingest ||
        (x->mapping != NULL && !databases_same(x->settings, y->settings))) {
        return "mapping";
    }
    if (!text_same(x->tags, y->tags) || !text_same(x->fields, y->fields) ||
        !text_same(x->pipeline, y->pipeline) || x->is_null_kept != y->is_null_kept) {
        return "fields";
    }
    if (!processors_same(x->processors, y->processors) ||
        (x->processors != NULL && x->settings->is_fqdn != y->settings->is_fqdn)) {
        return "processors";
    }
    return options_same(a->options, b->options) ? NULL : "options";
}

/* Most policies keep their order: `hint`, the one behind the last found, is looked at first. */
static struct agent_output *output_named(struct agent_output *first, struct agent_output *hint,
                                         const char *name)
{
    if (hint != NULL && strcmp(hint->plan->name, name) == 0) {
        return hint;
    }
    while (first != NULL && strcmp(first->plan->name, name) != 0) {
        first = first->next;
    }
    return first;
}

static struct agent_stream *stream_named(struct agent_stream *first, struct agent_stream *hint,
                                         const char *id)
{
    if (hint != NULL && strcmp(hint->plan->id, id) == 0) {
        return hint;
    }
    while (first != NULL && strcmp(first->plan->id, id) != 0) {
        first = first->next;
    }
    return first;
}

static struct difference both(const char *kind, const char *id, const char *aspect)
{
    return (struct difference){.what = aspect != NULL ? DIFFERENCE_CHANGED : DIFFERENCE_SAME,
                               .kind = kind,
                               .id = id,
                               .aspect = aspect};
}

static void outputs_compare(struct agent *now, struct agent *next,
                            void (*each)(void *owner, const struct difference *d), void *owner)
{
    struct agent_output *hint = agent_outputs(now);

    for (struct agent_output *o = agent_outputs(next); o != NULL; o = o->next) {
        struct agent_output *old = output_named(agent_outputs(now), hint, o->plan->name);
        struct difference d = {.what = DIFFERENCE_NEW, .kind = "output", .id = o->plan->name};
        if (old != NULL) {
            d = both("output", o->plan->name, difference_output(old, o));
            d.output = old;
            hint = old->next;
        }
        each(owner, &d);
    }
    hint = agent_outputs(next);
    for (struct agent_output *o = agent_outputs(now); o != NULL; o = o->next) {
        struct agent_output *kept = output_named(agent_outputs(next), hint, o->plan->name);
        struct difference d = {
            .what = DIFFERENCE_GONE, .kind = "output", .id = o->plan->name, .output = o};
        if (kept == NULL) {
            each(owner, &d);
        }
        hint = kept != NULL ? kept->next : hint;
    }
}

static void streams_compare(struct agent *now, struct agent *next,
                            void (*each)(void *owner, const struct difference *d), void *owner)
{
    struct agent_stream *hint = agent_streams(now);

    for (struct agent_stream *s = agent_streams(next); s != NULL; s = s->next) {
        struct agent_stream *old = stream_named(agent_streams(now), hint, s->plan->id);
        struct difference d = {.what = DIFFERENCE_NEW, .kind = "input", .id = s->plan->id};
        if (old != NULL) {
            d = both("input", s->plan->id, difference_stream(old, s));
            d.stream = old;
            hint = old->next;
        }
        each(owner, &d);
    }
    hint = agent_streams(next);
    for (struct agent_stream *s = agent_streams(now); s != NULL; s = s->next) {
        struct agent_stream *kept = stream_named(agent_streams(next), hint, s->plan->id);
        struct difference d = {
            .what = DIFFERENCE_GONE, .kind = "input", .id = s->plan->id, .stream = s};
        if (kept == NULL) {
            each(owner, &d);
        }
        hint = kept != NULL ? kept->next : hint;
    }
}

void difference_units(struct agent *now, struct agent *next,
                      void (*each)(void *owner, const struct difference *d), void *owner)
{
    outputs_compare(now, next, each, owner);
    streams_compare(now, next, each, owner);
}

const char *difference_fixed(const struct plan_settings *now, const struct plan_settings *next,
                             int is_path_given)
{
    if (!is_path_given && !text_same(now->data_path, next->data_path)) {
        return "agent.path.data";
    }
    if ((now->state_output == NULL) != (next->state_output == NULL) ||
        !text_same(now->state_index, next->state_index)) {
        return "agent.state";
    }
    return conf_same(now->module_paths, next->module_paths) ? NULL : "agent.modules.path";
}

const char *difference_setting(const struct plan_settings *now, const struct plan_settings *next)
{
    const char *fixed = difference_fixed(now, next, 0);

    if (fixed != NULL) {
        return fixed;
    }
    if (!text_same(now->monitor_host, next->monitor_host) ||
        now->monitor_port != next->monitor_port) {
        return "agent.monitoring.http";
    }
    if (now->registry_flush_ms != next->registry_flush_ms) {
        return "agent.registry.flush";
    }
    if (now->dead_bytes != next->dead_bytes ||
        (now->dead_mail.output == NULL) != (next->dead_mail.output == NULL) ||
        !text_same(now->dead_mail.index, next->dead_mail.index)) {
        return "agent.dead_letter";
    }
    if ((now->report.output == NULL) != (next->report.output == NULL) ||
        now->report_period_ms != next->report_period_ms ||
        !text_same(now->report.index, next->report.index)) {
        return "agent.report";
    }
    if (!text_same(now->log_level, next->log_level)) {
        return "agent.logging.level";
    }
    return now->shutdown_ms != next->shutdown_ms ? "agent.shutdown_timeout" : NULL;
}
