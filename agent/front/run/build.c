/* build.c: plan to outputs and streams: built from the policy alone first, then linked to state and destinations. */
#include "front/run/agent_inner.h"
#include "io/doc.h"
#include "pipeline/bind.h"

#include <string.h>

static int outputs_build(struct agent *a, struct cxd_error *err)
{
    struct agent_output **end = &a->outputs;

    for (const struct plan_output *o = a->plan->outputs; o != NULL; o = o->next) {
        int r = o->is_used ? output_build(o, &a->catalog, &a->units, end, err) : CXD_OK;
        if (r != CXD_OK) {
            return r;
        }
        end = *end != NULL ? &(*end)->next : end;
    }
    return CXD_OK;
}

/* Strangers' inputs and outputs are opened once in a process of their own. Processors were when their chain was built. */
static int strangers_try(struct agent *a, struct cxd_error *err)
{
    int r = CXD_OK;

    for (struct agent_output *o = a->outputs; o != NULL && r == CXD_OK; o = o->next) {
        r = catalog_try(&a->catalog, o->module, doc_bytes(o->options), err);
    }
    for (struct agent_stream *s = a->streams; s != NULL && r == CXD_OK; s = s->next) {
        r = catalog_try(&a->catalog, s->module, doc_bytes(s->options), err);
    }
    return r;
}

struct agent_output *agent_output_named(const struct agent *a, const char *name)
{
    struct agent_output *o = a->outputs;

    while (o != NULL && strcmp(o->plan->name, name) != 0) {
        o = o->next;
    }
    return o;
}

struct agent_stream *agent_stream_named(const struct agent *a, const char *id)
{
    struct agent_stream *s = a->streams;

    while (s != NULL && strcmp(s->plan->id, id) != 0) {
        s = s->next;
    }
    return s;
}

static int streams_build(struct agent *a, struct cxd_error *err)
{
    struct agent_stream **end = &a->streams;

    for (const struct plan_stream *p = a->plan->streams; p != NULL; p = p->next) {
        int r = stream_build(p, &a->catalog, agent_output_named(a, p->output->name), &a->units, end,
                             err);
        if (r != CXD_OK) {
            return r;
        }
        end = &(*end)->next;
    }
    return CXD_OK;
}

/* Inside a foreign program there are no outputs of our own. */
static int couriers_build(struct agent *a, struct cxd_error *err)
{
    const struct plan_settings *s = &a->plan->settings;
    int r = CXD_OK;

    if (a->options.desk != NULL) {
        return r;
    }
    if (s->dead_mail.output != NULL) {
        r = courier_build(a->plan, &s->dead_mail, &a->catalog, &a->units, &a->dead_courier, err);
    }
    if (r == CXD_OK && s->report.output != NULL) {
        r = courier_build(a->plan, &s->report, &a->catalog, &a->units, &a->report_courier, err);
    }
    return r;
}

int agent_build(struct agent *a, struct cxd_error *err)
{
    int r = outputs_build(a, err);

    r = r != CXD_OK ? r : streams_build(a, err);
    if (r == CXD_OK && a->plan->settings.state_output != NULL) {
        r = keeper_build(a->plan, &a->catalog, &a->units, &a->keeper, err);
    }
    r = r != CXD_OK ? r : couriers_build(a, err);
    return r != CXD_OK || a->options.is_check ? r : strangers_try(a, err);
}

int agent_link_stream(struct agent *a, struct agent_stream *s, struct cxd_error *err)
{
    int r = stream_link(s, &a->identity, a->dead, a->registry, err);

    if (r == CXD_OK && s->output->spooler != NULL &&
        spooler_stream(s->output->spooler, s->unit) != CXD_OK) {
        r = cxd_error_set(err, CXD_NOMEM, "%s: out of memory", s->plan->id);
    }
    return r;
}

int agent_link_output(struct agent *a, struct agent_output *o, struct cxd_error *err)
{
    int r = output_queue_open(o, a->data_path, a->dead, err);

    return r != CXD_OK || a->options.desk != NULL ? r : output_open(o, a->dead, bind_host(), err);
}

/* Once it is known who the agent is. */
static int couriers_open(struct agent *a, struct cxd_error *err)
{
    int is_bound =
        a->keeper != NULL; /* a folder that cursors do not lie in is one that does not last */
    int r = CXD_OK;

    if (a->dead_courier != NULL) {
        r = dead_mail_open(a->dead_courier, a->dead, &a->identity, a->data_path, is_bound,
                           &a->dead_mail, err);
    }
    return r == CXD_OK && a->report_courier != NULL ? courier_open(a->report_courier, err) : r;
}

int agent_link(struct agent *a, struct cxd_error *err)
{
    int r = a->options.is_check ? CXD_OK : couriers_open(a, err);

    for (struct agent_output *o = a->outputs; o != NULL && r == CXD_OK && !a->options.is_check;
         o = o->next) {
        r = agent_link_output(a, o, err);
    }
    for (struct agent_stream *s = a->streams; s != NULL && r == CXD_OK; s = s->next) {
        r = agent_link_stream(a, s, err);
    }
    return r;
}
