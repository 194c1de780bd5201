/* diagnose.c: see the header. */
#include "front/component/diagnose.h"

#include "base/clock.h"
#include "base/redact.h"
#include "config/secret.h"
#include "front/watch/metrics.h"
#include "front/watch/report.h"
#include "io/doc.h"
#include "pipeline/registry.h"

#include <string.h>

#define FILE_MAX (1u << 20) /* four of them are within what a call takes */
#define CONFIG_MEMORY (64u << 20)
#define HIDDEN "\"(hidden)\""

static int node_write(const struct conf *node, int is_secret, struct buf *out)
{
    int is_map = node->kind == CONF_MAP;
    int r;

    if (node->kind == CONF_SCALAR) {
        return is_secret && !conf_is_null(node) ? buf_add_text(out, HIDDEN)
               : node->quoted                   ? report_text(out, node->text)
                              : buf_add_text(out, node->text); /* as JSON has it */
    }
    r = buf_add_text(out, is_map ? "{" : "[");
    for (const struct conf *c = node->first; c != NULL && r == CXD_OK; c = c->next) {
        r = c != node->first ? buf_add_text(out, ",") : CXD_OK;
        if (is_map && r == CXD_OK) {
            r = report_text(out, c->key);
            r = r != CXD_OK ? r : buf_add_text(out, ":");
        }
        r = r != CXD_OK ? r : node_write(c, is_secret || (is_map && secret_sounds(c->key)), out);
    }
    return r != CXD_OK ? r : buf_add_text(out, is_map ? "}" : "]");
}

int diagnose_config(struct cxd_bytes source, struct buf *out)
{
    struct cxd_error err = CXD_ERROR_INIT;
    struct arena *arena = arena_new(64u << 10, CONFIG_MEMORY);
    struct conf *root = NULL;
    size_t from = out->len;
    int r = arena != NULL ? conf_read_text(DESIRED_NAME, source.ptr, source.len, arena, &root, &err)
                          : CXD_NOMEM;

    r = r != CXD_OK ? r : secret_find("", root);
    r = r != CXD_OK ? r : node_write(root, 0, out);
    arena_free(arena);
    if (r == CXD_OK) {
        redact_text(out->ptr + from, out->len - from);
    } else {
        out->len = from; /* all of it or nothing */
    }
    return r;
}

static int config_add(const struct expected_unit *u, struct buf *out)
{
    int r = buf_add_text(out, out->len > 1 ? ",{\"id\":" : "{\"id\":");

    r = r != CXD_OK ? r : report_text(out, u->id);
    r = r != CXD_OK ? r : buf_add_text(out, ",\"config\":");
    if (r == CXD_OK && u->has_config) {
        r = diagnose_config((struct cxd_bytes){u->source.ptr, u->source.len}, out);
        r = r == CXD_OK || r == CXD_NOMEM || r == CXD_TOO_LARGE ? r : buf_add_text(out, "null");
    } else {
        r = r != CXD_OK ? r : buf_add_text(out, "null");
    }
    return r != CXD_OK ? r : buf_add_text(out, "}");
}

/* is_wanted of all units, or of the one that is asked for. */
static int is_asked_for(const struct action *a, int type, const char *id)
{
    return a->level != ACTION_UNIT || (a->unit_type == type && strcmp(a->unit_id, id) == 0);
}

static int configs_write(struct component *c, const struct action *a, struct buf *out)
{
    int r = buf_add_text(out, "[");

    for (size_t i = 0; i < c->now.count && r == CXD_OK; i++) {
        const struct expected_unit *u = &c->now.units[i];
        r = is_asked_for(a, u->type, u->id) ? config_add(u, out) : r;
    }
    return r != CXD_OK ? r : buf_add_text(out, "]\n");
}

static int unit_write(const struct observed_unit *u, struct buf *out)
{
    int r = buf_add_text(out, out->len > 1 ? ",{\"id\":" : "{\"id\":");

    r = r != CXD_OK ? r : report_text(out, u->id);
    r = r != CXD_OK
            ? r
            : buf_add_format(out, ",\"type\":\"%s\",\"config_idx\":%llu,\"state\":\"%s\"",
                             u->type == UNIT_OUTPUT ? "output" : "input",
                             (unsigned long long)u->config_idx, observed_state_word(u->state));
    r = r != CXD_OK ? r : buf_add_text(out, ",\"message\":");
    r = r != CXD_OK ? r : report_text(out, u->message);
    if (r == CXD_OK && u->payload.len > 0) {
        r = buf_add_text(out, ",\"payload\":");
        r = r != CXD_OK ? r
                        : expected_json((struct cxd_bytes){u->payload.ptr, u->payload.len}, out);
    }
    return r != CXD_OK ? r : buf_add_text(out, "}");
}

