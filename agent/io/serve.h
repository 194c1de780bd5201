/*
 * serve.h: a small HTTP server for people and scrapers on the same machine, by libmicrohttpd: GET and HEAD, on a UNIX socket, on
 * a loopback address, or on both.
 *
 * It never listens elsewhere, as it asks nobody who they are; and it answers only requests whose Host names this machine, so that
 * a page of somebody else's in a browser cannot read it. At most 32 connections, 10 seconds each without a word.
 */
#pragma once

#include "base/buf.h"
#include "cxd/status.h"

#include <stdint.h>

struct serve;

struct serve_reply {
    int status;       /* 200 at the start */
    const char *type; /* static; text/plain at the start */
    struct buf body;  /* taken over */
};

struct serve_spec {
    const char *socket_path; /* made with mode 0600, an old one is replaced; NULL: none */
    const char *host;        /* localhost, 127.x.x.x or ::1; NULL: none */
    uint16_t port;           /* 0: any */
    size_t body_max;         /* bytes of one reply */
    /* Called from the server's thread, one call at a time. path begins with '/' and has no query. */
    void (*answer)(void *owner, const char *path, struct serve_reply *reply);
    void *owner;
};

/* Strings are borrowed for the call. CXD_CONFIG: not a loopback address, or the name of the socket is too long; CXD_EXISTS: the
 * port is in use; CXD_IO, CXD_NOMEM. */
int serve_open(const struct serve_spec *spec, struct serve **ret_serve, struct cxd_error *err);
uint16_t serve_port(const struct serve *s); /* 0: no TCP */
void serve_close(
    struct serve *s); /* waits for the call under way; removes the socket; accepts NULL */
