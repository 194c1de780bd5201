/*
 * request.h: a configured request and the state, as a message and then as what goes over the wire. Pure but for the
 * templates' clock and chance.
 */
#pragma once

#include "context.h"

#define REQUEST_HEADERS 64u

/* Ready for http_start. Texts live in the wire's own memory until the next build. */
struct wire {
    struct region region;
    struct text url;
    struct text body;
    struct cxd_header headers[REQUEST_HEADERS];
    size_t header_count;
    struct cxd_bytes part;
    bool is_post;
};

void wire_init(struct wire *w, const struct heap *h);
void wire_done(struct wire *w);

struct request_ask {
    const struct config_step *step;
    const struct transform *pagination; /* of a further page; else NULL */
    struct cxd_bytes url;               /* the step's, values put in */
    struct cxd_bytes auth_name;         /* header that says who we are; {NULL,0}: none */
    struct cxd_bytes auth_prefix;       /* what its value begins with */
    struct cxd_bytes auth_value;
    bool with_body;
};

/*
 * Builds. 0; CXD_NOT_FOUND and CXD_MALFORMED: a transform that must succeed did not (on a further page: there is none);
 * CXD_END: pagination's URL has no value; fatal ones as context_is_fatal says.
 */
int request_build(struct context *c, const struct request_ask *ask, struct wire *w,
                  struct cxd_error *err);
/* One more header of a request that is built; secret by any name. false: no memory, or too many. */
bool request_header_add(struct wire *w, struct cxd_bytes name, struct cxd_bytes value);
/* True for names whose values are masked in traces and logs. */
bool request_is_secret(struct cxd_bytes name);
