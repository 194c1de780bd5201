/*
 * bulk.h: documents as the body of a bulk request, in pieces: an action line of ours, then the document where it lies. Pure but
 * for memory, which is kept from request to request. One owner, one thread.
 */
#pragma once

#include "cxd/host.h"

struct bulk {
    const struct cxd_host *host;
    struct cxd_self *self;
    char *actions;
    size_t actions_cap;
    struct cxd_bytes *parts; /* the body, in order; valid until the next encode */
    size_t parts_cap;
    size_t part_count;
    uint64_t bytes; /* sum of the parts */
    struct cxd_bytes
        pipeline; /* ingest pipeline of each action; empty: none. The caller's, between encodes */
};

void bulk_init(struct bulk *b, const struct cxd_host *host, struct cxd_self *self);
/* How many of the documents fit into max_bytes: at least one when count > 0. */
uint32_t bulk_cut(const struct bulk *b, const struct cxd_doc *docs, uint32_t count,
                  uint64_t max_bytes);
/* Makes the parts: op_type create, with _id where the document has one. CXD_NOMEM. */
int bulk_encode(struct bulk *b, const struct cxd_doc *docs, uint32_t count);
void bulk_done(struct bulk *b);