static int units_write(struct component *c, const struct action *a, struct buf *out)
{
    struct observed o;
    int r = component_observe(c, &o);

    r = r != CXD_OK ? r : buf_add_text(out, "[");
    for (size_t i = 0; i < o.count && r == CXD_OK; i++) {
        r = is_asked_for(a, o.units[i].type, o.units[i].id) ? unit_write(&o.units[i], out) : r;
    }
    observed_done(&o);
    return r != CXD_OK ? r : buf_add_text(out, "]\n");
}

static int counters_write(struct component *c, const struct action *a, struct buf *out)
{
    const struct metrics_source source = {.agent = c->agent, .start_ms = c->start_ms};

    (void)a;
    return c->agent != NULL ? metrics_state(&source, out) : buf_add_text(out, "{}\n");
}

static int cursor_write(void *owner, const char *id, struct cxd_bytes cursor, int64_t updated_ms)
{
    struct buf *out = owner;
    char updated[CLOCK_TEXT_SIZE];
    int r = buf_add_text(out, out->len > 1 ? ",{\"id\":" : "{\"id\":");

    clock_format(updated_ms, updated);
    r = r != CXD_OK ? r : report_text(out, id);
    r = r != CXD_OK ? r : buf_add_format(out, ",\"updated\":\"%s\",\"cursor\":", updated);
    r = r != CXD_OK ? r : doc_json(cursor, out);
    return r != CXD_OK ? r : buf_add_text(out, "}");
}

static int cursors_write(struct component *c, const struct action *a, struct buf *out)
{
    int r = buf_add_text(out, "[");

    (void)a;
    if (r == CXD_OK && c->agent != NULL) {
        r = registry_each(agent_registry(c->agent), cursor_write, out);
    }
    return r != CXD_OK ? r : buf_add_text(out, "]\n");
}

static const struct {
    const char *name;
    const char *filename;
    const char *description;
    int (*write)(struct component *c, const struct action *a, struct buf *out);
    int is_of_units; /* for a single unit, too */
} kinds[] = {
    {"units", "cortexd-units.json", "Units and their streams: state and message", units_write, 1},
    {"config", "cortexd-config.json", "What units are configured to, without secrets",
     configs_write, 1},
    {"state", "cortexd-state.json", "Counters, queues, the last warnings", counters_write, 0},
    {"cursors", "cortexd-cursors.json", "How far each stream has come", cursors_write, 0}};

enum { KINDS = sizeof kinds / sizeof kinds[0] };

static int files_write(struct component *c, const struct action *a, struct buf *out)
{
    struct action_file files[KINDS];
    size_t count = 0;
    int r = CXD_OK;

    for (int i = 0; i < KINDS && r == CXD_OK; i++) {
        struct action_file *file = &files[count];
        if (a->level == ACTION_UNIT && !kinds[i].is_of_units) {
            continue;
        }
        *file = (struct action_file){.name = kinds[i].name,
                                     .filename = kinds[i].filename,
                                     .description = kinds[i].description};
        buf_init(&file->content, FILE_MAX);
        count++;
        r = kinds[i].write(c, a, &file->content);
        if (r == CXD_TOO_LARGE) { /* the others are still worth having */
            buf_clear(&file->content);
            r = buf_add_text(&file->content, "{\"error\":\"more than 1 MiB\"}\n");
        }
        if (r == CXD_OK) {
            redact_text(file->content.ptr, file->content.len);
        }
    }
    if (r == CXD_OK) {
        r = action_files_write(checkin_token(c->checkin), a->id, files, count, clock_wall_ms(),
                               out);
    }
    for (size_t i = 0; i < count; i++) {
        buf_done(&files[i].content);
    }
    return r;
}

int component_answer(struct component *c, const struct action *a, struct buf *out)
{
    const char *token = checkin_token(c->checkin);

    if (a->type != ACTION_DIAGNOSTICS) {
        return action_refuse_write(token, a->id, "this component knows no such action", out);
    }
    if (a->level == ACTION_UNIT && expected_find(&c->now, a->unit_type, a->unit_id) == NULL) {
        return action_refuse_write(token, a->id, "this component has no such unit", out);
    }
    return files_write(c, a, out);
}
