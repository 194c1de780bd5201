/* policy_explain.c: see the header. Values themselves are not shown: they may be secret (see: policy show). */
#include "front/fleet/policy_explain.h"

#include "config/plan.h"
#include "front/command.h"
#include "front/run/stream.h"
#include "front/try/told.h"

#include <stdio.h>
#include <string.h>

#define JSON_MAX (16u << 20)

/* What is being told: lines as they come, or one line of JSON at the end. */
struct telling {
    int is_json;
    int status;
    struct buf line;
};

/* A value's name and layer, with its place or what is assumed in place of one. */
static void value_tell(struct telling *t, const char *name, const char *layer,
                       const struct conf *at, const char *assumed)
{
    int r = t->status;

    if (!t->is_json && at != NULL) {
        (void)printf("  %s: %s, %s:%d\n", name, layer, at->file, at->line);
    } else if (!t->is_json) {
        (void)printf("  %s: %s %s\n", name, layer, assumed);
    } else {
        char last = t->line.len > 0 ? t->line.ptr[t->line.len - 1] : '[';
        r = r != CXD_OK ? r : buf_add_text(&t->line, last == '[' ? "{" : ",{");
        r = r != CXD_OK ? r : told_text(&t->line, "name", name);
        r = r != CXD_OK ? r : told_text(&t->line, "layer", layer);
        if (at != NULL) {
            r = r != CXD_OK ? r : told_text(&t->line, "file", at->file);
            r = r != CXD_OK ? r : buf_add_format(&t->line, ",\"line\":%d}", at->line);
        } else {
            r = r != CXD_OK ? r : told_text(&t->line, "value", assumed);
            r = r != CXD_OK ? r : buf_add_text(&t->line, "}");
        }
    }
    t->status = r;
}

static void option_explain(struct telling *t, const struct plan_stream *p,
                           const struct cxd_option *row)
{
    const struct conf *at = conf_find(p->stream, row->name);
    const char *layer = "stream";

    if (conf_is_null(at)) {
        at = conf_find(p->input, row->name);
        layer = "input";
    }
    if (!conf_is_null(at)) {
        value_tell(t, row->name, layer, at, NULL);
    } else if (row->default_value != NULL) {
        value_tell(t, row->name, "default", NULL, row->default_value);
    }
}

static int is_of_module(const struct cxd_option *table, const char *key)
{
    size_t len = strlen(key);

    for (; table->name != NULL; table++) {
        if (strncmp(table->name, key, len) == 0 &&
            (table->name[len] == '\0' || table->name[len] == '.')) {
            return 1;
        }
    }
    return 0;
}

/* Keys of one layer that are the agent's: tags, data_stream, processors. */
static void own_explain(struct telling *t, const struct agent_stream *s, const struct conf *layer,
                        const char *name, const struct conf *over)
{
    for (const struct conf *c = layer != NULL ? layer->first : NULL; c != NULL; c = c->next) {
        if (strcmp(c->key, "streams") != 0 && conf_find(over, c->key) == NULL &&
            (plan_stream_skip(c->key) || !is_of_module(s->module->options, c->key))) {
            value_tell(t, c->key, name, c, NULL);
        }
    }
}

static const char *mapping_of(const struct plan_stream *p)
{
    if (p->is_ingest) {
        return "ingest";
    }
    return p->mapping != NULL ? p->mapping : "none";
}

static void head_tell(struct telling *t, const struct plan_stream *p)
{
    int r;

    if (!t->is_json) {
        (void)printf("stream %s: %s:%d\nindex %s\noutput %s: %s:%d\nmapping %s\n", p->id,
                     p->stream->file, p->stream->line, p->index, p->output->name,
                     p->output->conf->file, p->output->conf->line, mapping_of(p));
        return;
    }
    r = buf_add_text(&t->line, "{");
    r = r != CXD_OK ? r : told_text(&t->line, "stream", p->id);
    r = r != CXD_OK ? r : told_text(&t->line, "file", p->stream->file);
    r = r != CXD_OK ? r : buf_add_format(&t->line, ",\"line\":%d", p->stream->line);
    r = r != CXD_OK ? r : told_text(&t->line, "index", p->index);
    r = r != CXD_OK ? r : told_text(&t->line, "output", p->output->name);
    r = r != CXD_OK ? r : told_text(&t->line, "mapping", mapping_of(p));
    t->status = r != CXD_OK ? r : buf_add_text(&t->line, ",\"values\":[");
}

void policy_explain_stream(const struct agent_stream *s, int is_json)
{
    const struct plan_stream *p = s->plan;
    struct telling t = {.is_json = is_json};

    buf_init(&t.line, JSON_MAX);
    head_tell(&t, p);
    for (const struct cxd_option *row = s->module->options; row->name != NULL; row++) {
        if (!plan_stream_skip(row->name)) {
            option_explain(&t, p, row);
        }
    }
    own_explain(&t, s, p->stream, "stream", NULL);
    own_explain(&t, s, p->input, "input", p->stream);
    if (is_json) {
        (void)told_print(&t.line, t.status != CXD_OK ? t.status : buf_add_text(&t.line, "]}"));
    }
}

int policy_explain_key(const struct conf *root, const char *key, int is_json)
{
    const struct conf *node = conf_find(root, key);
    struct buf line;
    int r;

    if (node == NULL) {
        command_complain("policy explain: no stream and no key \"%.100s\" in this policy", key);
        return 0;
    }
    if (!is_json) {
        (void)printf("%s: %s:%d\n", key, node->file, node->line);
        return 1;
    }
    buf_init(&line, JSON_MAX);
    r = buf_add_text(&line, "{");
    r = r != CXD_OK ? r : told_text(&line, "key", key);
    r = r != CXD_OK ? r : told_text(&line, "file", node->file);
    r = r != CXD_OK ? r : buf_add_format(&line, ",\"line\":%d}", node->line);
    return told_print(&line, r) == EXIT_OK;
}
