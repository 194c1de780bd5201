/* output.h: the instance of the elasticsearch output, shared by its files. One thread, but for the client's interrupt. */
#pragma once

#include "bulk.h"
#include "call.h"
#include "lifecycle.h"
#include "notes.h"
#include "pack.h"

#include "cxd/module.h"

struct output {
    const struct cxd_host *host;
    struct cxd_self *self;
    struct settings settings;
    struct call call;
    struct lifecycle lifecycle;
    struct bulk bulk;
    struct pack pack; /* used when settings.compression_level > 0 */
    struct notes notes;
    uint64_t limit_bytes; /* of one request, as far as the destination has shown */
    uint32_t limit_good;  /* requests that went well under it */
    char *said;           /* of check.c; NULL: never asked */
    char *kept;           /* of kept.c: what was read last; NULL */
    char writer[17];      /* of kept.c: empty, or this instance's word */
};

/* send.c */
int output_send(struct output *o, const struct cxd_batch *batch, struct cxd_outcome *outcomes,
                struct cxd_error *err);
/* setup.c */
int output_setup(struct output *o, const char *name, struct cxd_bytes template_json,
                 struct cxd_error *err);
/* kept.c */
int output_kept_get(struct output *o, const char *place, const char *name,
                    struct cxd_bytes *ret_content, struct cxd_version *ret_version,
                    struct cxd_error *err);
int output_kept_put(struct output *o, const char *place, const char *name, struct cxd_bytes content,
                    struct cxd_version *version, struct cxd_error *err);
/* check.c */
int output_check(struct output *o, struct cxd_bytes *ret_text, struct cxd_error *err);
