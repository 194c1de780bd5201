/*
 * link.h: one TLS connection with mutual certificates, made from PEM in memory, that never blocks. One owner, one thread.
 *
 * TLS 1.2 or later; the chain is verified by the given authority alone, the name by server_name, which is also the SNI; ALPN is h2. Every
 * address that the name has is tried. Secrets are in OpenSSL's memory until link_free.
 */
#pragma once

#include "cxd/abi.h"
#include "cxd/status.h"

#include <stdint.h>

struct link;

struct link_spec {
    const char *address; /* HOST:PORT, or unix:PATH */
    const char *server_name;
    struct cxd_bytes ca_cert, cert, key; /* PEM, ending with a NUL that len does not count */
};

/* Connects and shakes hands, by deadline_ms (mono). CXD_CONNECT, CXD_TLS (err says what was not accepted), CXD_CONFIG (a certificate cannot
 * be read), CXD_TIMEOUT, CXD_NOMEM. stop_fd: readable ends it with CXD_STOPPED. */
int link_open(const struct link_spec *spec, int64_t deadline_ms, int stop_fd,
              struct link **ret_link, struct cxd_error *err);
int link_fd(const struct link *l);
/* What poll should wait for before the next try, after CXD_AGAIN: POLLIN or POLLOUT. */
short link_wants(const struct link *l);
/* Bytes moved, or CXD_AGAIN, CXD_END (closed in order; reading only), CXD_CONNECT. */
int64_t link_read(struct link *l, void *out, size_t room, struct cxd_error *err);
int64_t link_write(struct link *l, const void *data, size_t len, struct cxd_error *err);
/* 1: written bytes wait for the socket; link_write with nothing sends them. */
int link_is_unsent(const struct link *l);
void link_free(struct link *l); /* accepts NULL */
