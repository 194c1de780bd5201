/*
 * instance.h: the life of an input's instance as far as it is the same for all: memory, first half, and what is left after a
 * failure. An instance begins with its struct heap.
 */
#pragma once

#include "lib/heap.h"

struct instance_kind {
    const char *name; /* for messages */
    size_t size;      /* of the instance; it is zeroed */
    int (*fill)(void *instance, struct cxd_bytes options, struct cxd_error *err);
    /* the options alone; nothing is asked for or kept */
    int (*check)(void *instance, struct cxd_bytes options, struct cxd_error *err);
    void (*close)(void *instance); /* accepts one that fill has left half-way */
};

int instance_open(const struct instance_kind *kind, const struct heap *heap,
                  struct cxd_bytes options, void **ret_instance, struct cxd_error *err);
int instance_check(const struct instance_kind *kind, const struct heap *heap,
                   struct cxd_bytes options, struct cxd_error *err);
