/*
 * aws_sign.h: requests with Amazon's signature (auth.aws): keys of the options, of a file of profiles, of the environment, or of a
 * role that these may take. One thread.
 */
#pragma once

#include "lang/pool.h"
#include "lib/fetch.h"
#include "settings.h"

#define AWS_SIGN_HEADERS 3

struct aws_sign {
    const struct heap *heap; /* NULL: never opened */
    const struct settings_aws *settings;
    struct cxd_client *client;
    struct fetch fetch;
    struct text id, secret, token; /* of the role */
    int64_t good_until_ms;
    bool has_role;
};

void aws_sign_open(struct aws_sign *a, const struct heap *heap, const struct settings_aws *settings,
                   struct cxd_client *client);
void aws_sign_done(struct aws_sign *a);
/* 0: keys are there. CXD_AGAIN: those of the role are being fetched, http_wait. Or the failure. */
int aws_sign_step(struct aws_sign *a, struct cxd_error *err);
/* A 401 or 403 came: the next step takes the role anew. */
void aws_sign_refused(struct aws_sign *a);
/* The headers that sign the request, in the pool. CXD_CONFIG: no keys, or neither options nor host tell region and service. */
int aws_sign_headers(struct aws_sign *a, struct pool *pool, const struct cxd_request *request,
                     struct cxd_bytes body, struct cxd_header ret[AWS_SIGN_HEADERS],
                     size_t *ret_count, struct cxd_error *err);
