/*
 * self.h: an instance of a module as the host knows it. The handle that every host function gets.
 */
#pragma once

#include "cxd/host.h"

#include <stdatomic.h>

/* What the pipeline does for an instance; the gate knows these only as pointers. Any may be NULL: then CXD_UNSUPPORTED. */
struct self_ops {
    int (*event_new)(void *owner, struct cxd_event **ret_event, struct cxd_error *err);
    int (*emit)(void *owner, struct cxd_event *ev, struct cxd_error *err);
    int (*reject)(void *owner, struct cxd_event *ev, const struct cxd_error *why);
    int (*mark)(void *owner, struct cxd_bytes cursor, struct cxd_error *err);
    struct cxd_bytes (*cursor)(void *owner);
    int64_t (*marks_true)(void *owner, int64_t *ret_made);
    void (*health)(void *owner, int health, const char *reason);
    void (*count)(void *owner, const char *name, int64_t delta);
};

/* Made by the pipeline, one for each instance; outlives it. */
struct cxd_self {
    const char *subject;        /* for the log: "inputs.gcs" */
    const atomic_int *stopping; /* set once, by control */
    const struct self_ops *ops;
    void *owner; /* first argument of ops */
};

/* The table without its event functions, which the pipeline adds (see pipeline/bind.h). */
void host_fill(struct cxd_host *host);
