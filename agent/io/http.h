/*
 * http.h: HTTP over libcurl's multi interface: many transfers side by side in one thread, memory bounded by their windows.
 *
 * A client, its settings applied, belongs to one thread; only http_interrupt may come from another (while the client lives).
 * Nothing here logs; errors name host and port, never userinfo, path or query. Only http and https are spoken. Bodies come
 * as they were sent: no content encoding is undone. HTTP/2 where the server has it, without sharing a connection between
 * transfers at the same time (that would undo the windows). The head of a reply may have 64 KiB and 256 fields.
 */
#pragma once

#include "cxd/host.h"

enum { HTTP_CA_MAX = 32, HTTP_WORDS_MAX = 32, HTTP_PINS_MAX = 16, HTTP_PROXY_HEADERS_MAX = 16 };

enum http_verify {
    HTTP_VERIFY_FULL = 0,    /* chain and host name */
    HTTP_VERIFY_CERTIFICATE, /* chain only */
    HTTP_VERIFY_NONE
};

enum http_tls { HTTP_TLS_1_2 = 1u << 0, HTTP_TLS_1_3 = 1u << 1 };

/*
 * All zero is a sensible default. Strings are borrowed for the call of http_client_new only: it reads files, parses PEM and
 * keeps what it needs. "PEM or path": text that has a line "-----BEGIN" is PEM, other text is a path.
 */
struct http_settings {
    const char *ca[HTTP_CA_MAX]; /* PEM or path; none: the system's */
    uint32_t ca_count;
    uint32_t verify;                 /* enum http_verify */
    const char *certificate;         /* client certificate and its chain, PEM or path; or NULL */
    const char *key;                 /* its key, PEM or path; NULL: in the certificate's text */
    const char *key_passphrase;      /* or NULL */
    const char *key_passphrase_path; /* file whose first line is one; or NULL */
    const char *ca_fingerprint;      /* SHA-256 in hex, colons allowed; or NULL */
    const char *pins
        [HTTP_PINS_MAX]; /* base64 of SHA-256s of public keys: one of the chain's must be among them */
    uint32_t pin_count;
    uint32_t protocols;                 /* enum http_tls bits; 0: both */
    const char *suites[HTTP_WORDS_MAX]; /* cipher suites by Beats' names; none: OpenSSL's choice */
    uint32_t suite_count;
    const char *curves[HTTP_WORDS_MAX]; /* P-256, P-384, P-521, X25519; none: OpenSSL's choice */
    uint32_t curve_count;
    const char *proxy_url; /* NULL: from the environment, unless proxy_disable */
    struct cxd_header proxy_headers[HTTP_PROXY_HEADERS_MAX]; /* for the proxy alone */
    uint32_t proxy_header_count;
    const char *user_agent;      /* NULL: none is sent */
    uint32_t proxy_disable;      /* 1: no proxy at all */
    uint32_t connect_timeout_ms; /* name, connection and TLS; 0: 30,000 */
    uint32_t
        follow_redirects; /* how many; 0: a redirect is a reply like others; never from https to http */
    uint32_t http1_only;      /* 1: HTTP/2 is not offered to the server */
    uint32_t max_idle;        /* connections kept for re-use; 0: 16 */
    uint32_t idle_timeout_ms; /* a connection unused for so long is not used again; 0: 118,000 */
};

/*
 * Fills *ret_settings from the rows of CXD_HTTP_OPTIONS in a BSON document, read through `get` (doc_get of io/doc.h). The
 * strings are borrowed from doc. CXD_CONFIG for a word that is not known.
 */
int http_settings_read(struct cxd_bytes doc,
                       struct cxd_scalar (*get)(struct cxd_bytes doc, const char *path),
                       struct http_settings *ret_settings, struct cxd_error *err);

/* CXD_CONFIG when a certificate, key, fingerprint or proxy cannot be used, with the reason. settings NULL: all defaults. */
int http_client_new(const struct http_settings *settings, struct cxd_client **ret_client,
                    struct cxd_error *err);
/* Closes its transfers too; accepts NULL. May wait for a name look-up under way (seconds at the worst). */
void http_client_free(struct cxd_client *client);

/*
 * Queues a transfer; it moves inside http_wait. Headers and URL are copied; parts are borrowed until http_close, as the body
 * may have to be sent again on another connection. CXD_CONFIG: URL or header that cannot be sent; CXD_INVALID: no method.
 */
int http_start(struct cxd_client *client, const struct cxd_request *request,
               struct cxd_transfer **ret_transfer, struct cxd_error *err);
/*
 * Lets all transfers run until one has something new (head, body, end), the time is over, or http_interrupt: then
 * CXD_STOPPED, once for each interrupt. An interrupt before the call counts. A transfer whose unread body fills its window
 * rests, and does not keep others from running. News are told once: read what came before waiting for more. With no
 * transfer at all it just waits.
 */
int http_wait(struct cxd_client *client, uint32_t timeout_ms);
/*
 * Next piece of body: 0 and bytes, valid until the next call on this transfer (http_wait does not touch them); CXD_AGAIN;
 * CXD_END; or the failure, which comes after all body that arrived before it, and comes again when asked again.
 */
int http_read(struct cxd_transfer *t, struct cxd_bytes *ret_bytes, struct cxd_error *err);
int http_status(struct cxd_transfer *t); /* 0 until the reply's head is here */
/* First field of that name, letter case ignored; NULL: absent. Valid until close. */
const char *http_header(struct cxd_transfer *t, const char *name);
/* Field number `index` in the order sent: 1, or 0 past the end. Valid until close. */
int http_header_at(struct cxd_transfer *t, uint32_t index, struct cxd_bytes *ret_name,
                   struct cxd_bytes *ret_value);
void http_close(struct cxd_transfer *t); /* accepts NULL; aborts when running */
void http_interrupt(struct cxd_client *client);

/*
 * Milliseconds asked for by a Retry-After value (seconds or HTTP date) seen at wall_ms: 0 for a date gone by, one day at the
 * most (a wrong clock on either side must not stop us for ever); -1 when it is neither.
 */
int64_t http_retry_after(const char *value, int64_t wall_ms);

/*
 * GET of a path over a UNIX socket, at most five seconds; the body is appended, up to its limit. For commands that ask the agent
 * on this machine. CXD_CONNECT: nobody listens there; CXD_IO, CXD_NOMEM.
 */
struct buf;
int http_local_get(const char *socket_path, const char *path, struct buf *body, int *ret_status,
                   struct cxd_error *err);

/* What curl and its TLS library call themselves. Static. */
const char *http_library(void);
