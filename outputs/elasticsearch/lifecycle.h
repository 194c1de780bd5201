/* lifecycle.h: ILM policy and failure store, as the options want them at setup. One owner, one thread. */
#pragma once

#include "call.h"

#include <json-c/json.h>

/* Zeroed is: nothing is wanted. */
struct lifecycle {
    const struct cxd_host *host;
    struct cxd_self *self;
    char *name; /* ILM policy that the template names; NULL: the cluster's own rules */
    char *
        policy; /* JSON; put in place when the cluster has none of that name; NULL: it is somebody else's matter */
    int has_failure_store;
};

/* CXD_CONFIG, CXD_NOMEM; lifecycle_done in any case. */
int lifecycle_read(struct lifecycle *l, const struct cxd_host *host, struct cxd_self *self,
                   struct cxd_bytes doc, struct cxd_error *err);
void lifecycle_done(struct lifecycle *l);
/* Into an index template for Elasticsearch. CXD_NOMEM. */
int lifecycle_mark(const struct lifecycle *l, struct json_object *template_);
/* The policy itself, if it is not there. */
int lifecycle_put(const struct lifecycle *l, struct call *call, struct cxd_error *err);
