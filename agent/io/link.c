/* link.c: see the header. Bytes go through memory, so that no write can raise SIGPIPE: OpenSSL never sees the socket. */
#include "io/link.h"

#include "base/clock.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define PIECE 16384

struct link {
    int fd;
    SSL_CTX *ctx;
    SSL *ssl;
    BIO *in;  /* from the socket, ssl's */
    BIO *out; /* to the socket, ssl's */
    short wants;
};

static int tls_fail(struct cxd_error *err, int status, const char *what)
{
    unsigned long code = ERR_peek_last_error();
    const char *reason = code != 0 ? ERR_reason_error_string(code) : NULL;

    if (reason != NULL && strstr(reason, "alert internal error") != NULL) {
        reason = "the server refuses the name (TLS alert internal_error)";
    }
    ERR_clear_error();
    return cxd_error_set(err, status, "%s%s%s", what, reason != NULL ? ": " : "",
                         reason != NULL ? reason : "");
}

static X509 *cert_read(struct cxd_bytes pem)
{
    BIO *bio = BIO_new_mem_buf(pem.ptr, (int)pem.len);
    X509 *cert = bio != NULL ? PEM_read_bio_X509(bio, NULL, NULL, NULL) : NULL;

    BIO_free(bio);
    return cert;
}

static EVP_PKEY *key_read(struct cxd_bytes pem)
{
    BIO *bio = BIO_new_mem_buf(pem.ptr, (int)pem.len);
    EVP_PKEY *key = bio != NULL ? PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL) : NULL;

    BIO_free(bio);
    return key;
}

static int ctx_fill(SSL_CTX *ctx, const struct link_spec *spec)
{
    static const unsigned char alpn[] = {2, 'h', '2'};
    X509 *ca = cert_read(spec->ca_cert);
    X509 *cert = cert_read(spec->cert);
    EVP_PKEY *key = key_read(spec->key);
    int is_good = ca != NULL && cert != NULL && key != NULL &&
                  SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION) == 1 &&
                  X509_STORE_add_cert(SSL_CTX_get_cert_store(ctx), ca) == 1 &&
                  SSL_CTX_use_certificate(ctx, cert) == 1 &&
                  SSL_CTX_use_PrivateKey(ctx, key) == 1 && SSL_CTX_check_private_key(ctx) == 1 &&
                  SSL_CTX_set_alpn_protos(ctx, alpn, sizeof alpn) == 0;

    SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, NULL);
    X509_free(ca);
    X509_free(cert);
    EVP_PKEY_free(key);
    return is_good;
}

static int tls_make(struct link *l, const struct link_spec *spec, struct cxd_error *err)
{
    l->ctx = SSL_CTX_new(TLS_client_method());
    if (l->ctx == NULL || !ctx_fill(l->ctx, spec)) {
        return tls_fail(err, CXD_CONFIG, "certificates of the connection cannot be used");
    }
    l->ssl = SSL_new(l->ctx);
    l->in = BIO_new(BIO_s_mem());
    l->out = BIO_new(BIO_s_mem());
    if (l->ssl == NULL || l->in == NULL || l->out == NULL) {
        BIO_free(l->in);
        BIO_free(l->out);
        return tls_fail(err, CXD_NOMEM, "TLS: out of memory");
    }
    SSL_set_bio(l->ssl, l->in, l->out);
    SSL_set_connect_state(l->ssl);
    if (SSL_set_tlsext_host_name(l->ssl, spec->server_name) != 1 ||
        SSL_set1_host(l->ssl, spec->server_name) != 1) {
        return tls_fail(err, CXD_CONFIG, "the server's name cannot be used");
    }
    return CXD_OK;
}

/* 0: ready; CXD_TIMEOUT, CXD_STOPPED. */
static int fd_wait(int fd, short events, int64_t deadline_ms, int stop_fd)
{
    for (;;) {
        struct pollfd fds[2] = {{.fd = fd, .events = events}, {.fd = stop_fd, .events = POLLIN}};
        int64_t left_ms = deadline_ms - clock_mono_ms();
        int n = left_ms > 0 ? poll(fds, stop_fd >= 0 ? 2 : 1, (int)left_ms) : 0;
        if (n > 0 && stop_fd >= 0 && fds[1].revents != 0) {
            return CXD_STOPPED;
        }
        if (n > 0) {
            return CXD_OK;
        }
        if (n == 0 || errno != EINTR) {
            return CXD_TIMEOUT;
        }
    }
}

