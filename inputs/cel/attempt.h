/* attempt.h: a request as it goes out: method, URL, headers, as the program, the options and redirects have it. */
#pragma once

#include "sender.h"

#define ATTEMPT_HEADERS_MAX (2 * SETTINGS_NAMES_MAX + SENDER_HEADERS_MAX)

/* Texts live in the pool of the evaluation. Changed by redirects. */
struct attempt {
    const struct services_request *from;
    char *method;
    char *url;
    struct cxd_bytes body;
    struct cxd_header headers[ATTEMPT_HEADERS_MAX];
    size_t header_count;
    int64_t tries;
    int64_t hops;
    bool is_away;    /* a redirect led to another host */
    bool is_renewed; /* credentials were refused once */
};

/* CXD_INVALID: not http or https. CXD_NOMEM. */
int attempt_begin(struct attempt *a, struct pool *pool, const struct services_request *request,
                  struct cxd_error *err);
/* The headers for this try, credentials included. CXD_INVALID: one holds a line end. */
int attempt_headers(struct sender *s, struct attempt *a, struct cxd_error *err);
