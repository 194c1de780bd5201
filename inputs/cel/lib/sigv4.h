/*
 * sigv4.h: AWS Signature Version 4 of a request by its Authorization header, as Amazon describes it. Pure; texts are in the pool.
 */
#pragma once

#include "../lang/pool.h"
#include "../lang/services.h"

#define SIGV4_HEADERS_MAX 256u

struct sigv4_ask {
    struct cxd_bytes method;
    struct cxd_bytes url;
    const struct services_header
        *headers; /* of the request; those that a proxy may change are not signed */
    size_t header_count;
    struct cxd_bytes body;
    const struct services_keys *keys;
    struct cxd_bytes region;
    struct cxd_bytes service;
    int64_t seconds;     /* since 1970 */
    bool path_as_it_is;  /* the path is not escaped a second time (S3) */
    bool token_unsigned; /* the session token is sent, but not part of the signature */
};

/* Headers to set: values are secrets but for the date. token is {NULL,0} when the keys have none. */
struct sigv4_answer {
    struct cxd_bytes authorization;
    struct cxd_bytes date;
    struct cxd_bytes token;
};

/* NULL, or what is wrong (static, or in the pool): the URL, too many headers, no memory (pool->status then). */
const char *sigv4_sign(struct pool *pool, const struct services *services,
                       const struct sigv4_ask *ask, struct sigv4_answer *ret);