static int socket_connect(int fd, const struct sockaddr *address, socklen_t len,
                          int64_t deadline_ms, int stop_fd)
{
    int code = 0;
    socklen_t code_len = sizeof code;
    int r;

    if (connect(fd, address, len) == 0) {
        return CXD_OK;
    }
    if (errno != EINPROGRESS) {
        return CXD_CONNECT;
    }
    r = fd_wait(fd, POLLOUT, deadline_ms, stop_fd);
    if (r != CXD_OK) {
        return r;
    }
    if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &code, &code_len) != 0 || code != 0) {
        errno = code;
        return CXD_CONNECT;
    }
    return CXD_OK;
}

static int connect_unix(struct link *l, const char *path, int64_t deadline_ms, int stop_fd)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};

    if (strlen(path) >= sizeof address.sun_path) {
        return CXD_CONNECT;
    }
    memcpy(address.sun_path, path, strlen(path) + 1);
    l->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    return l->fd < 0 ? CXD_CONNECT
                     : socket_connect(l->fd, (const struct sockaddr *)&address, sizeof address,
                                      deadline_ms, stop_fd);
}

/* Each address in turn: a name like localhost has several, and the server may listen on one of them. */
static int connect_tcp(struct link *l, const char *address, int64_t deadline_ms, int stop_fd)
{
    const struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
    struct addrinfo *list = NULL;
    const char *colon = strrchr(address, ':');
    char host[512];
    int r = CXD_CONNECT;

    if (colon == NULL || (size_t)(colon - address) >= sizeof host) {
        return CXD_CONNECT;
    }
    (void)snprintf(host, sizeof host, "%.*s", (int)(colon - address), address);
    if (getaddrinfo(host, colon + 1, &hints, &list) != 0) {
        return CXD_CONNECT;
    }
    for (const struct addrinfo *a = list; a != NULL && r == CXD_CONNECT; a = a->ai_next) {
        const int one = 1;
        if (l->fd >= 0) {
            (void)close(l->fd);
        }
        l->fd = socket(a->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, a->ai_protocol);
        if (l->fd >= 0) {
            (void)setsockopt(l->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
            r = socket_connect(l->fd, a->ai_addr, a->ai_addrlen, deadline_ms, stop_fd);
        }
    }
    freeaddrinfo(list);
    return r;
}

/* What TLS has for the other side. CXD_OK: all is out. */
static int out_flush(struct link *l, struct cxd_error *err)
{
    char *ptr = NULL;
    long len = BIO_get_mem_data(l->out, &ptr);

    while (len > 0) {
        ssize_t n = send(l->fd, ptr, (size_t)len, MSG_NOSIGNAL);
        char taken[PIECE];
        if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)) {
            l->wants = POLLOUT;
            return CXD_AGAIN;
        }
        if (n < 0) {
            return cxd_error_set(err, CXD_CONNECT, "connection broke: %s", strerror(errno));
        }
        for (ssize_t left = n; left > 0;) { /* drop from memory what is gone */
            int k = BIO_read(l->out, taken, left > PIECE ? PIECE : (int)left);
            if (k <= 0) {
                break;
            }
            left -= k;
        }
        len = BIO_get_mem_data(l->out, &ptr);
    }
    return CXD_OK;
}

static int in_fill(struct link *l, struct cxd_error *err)
{
    char piece[PIECE];
    ssize_t n = recv(l->fd, piece, sizeof piece, 0);

    if (n > 0) {
        return BIO_write(l->in, piece, (int)n) == (int)n
                   ? CXD_OK
                   : cxd_error_set(err, CXD_NOMEM, "TLS: out of memory");
    }
    if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)) {
        l->wants = POLLIN;
        return CXD_AGAIN;
    }
    return n == 0 ? CXD_END
                  : cxd_error_set(err, CXD_CONNECT, "connection broke: %s", strerror(errno));
}

