/*
 * seen.h: the hashes of the ids written last, bounded. Two tables: the current one fills up to half of the limit, then it
 * becomes the previous one and the older half is forgotten. One owner, one thread.
 */
#pragma once

#include "cxd/host.h"

struct seen_table {
    uint64_t *slots; /* 0: empty */
    uint32_t cap;    /* a power of two, or 0 */
    uint32_t count;
};

struct seen {
    const struct cxd_host *host;
    struct cxd_self *self;
    struct seen_table now;
    struct seen_table before;
    uint32_t half; /* hashes in one table; 0: nothing is remembered */
};

void seen_init(struct seen *s, const struct cxd_host *host, struct cxd_self *self, uint32_t limit);
/* 1: new, and remembered from here on. 0: seen before. CXD_NOMEM. */
int seen_add(struct seen *s, uint64_t hash);
void seen_clear(struct seen *s); /* remembers nothing; memory kept */
void seen_done(struct seen *s);
