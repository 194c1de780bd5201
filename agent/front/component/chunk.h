/*
 * chunk.h: a set of units that is too large for one message, in parts with one time: the first has all that is no unit, the last has no
 * units. Both ways. Wire facts: elastic/elastic-agent-client, pkg/client/chunk, 2026.
 */
#pragma once

#include "front/component/observed.h"

#define CHUNK_BYTES_MAX (64u << 20) /* configurations of one set */

/* What has come of a set. The caller's thread. */
struct chunk {
    struct expected set;
    size_t bytes;
    int is_open;
};

void chunk_init(struct chunk *c);
void chunk_done(struct chunk *c);
/*
 * One more message; part is taken. 1: *ret_set is whole, the caller's; 0: more is to come, or the part is of a set that is over.
 * CXD_TOO_LARGE (units, bytes), CXD_NOMEM: the set is lost.
 */
int chunk_join(struct chunk *c, struct expected *part, struct expected *ret_set);

struct chunk_spec {
    const char *token;
    int is_first;
    size_t max;     /* bytes of a message; a single unit may be beyond it */
    int64_t now_ms; /* wall clock: the set's time */
    int (*send)(void *owner, struct cxd_bytes message);
    void *owner;
};

/* The report, in one message where it fits. What send says when it is not CXD_OK; CXD_NOMEM, CXD_TOO_LARGE. */
int chunk_write(const struct observed *o, const struct chunk_spec *spec);
