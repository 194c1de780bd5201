/*
 * mapper.h: the ecs processor behind its module entry, fed with documents as JSON. For tests; one thread.
 */
#pragma once

#include "harness/host.h"

#include <json-c/json.h>

struct mapper {
    const struct cxd_processor_ops *ops;
    void *instance;
    struct cxd_event *event;
    size_t fail_at; /* the n-th allocation of the next process call fails; 0: none */
    size_t asked;   /* allocations of the last process call */
};

/* 0, or what open gave. */
int mapper_open(struct mapper *mapper, const struct harness_option *options, struct cxd_error *err);
/* Safe on a mapper whose open failed. */
void mapper_close(struct mapper *mapper);
/*
 * Maps one document: its member "message" (text) becomes the event's message, all others the document. Returns what process
 * gave; on 0 *ret_document is what would be sent (owned by the caller) and id, with room for 65 bytes, its id.
 */
int mapper_run(struct mapper *mapper, struct json_object *input, struct json_object **ret_document,
               char *id, struct cxd_error *err);
