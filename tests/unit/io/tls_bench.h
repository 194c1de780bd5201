/*
 * tls_bench.h: what the tests of TLS share: certificates made on the spot, a TLS server on loopback for each transfer.
 */
#pragma once

#include "test.h"

#include "cert.h"
#include "io/http.h"
#include "peer.h"

#include <unistd.h>

extern struct cert ca;       /* signs what follows */
extern struct cert other_ca; /* signs nothing of it */
extern struct cert good;     /* localhost and 127.0.0.1 */
extern struct cert misnamed; /* another host */
extern struct cert expired;
extern struct cert lonely; /* signed by itself, no authority */
extern struct cert client; /* for us */
extern struct cert middle; /* an authority under ca */
extern struct cert under_middle;

struct outcome {
    int result;
    int status;
    struct cxd_error err;
    char session[200]; /* what was agreed on, in GnuTLS' words */
};

struct outcome get(const struct http_settings *settings, const char *scheme, int port);
/* From a server with that certificate, sent with chain (or NULL); client_ca: of clients it wants (or NULL). */
struct outcome get_from(const struct cert *server, const struct cert *chain, const char *client_ca,
                        const struct http_settings *settings);
void expect_refusal(struct outcome o, const char *reason, const char *advice);
void expect_reply(struct outcome o, int status);
/* A client cannot be made of these settings, and the reason has that text. */
void expect_no_client(const struct http_settings *settings, const char *text);
int tls_setup(void **state);
int tls_teardown(void **state);
