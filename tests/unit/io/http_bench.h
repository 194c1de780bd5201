/*
 * http_bench.h: what the tests of HTTP share: a server on loopback and one transfer run to its end. Every request carries a secret
 * in userinfo and query that no error text may show.
 */
#pragma once

#include "test.h"

#include "io/http.h"
#include "peer.h"

#include <time.h>
#include <unistd.h>

extern struct web *web; /* between setup and teardown */

int64_t now_ms(void);
/* In one of eight static buffers. */
const char *url_of(int port, const char *path);
struct cxd_request request_of(const char *method, const char *url);
struct cxd_client *client_of(const struct http_settings *settings);
struct cxd_transfer *start(struct cxd_client *c, const struct cxd_request *request);

struct outcome {
    int result;
    uint64_t len;
    uint64_t wrong; /* bytes that are not the pattern's */
    struct cxd_error err;
    char head[256]; /* first bytes */
};

/* Runs one transfer to its end. */
struct outcome finish(struct cxd_client *c, struct cxd_transfer *t);

/* What the raw server says to any request, and how it leaves. */
struct saying {
    const char *text;
    int is_reset;  /* leave by RST */
    int is_silent; /* stay until the other side leaves */
};

void say_script(int fd, int number, void *arg); /* arg: struct saying */
int setup(void **state);
int teardown(void **state);
