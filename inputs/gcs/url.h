/* url.h: the addresses of the Cloud Storage JSON API. Pure: text in, text out. */
#pragma once

#include "lib/heap.h"

/* What one page of a listing asks for. */
struct url_list {
    struct cxd_bytes bucket;
    struct cxd_bytes prefix;     /* empty: all */
    struct cxd_bytes start;      /* names from this one on; empty: from the first */
    struct cxd_bytes page_token; /* empty: the first page */
    int64_t page_size;           /* 1 to 1000 */
};

/* https://storage.googleapis.com/storage/v1, or the same path below `alternative_host` (empty: none). CXD_CONFIG when that
 * is not an http or https address. */
int url_base(struct text *out, struct cxd_bytes alternative_host, struct cxd_error *err);
/* Both write behind what is in out; look at out->status. */
void url_list(struct text *out, struct cxd_bytes base, const struct url_list *ask);
void url_media(struct text *out, struct cxd_bytes base, struct cxd_bytes bucket,
               struct cxd_bytes object, int64_t generation);
void url_escape(struct text *out, struct cxd_bytes bytes); /* all but the unreserved characters */
