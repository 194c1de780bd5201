/* policy_explain.c: see the header. Values themselves are not shown: they may be secret (see: policy show). */
#include "front/fleet/policy_explain.h"

#include "config/plan.h"
#include "front/run/stream.h"

#include <stdio.h>
#include <string.h>

static void place_print(const char *name, const char *layer, const struct conf *at)
{
    (void)printf("  %s: %s, %s:%d\n", name, layer, at->file, at->line);
}

static void option_explain(const struct plan_stream *p, const struct cxd_option *row)
{
    const struct conf *at = conf_find(p->stream, row->name);
    const char *layer = "stream";

    if (conf_is_null(at)) {
        at = conf_find(p->input, row->name);
        layer = "input";
    }
    if (!conf_is_null(at)) {
        place_print(row->name, layer, at);
    } else if (row->default_value != NULL) {
        (void)printf("  %s: default %s\n", row->name, row->default_value);
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
static void own_explain(const struct agent_stream *s, const struct conf *layer, const char *name,
                        const struct conf *over)
{
    for (const struct conf *c = layer != NULL ? layer->first : NULL; c != NULL; c = c->next) {
        if (strcmp(c->key, "streams") != 0 && conf_find(over, c->key) == NULL &&
            (plan_stream_skip(c->key) || !is_of_module(s->module->options, c->key))) {
            place_print(c->key, name, c);
        }
    }
}

void policy_explain_stream(const struct agent_stream *s)
{
    const struct plan_stream *p = s->plan;

    (void)printf("stream %s: %s:%d\nindex %s\noutput %s: %s:%d\nmapping %s\n", p->id,
                 p->stream->file, p->stream->line, p->index, p->output->name, p->output->conf->file,
                 p->output->conf->line,
                 p->is_ingest         ? "ingest"
                 : p->mapping != NULL ? p->mapping
                                      : "none");
    for (const struct cxd_option *row = s->module->options; row->name != NULL; row++) {
        if (!plan_stream_skip(row->name)) {
            option_explain(p, row);
        }
    }
    own_explain(s, p->stream, "stream", NULL);
    own_explain(s, p->input, "input", p->stream);
}
