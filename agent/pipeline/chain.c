/* chain.c: an array of steps walked from front to back. */
#include "pipeline/chain.h"

#include "base/status.h"

#include <stdio.h>
#include <stdlib.h>

void chain_init(struct chain *c, const struct cxd_host *host, const atomic_int *stopping)
{
    *c = (struct chain){.host = host, .stopping = stopping};
}

static int step_add(struct chain *c, const struct chain_step *step, struct cxd_error *err)
{
    if (c->steps == NULL) {
        c->steps = calloc(CHAIN_STEPS_MAX, sizeof *c->steps);
        if (c->steps == NULL) {
            return cxd_error_set(err, CXD_NOMEM, "processors: out of memory");
        }
    }
    if (c->step_count == CHAIN_STEPS_MAX) {
        return cxd_error_set(err, CXD_CONFIG,
                             "more than %d processors and conditions in one stream",
                             CHAIN_STEPS_MAX);
    }
    c->steps[c->step_count++] = *step;
    return CXD_OK;
}

struct condition_pool *chain_conditions(struct chain *c)
{
    if (c->pool == NULL && condition_pool_new(c->host, &c->pool) != CXD_OK) {
        return NULL;
    }
    return c->pool;
}

int chain_branch(struct chain *c, const struct condition *condition, size_t *ret_step,
                 struct cxd_error *err)
{
    const struct chain_step step = {.condition = condition, .target = SIZE_MAX};

    *ret_step = c->step_count;
    return step_add(c, &step, err);
}

void chain_land(struct chain *c, size_t step)
{
    c->steps[step].target = c->step_count;
}

int chain_add(struct chain *c, const struct cxd_module *module, struct cxd_bytes options,
              const struct self_ops *ops, void *owner, struct cxd_error *err)
{
    struct chain_link *link;
    int r;

    if (c->links == NULL) { /* once, at full size: the instances keep pointers to their links */
        c->links = calloc(CHAIN_MAX, sizeof *c->links);
        if (c->links == NULL) {
            return cxd_error_set(err, CXD_NOMEM, "processors: out of memory");
        }
    }
    if (c->count == CHAIN_MAX) {
        return cxd_error_set(err, CXD_CONFIG, "more than %d processors in one stream", CHAIN_MAX);
    }
    link = &c->links[c->count];
    r = step_add(c, &(struct chain_step){.link = link}, err);
    if (r != CXD_OK) {
        return r;
    }
    (void)snprintf(link->subject, sizeof link->subject, "processors.%s", module->name);
    link->module = module;
    link->ops = module->ops;
    link->self = (struct cxd_self){
        .subject = link->subject, .stopping = c->stopping, .ops = ops, .owner = owner};
    r = link->ops->open(c->host, &link->self, options, &link->instance, err);
    if (r != CXD_OK) {
        c->step_count--;
        if (link->instance != NULL) {
            link->ops->close(link->instance); /* half open */
        }
        (void)cxd_error_wrap(err, "processor %s", module->name);
        return r;
    }
    c->count++;
    return CXD_OK;
}

static int link_run(const struct chain_link *link, struct cxd_event *ev, struct cxd_error *err)
{
    int verdict = link->ops->process(link->instance, ev, err);

    if (verdict < 0) {
        if (err != NULL) {
            status_explain(err, verdict);
        }
        (void)cxd_error_wrap(err, "processor %s", link->module->name);
    }
    return verdict;
}

int chain_run(struct chain *c, struct cxd_event *ev, struct cxd_error *err)
{
    size_t at = 0;

    while (at < c->step_count) {
        const struct chain_step *step = &c->steps[at];
        int r;
        if (step->link != NULL) {
            r = link_run(step->link, ev, err);
            if (r != CXD_KEEP) {
                return r < 0 ? r : CXD_DISCARD;
            }
            at++;
            continue;
        }
        r = step->condition != NULL ? condition_test(c->pool, step->condition, ev) : 0;
        if (r < 0) {
            return cxd_error_set(err, r, "condition of a processor: %s", status_text(r));
        }
        at = r != 0 ? at + 1 : step->target;
    }
    return CXD_KEEP;
}

void chain_done(struct chain *c)
{
    while (c->count > 0) {
        struct chain_link *link = &c->links[--c->count];
        link->ops->close(link->instance);
    }
    free(c->links);
    free(c->steps);
    condition_pool_free(c->pool);
    c->links = NULL;
    c->steps = NULL;
    c->step_count = 0;
    c->pool = NULL;
}
