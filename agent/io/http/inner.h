/*
 * inner.h: what the files of this folder share: a client, its transfers, and who does what. Nobody else includes this.
 *
 * client.c runs transfers; transfer.c holds one and its body; request.c tells curl what to send; reply.c reads the head;
 * settings.c reads options; suite.c their words for OpenSSL; trust.c knows OpenSSL; fault.c turns curl's codes into ours.
 */
#pragma once

#include "io/http.h"

#include <curl/curl.h>
#include <stdatomic.h>

enum {
    HTTP_URL_MAX = 32 * 1024,
    HTTP_HEAD_MAX = 64 * 1024, /* bytes of a request's or a reply's head */
    HTTP_FIELDS_MAX = 256,
    HTTP_PIECE = CURL_MAX_WRITE_SIZE, /* the most that curl hands over at once */
    HTTP_WINDOW = 256 * 1024,
    HTTP_WINDOW_MAX = 64 * 1024 * 1024,
    HTTP_STALL_MS = 60 * 1000,
    HTTP_CONNECT_MS = 30 * 1000
};

struct trust;

struct cxd_client {
    CURLM *multi;
    struct trust *trust;
    struct cxd_transfer *first;
    char *proxy_url; /* may hold a password: wiped */
    char *user_agent;
    uint32_t verify;
    uint32_t protocols;
    char *suites[2]; /* up to TLS 1.2, and of 1.3, in OpenSSL's words; NULL: its choice */
    char *curves;
    struct curl_slist *proxy_headers; /* may hold secrets: wiped */
    uint32_t idle_timeout_ms;
    uint32_t proxy_disable;
    uint32_t connect_timeout_ms;
    uint32_t follow_redirects;
    uint32_t http1_only;
    int news;        /* something happened that http_wait has not told yet */
    int64_t left_ms; /* when http_wait was left last */
    atomic_int is_interrupted;
};

/* One field of the reply's head. */
struct field {
    struct field *next;
    size_t name_len;
    char *value;
    char text[]; /* name NUL value NUL */
};

struct side {
    char *ptr;
    size_t len;
    size_t cap;
};

struct cxd_transfer {
    struct cxd_client *client;
    struct cxd_transfer *next;
    CURL *easy;
    struct curl_slist *headers; /* may hold secrets: wiped */
    char peer[272];             /* host:port or path of the socket, for errors */
    int is_local;               /* over a socket of this machine */

    const struct cxd_bytes *parts;
    size_t part_count;
    size_t part_at;     /* next part to send */
    size_t part_offset; /* within it */
    int64_t body_len;

    struct field *fields; /* newest first while reading, turned round at the end of the head */
    size_t field_count;
    size_t head_bytes;
    int line_status; /* of the head being read */
    int status;      /* of the final head; 0 before */

    struct side front; /* lent to the reader */
    struct side back;  /* being filled */
    size_t side_max;   /* half a window */
    int is_paused;
    int is_resumable; /* paused, and the reader has made room */
    uint64_t received;

    uint32_t timeout_ms;
    uint32_t stall_ms;
    uint64_t stall_need; /* bytes in each stall_ms */
    int64_t since_ms;
    uint64_t since_moved;
    uint64_t moved; /* bytes in both directions */

    int own_fault; /* negative: a callback stopped curl for this reason */
    int result;    /* CXD_AGAIN while running; CXD_END; or the failure in err */
    struct cxd_error err;
    char reason[CURL_ERROR_SIZE]; /* curl's words */
};

/* client.c */
int64_t client_now_ms(void); /* monotonic */

/* transfer.c */
size_t transfer_take(char *ptr, size_t size, size_t count, void *arg); /* body from curl */
void transfer_finish(struct cxd_transfer *t, CURLcode code);
void transfer_fail(struct cxd_transfer *t, int status, const char *what);
void transfer_restart_stall(struct cxd_transfer *t, int64_t now_ms);

/* request.c: tells t->easy all about the request. */
int request_apply(struct cxd_transfer *t, const struct cxd_request *request, struct cxd_error *err);
void request_done(struct cxd_transfer *t);
/* Lines of head for curl, each "name: value". CXD_CONFIG: what cannot be sent; CXD_NOMEM. *lines may be longer after a failure. */
int request_header_add(struct curl_slist **lines, const struct cxd_header *h);
void request_lines_free(struct curl_slist *lines); /* wipes; accepts NULL */

/* reply.c */
size_t reply_take(char *ptr, size_t size, size_t count, void *arg); /* a line of head from curl */
void reply_done(struct cxd_transfer *t);

/* fault.c */
void fault_describe(struct cxd_transfer *t, CURLcode code, struct cxd_error *ret_err);

/* suite.c: suites and curves of the settings into c, and perhaps fewer protocols */
int suite_make(struct cxd_client *c, const struct http_settings *s, struct cxd_error *err);
void suite_done(struct cxd_client *c);

/* trust.c */
int trust_new(const struct http_settings *settings, struct trust **ret_trust,
              struct cxd_error *err);
void trust_free(struct trust *trust); /* accepts NULL */
int trust_has_anchors(const struct trust *trust);
CURLcode trust_apply(CURL *easy, void *ssl_ctx,
                     void *arg); /* CURLOPT_SSL_CTX_FUNCTION; arg: the trust */
/* What a person may do about a certificate that was refused with this OpenSSL result. Static. */
const char *trust_advice(long verify_result);
