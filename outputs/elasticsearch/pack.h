/*
 * pack.h: the pieces of a body as one gzip member, in a buffer that is kept from request to request and grows to what the
 * largest needed. One owner, one thread.
 */
#pragma once

#include "cxd/host.h"

#define PACK_STAGE 524288

struct pack {
    const struct cxd_host *host;
    struct cxd_self *self;
    struct cxd_gzip *gzip;
    char *out;
    size_t cap;
    size_t len;
    char stage[PACK_STAGE]; /* small pieces gathered: the compressor works better on long runs */
    size_t staged;
};

/* level 1 to 9. On failure nothing needs pack_done. */
int pack_init(struct pack *p, const struct cxd_host *host, struct cxd_self *self, int level,
              struct cxd_error *err);
/* *ret_body: valid until the next call. CXD_NOMEM, CXD_BUG. */
int pack_parts(struct pack *p, const struct cxd_bytes *parts, size_t count,
               struct cxd_bytes *ret_body, struct cxd_error *err);
void pack_done(struct pack *p);
