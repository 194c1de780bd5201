/*
 * probe.h: a cloud's metadata service, asked over HTTP. What each cloud is asked and how its answer is read stands in one table.
 */
#pragma once

#include "lib/edit.h"

#define PROBE_FIELDS_MAX 10
#define PROBE_BODY_MAX 65536

/* One field of the answer and its name below `cloud`. */
struct probe_field {
    const char *from; /* dotted; NULL: the end */
    const char *to;
    char cut; /* what stands behind the last such letter; 0: all of it */
};

struct probe_cloud {
    const char *name;
    const char *service;
    const char *path;
    const char *header;     /* NULL: none */
    const char *value;      /* NULL: the token */
    const char *token_path; /* asked first, with PUT; NULL: not needed */
    const char *wants;      /* a field without which the answer is somebody else's */
    struct probe_field fields[PROBE_FIELDS_MAX];
};

extern const struct probe_cloud probe_clouds[];
extern const size_t probe_cloud_count;

/*
 * Asks all clouds of the mask (bit i: probe_clouds[i]) at once. *ret_content: the object `cloud` of the first in the table that answered;
 * its members are NULL when none did before the time was over. 0 or negative. In the event's memory.
 */
int probe_run(struct edit *e, struct cxd_client *client, const char *host, unsigned mask,
              int64_t timeout_ms, struct cxd_node *ret_content);
