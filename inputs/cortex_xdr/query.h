/* query.h: the request's body and headers. Pure but for chance. */
#pragma once

#include "profile.h"
#include "window.h"

/* {"request_data":{...}} for the page at the window's offset. */
void query_body(const struct profile *profile, const struct window *w, struct text *out);

#define QUERY_HEADERS 7u

struct query_key {
    struct cxd_bytes token;
    struct cxd_bytes token_id;
    bool is_advanced;
};

/* Texts of one request's headers; wiped by the caller. */
struct query_headers {
    char nonce[65];
    char timestamp[24];
    char hash[65];
    struct cxd_header list[QUERY_HEADERS];
    size_t count;
};

/* Lower-case hex SHA-256 of token, nonce and timestamp behind each other. */
int query_hash(const struct heap *h, struct cxd_bytes token, const char *nonce,
               const char *timestamp, char out[65]);
/* A fresh nonce and timestamp where the key is Advanced. CXD_NOMEM. */
int query_headers(const struct heap *h, const struct query_key *key, int64_t wall_ms,
                  struct query_headers *out);
