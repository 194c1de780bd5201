/* chain.c: an array walked from front to back. */
#include "pipeline/chain.h"

#include "base/status.h"

#include <stdio.h>
#include <stdlib.h>

void chain_init(struct chain *c, const struct cxd_host *host, const atomic_int *stopping)
{
    *c = (struct chain){.host = host, .stopping = stopping};
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
    (void)snprintf(link->subject, sizeof link->subject, "processors.%s", module->name);
    link->module = module;
    link->ops = module->ops;
    link->self = (struct cxd_self){
        .subject = link->subject, .stopping = c->stopping, .ops = ops, .owner = owner};
    r = link->ops->open(c->host, &link->self, options, &link->instance, err);
    if (r != CXD_OK) {
        if (link->instance != NULL) {
            link->ops->close(link->instance); /* half open */
        }
        (void)cxd_error_wrap(err, "processor %s", module->name);
        return r;
    }
    c->count++;
    return CXD_OK;
}

int chain_run(struct chain *c, struct cxd_event *ev, struct cxd_error *err)
{
    for (size_t i = 0; i < c->count; i++) {
        const struct chain_link *link = &c->links[i];
        int verdict = link->ops->process(link->instance, ev, err);
        if (verdict < 0) {
            if (err != NULL) {
                status_explain(err, verdict);
            }
            (void)cxd_error_wrap(err, "processor %s", link->module->name);
            return verdict;
        }
        if (verdict == CXD_DISCARD) {
            return CXD_DISCARD;
        }
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
    c->links = NULL;
}