static int shake(struct link *l, int64_t deadline_ms, int stop_fd, struct cxd_error *err)
{
    for (;;) {
        int n = SSL_do_handshake(l->ssl);
        int why = SSL_get_error(l->ssl, n);
        int r = out_flush(l, err);
        if (r == CXD_OK && n == 1) {
            return CXD_OK;
        }
        if (n != 1 && why != SSL_ERROR_WANT_READ && why != SSL_ERROR_WANT_WRITE) {
            long verify = SSL_get_verify_result(l->ssl);
            if (verify != X509_V_OK) {
                ERR_clear_error();
                return cxd_error_set(err, CXD_TLS, "the server's certificate is not accepted: %s",
                                     X509_verify_cert_error_string(verify));
            }
            return tls_fail(err, CXD_TLS, "TLS handshake");
        }
        if (r == CXD_OK) {
            r = in_fill(l, err);
        }
        if (r == CXD_END) {
            return cxd_error_set(err, CXD_TLS, "TLS handshake: the server closed the connection");
        }
        if (r == CXD_AGAIN) {
            r = fd_wait(l->fd, l->wants, deadline_ms, stop_fd);
        }
        if (r != CXD_OK) {
            return r == CXD_TIMEOUT ? cxd_error_set(err, r, "TLS handshake: no answer in time") : r;
        }
    }
}

int link_open(const struct link_spec *spec, int64_t deadline_ms, int stop_fd,
              struct link **ret_link, struct cxd_error *err)
{
    struct link *l = calloc(1, sizeof *l);
    int r;

    if (l == NULL) {
        return cxd_error_set(err, CXD_NOMEM, "out of memory");
    }
    l->fd = -1;
    r = tls_make(l, spec, err);
    if (r == CXD_OK) {
        r = strncmp(spec->address, "unix:", 5) == 0
                ? connect_unix(l,
                               spec->address + (strncmp(spec->address, "unix://", 7) == 0 ? 7 : 5),
                               deadline_ms, stop_fd)
                : connect_tcp(l, spec->address, deadline_ms, stop_fd);
        if (r != CXD_OK && r != CXD_STOPPED) {
            (void)cxd_error_set(err, r, "%s: %s", spec->address,
                                r == CXD_TIMEOUT ? "no connection in time" : "no connection");
        }
    }
    r = r != CXD_OK ? r : shake(l, deadline_ms, stop_fd, err);
    if (r != CXD_OK) {
        link_free(l);
        return r;
    }
    *ret_link = l;
    return CXD_OK;
}

int link_fd(const struct link *l)
{
    return l->fd;
}

short link_wants(const struct link *l)
{
    return l->wants;
}

int64_t link_read(struct link *l, void *out, size_t room, struct cxd_error *err)
{
    for (;;) {
        int n = SSL_read(l->ssl, out, room > PIECE ? PIECE : (int)room);
        int why = n > 0 ? SSL_ERROR_NONE : SSL_get_error(l->ssl, n);
        int r;
        if (n > 0) {
            return n;
        }
        if (why == SSL_ERROR_ZERO_RETURN) {
            return CXD_END;
        }
        if (why != SSL_ERROR_WANT_READ && why != SSL_ERROR_WANT_WRITE) {
            return tls_fail(err, CXD_CONNECT, "TLS");
        }
        r = out_flush(l, err);
        r = r != CXD_OK ? r : in_fill(l, err);
        if (r != CXD_OK) {
            return r;
        }
    }
}

int64_t link_write(struct link *l, const void *data, size_t len, struct cxd_error *err)
{
    int r = out_flush(l, err);
    int n;

    if (r != CXD_OK || len == 0) {
        return r;
    }
    n = SSL_write(l->ssl, data, len > PIECE ? PIECE : (int)len);
    if (n <= 0) {
        int why = SSL_get_error(l->ssl, n);
        ERR_clear_error();
        l->wants = POLLIN;
        return why == SSL_ERROR_WANT_READ ? CXD_AGAIN
                                          : cxd_error_set(err, CXD_CONNECT, "TLS: cannot write");
    }
    r = out_flush(l, err);
    return r == CXD_OK || r == CXD_AGAIN ? n : r; /* what is not out yet goes first next time */
}

int link_is_unsent(const struct link *l)
{
    return BIO_pending(l->out) > 0;
}

void link_free(struct link *l)
{
    if (l == NULL) {
        return;
    }
    SSL_free(l->ssl);
    SSL_CTX_free(l->ctx);
    if (l->fd >= 0) {
        (void)close(l->fd);
    }
    free(l);
}
