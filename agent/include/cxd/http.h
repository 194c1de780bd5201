/*
 * http.h: requests and replies as values. The transport (TLS, proxy, HTTP/2, reuse of connections) is the host's.
 *
 * A client belongs to one instance and one thread. Transfers run side by side inside http_wait; each buffers at most its
 * window of unread body, after which the connection itself is held back, so memory does not grow with the body.
 */
#ifndef CXD_HTTP_H
#define CXD_HTTP_H

#include "abi.h"
#include "option.h"

struct cxd_client;   /* connections, TLS settings, cookies: none */
struct cxd_transfer; /* one request and its reply */

struct cxd_header {
    const char *name;
    const char *value;
    uint32_t secret; /* 1: masked in traces and logs */
    uint32_t reserved;
};

struct cxd_request {
    uint32_t size; /* of this struct */
    uint32_t flags;
    const char *method; /* "GET", "POST", "PUT", "HEAD", "DELETE" */
    const char *url;
    const struct cxd_header *headers; /* copied */
    size_t header_count;
    const struct cxd_bytes
        *parts; /* body, sent in order; array and bytes are borrowed until the transfer is closed */
    size_t part_count;
    uint32_t timeout_ms;       /* whole transfer; 0: none */
    uint32_t stall_timeout_ms; /* under stall_bytes in each such time: CXD_TIMEOUT; 0: 60,000 */
    uint32_t stall_bytes;      /* bytes a second; 0: 1 */
    uint32_t window;           /* bytes of unread body buffered; 0: 262,144 */

    /* since 1.1, for a host that offers CXD_CAN_UNIX; others would not look at it */
    const char *
        unix_socket; /* absolute path: to this socket, whatever the URL's host; NULL: over the network */
};

/* Of a module built before unix_socket was there. */
#define CXD_REQUEST_SIZE_MIN offsetof(struct cxd_request, unix_socket)

/*
 * Rows for a module that speaks HTTP: put CXD_HTTP_OPTIONS into its table and pass the options document to http_client.
 * Names and meanings are those of Beats.
 */
#define CXD_HTTP_OPTIONS                                                                           \
    {                                                                                              \
        "ssl.enabled", CXD_OPTION_BOOL, CXD_OPTION_ADVANCED, "true", "TLS settings below apply",   \
        NULL},                                                                                     \
        {"ssl.verification_mode",                                                                  \
         CXD_OPTION_STRING,                                                                        \
         0,                                                                                        \
         "full",                                                                                   \
         "full: chain and host name; certificate: chain only; none: nothing is checked (tests "    \
         "only)",                                                                                  \
         NULL},                                                                                    \
        {"ssl.certificate_authorities",                                                            \
         CXD_OPTION_STRING_LIST,                                                                   \
         0,                                                                                        \
         NULL,                                                                                     \
         "CA certificates, as file paths or PEM text; without it the system's",                    \
         NULL},                                                                                    \
        {"ssl.certificate", CXD_OPTION_STRING, 0, NULL, "Client certificate, path or PEM", NULL},  \
        {"ssl.key", CXD_OPTION_STRING, CXD_OPTION_SECRET, NULL, "Client key, path or PEM", NULL},  \
        {"ssl.key_passphrase",    CXD_OPTION_STRING,                                               \
         CXD_OPTION_SECRET,       NULL,                                                            \
         "Passphrase of the key", NULL},                                                           \
        {"ssl.key_passphrase_path",                                                                \
         CXD_OPTION_STRING,                                                                        \
         CXD_OPTION_ADVANCED,                                                                      \
         NULL,                                                                                     \
         "File with the passphrase in its first line",                                             \
         NULL},                                                                                    \
        {"ssl.ca_sha256",                                                                          \
         CXD_OPTION_STRING_LIST,                                                                   \
         CXD_OPTION_ADVANCED,                                                                      \
         NULL,                                                                                     \
         "Base64 of SHA-256s of public keys; one in the server's verified chain must be among "    \
         "them",                                                                                   \
         NULL},                                                                                    \
        {"ssl.ca_trusted_fingerprint",                                                             \
         CXD_OPTION_STRING,                                                                        \
         0,                                                                                        \
         NULL,                                                                                     \
         "SHA-256 in hex of a CA certificate to trust when the server presents it",                \
         NULL},                                                                                    \
        {"ssl.supported_protocols",                                                                \
         CXD_OPTION_STRING_LIST,                                                                   \
         CXD_OPTION_ADVANCED,                                                                      \
         NULL,                                                                                     \
         "TLSv1.2 and TLSv1.3 (default both)",                                                     \
         NULL},                                                                                    \
        {"ssl.cipher_suites",                                                                      \
         CXD_OPTION_STRING_LIST,                                                                   \
         CXD_OPTION_ADVANCED,                                                                      \
         NULL,                                                                                     \
         "Cipher suites, as ECDHE-RSA-AES-128-GCM-SHA256 (default OpenSSL's)",                     \
         NULL},                                                                                    \
        {"ssl.curve_types",                                                                        \
         CXD_OPTION_STRING_LIST,                                                                   \
         CXD_OPTION_ADVANCED,                                                                      \
         NULL,                                                                                     \
         "P-256, P-384, P-521, X25519 (default OpenSSL's)",                                        \
         NULL},                                                                                    \
        {"ssl.renegotiation",                                                                      \
         CXD_OPTION_STRING,                                                                        \
         CXD_OPTION_ADVANCED,                                                                      \
         NULL,                                                                                     \
         "Only never: TLS 1.3 knows none",                                                         \
         NULL},                                                                                    \
        {"proxy_url",                                                                              \
         CXD_OPTION_STRING,                                                                        \
         CXD_OPTION_SECRET,                                                                        \
         NULL,                                                                                     \
         "Proxy, with user:password@ if needed",                                                   \
         NULL},                                                                                    \
        {"proxy_disable",                                                                          \
         CXD_OPTION_BOOL,                                                                          \
         CXD_OPTION_ADVANCED,                                                                      \
         "false",                                                                                  \
         "Ignore proxies from the environment",                                                    \
         NULL},                                                                                    \
    {                                                                                              \
        "connect_timeout", CXD_OPTION_DURATION, CXD_OPTION_ADVANCED, "30s",                        \
            "Time to a connection, TLS included", NULL                                             \
    }

#endif
