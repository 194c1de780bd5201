/*
 * serve.c: one libmicrohttpd daemon with a thread of its own for each place that is listened on.
 */
#include "io/serve.h"

#include <arpa/inet.h>
#include <errno.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define CONNECTIONS_MAX 32u
#define IDLE_SECONDS 10u
#define CONNECTION_MEMORY 16384u

struct serve {
    struct MHD_Daemon *local;
    struct MHD_Daemon *tcp;
    pthread_mutex_t lock; /* one answer at a time */
    char *socket_path;
    uint16_t port;
    size_t body_max;
    void (*answer)(void *owner, const char *path, struct serve_reply *reply);
    void *owner;
};

/* --- who may ask ----------------------------------------------------------------------------- */

/* "localhost:6791", "127.0.0.1", "[::1]:6791": the name without its port is this machine's. */
static int is_local_name(const char *host)
{
    static const char *const names[] = {"localhost", "[::1]"};
    size_t len = strcspn(host, host[0] == '[' ? "]" : ":");
    struct in_addr address;
    char text[INET_ADDRSTRLEN];

    len += host[0] == '[' && host[len] == ']';
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strlen(names[i]) == len && strncasecmp(host, names[i], len) == 0) {
            return 1;
        }
    }
    if (len >= sizeof text) {
        return 0;
    }
    memcpy(text, host, len);
    text[len] = '\0';
    return inet_pton(AF_INET, text, &address) == 1 && ntohl(address.s_addr) >> 24 == 127;
}

static int is_asked_here(const struct serve *s, struct MHD_Connection *connection,
                         struct MHD_Daemon *daemon)
{
    const char *host = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "Host");

    return daemon == s->local || (host != NULL && is_local_name(host));
}

/* --- answers --------------------------------------------------------------------------------- */

static enum MHD_Result reply_send(struct MHD_Connection *connection, struct serve_reply *reply)
{
    static char nothing[] = "";
    struct MHD_Response *response = MHD_create_response_from_buffer(
        reply->body.len, reply->body.ptr != NULL ? reply->body.ptr : nothing,
        MHD_RESPMEM_MUST_COPY);
    enum MHD_Result result = MHD_NO;

    if (response == NULL) {
        return MHD_NO;
    }
    if (MHD_add_response_header(response, "Content-Type", reply->type) == MHD_YES &&
        MHD_add_response_header(response, "Cache-Control", "no-store") == MHD_YES &&
        MHD_add_response_header(response, "X-Content-Type-Options", "nosniff") == MHD_YES &&
        MHD_add_response_header(response, "Content-Security-Policy",
                                "default-src 'none'; style-src 'unsafe-inline'; script-src "
                                "'unsafe-inline'; connect-src 'self'; frame-ancestors 'none'") ==
            MHD_YES &&
        (reply->status != MHD_HTTP_METHOD_NOT_ALLOWED ||
         MHD_add_response_header(response, "Allow", "GET, HEAD") == MHD_YES)) {
        result = MHD_queue_response(connection, (unsigned)reply->status, response);
    }
    MHD_destroy_response(response);
    return result;
}

static void reply_refuse(struct serve_reply *reply, int status, const char *text)
{
    reply->status = status;
    reply->type = "text/plain; charset=utf-8";
    buf_clear(&reply->body);
    (void)buf_add_text(&reply->body, text); /* without memory the status has to do */
}

static enum MHD_Result request_answer(void *arg, struct MHD_Connection *connection, const char *url,
                                      const char *method, const char *version, const char *data,
                                      size_t *data_len, void **state)
{
    struct serve *s = arg;
    struct MHD_Daemon *daemon =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_DAEMON)->daemon;
    struct serve_reply reply = {.status = MHD_HTTP_OK, .type = "text/plain; charset=utf-8"};
    enum MHD_Result result;

    (void)version;
    (void)data;
    if (*data_len > 0) { /* a body is read to its end and thrown away */
        *data_len = 0;
        return MHD_YES;
    }
    if (*state == NULL) { /* the head alone is here */
        *state = s;
        return MHD_YES;
    }
    buf_init(&reply.body, s->body_max);
    if (strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0) {
        reply_refuse(&reply, MHD_HTTP_METHOD_NOT_ALLOWED, "only GET is answered\n");
    } else if (!is_asked_here(s, connection, daemon)) {
        reply_refuse(&reply, MHD_HTTP_FORBIDDEN, "ask for localhost\n");
    } else {
        (void)pthread_mutex_lock(&s->lock);
        s->answer(s->owner, url, &reply);
        (void)pthread_mutex_unlock(&s->lock);
    }
    result = reply_send(connection, &reply);
    buf_done(&reply.body);
    return result;
}

/* --- where it listens ------------------------------------------------------------------------ */

static struct MHD_Daemon *daemon_start(struct serve *s, int fd)
{
    return MHD_start_daemon(
        MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_POLL, 0, NULL, NULL, request_answer, s,
        MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_CONNECTION_LIMIT, CONNECTIONS_MAX,
        MHD_OPTION_CONNECTION_TIMEOUT, IDLE_SECONDS, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
        (size_t)CONNECTION_MEMORY, MHD_OPTION_END);
}

static int socket_bind(int fd, const struct sockaddr *address, socklen_t len)
{
    return bind(fd, address, len) == 0 && listen(fd, (int)CONNECTIONS_MAX) == 0;
}

static int local_open(struct serve *s, const char *path, struct cxd_error *err)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd;

    if (strlen(path) >= sizeof address.sun_path) {
        return cxd_error_set(err, CXD_CONFIG, "%s: a socket's name may have %zu bytes", path,
                             sizeof address.sun_path - 1);
    }
    memcpy(address.sun_path, path, strlen(path) + 1);
    s->socket_path = strdup(path);
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (s->socket_path == NULL || fd < 0) {
        if (fd >= 0) {
            (void)close(fd);
        }
        return cxd_error_set(err, CXD_NOMEM, "%s: no socket", path);
    }
    (void)unlink(
        path); /* that of an agent which did not end by itself: the folder is ours, and locked */
    (void)fchmod(fd, 0600);
    if (!socket_bind(fd, (const struct sockaddr *)&address, sizeof address) ||
        chmod(path, 0600) != 0) {
        int code = errno;
        (void)close(fd);
        return cxd_error_set(err, CXD_IO, "%s: cannot listen: %s", path, strerror(code));
    }
    s->local = daemon_start(s, fd);
    if (s->local == NULL) {
        (void)close(fd);
        return cxd_error_set(err, CXD_IO, "%s: the server does not start", path);
    }
    return CXD_OK;
}

union address {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
};

/* 0: not a loopback address. */
static socklen_t address_read(const char *host, uint16_t port, union address *ret_address)
{
    memset(ret_address, 0, sizeof *ret_address);
    if (strcmp(host, "localhost") == 0) {
        host = "127.0.0.1";
    }
    if (inet_pton(AF_INET, host, &ret_address->v4.sin_addr) == 1) {
        ret_address->v4.sin_family = AF_INET;
        ret_address->v4.sin_port = htons(port);
        return ntohl(ret_address->v4.sin_addr.s_addr) >> 24 == 127 ? sizeof ret_address->v4 : 0;
    }
    memset(ret_address, 0, sizeof *ret_address);
    if (inet_pton(AF_INET6, host, &ret_address->v6.sin6_addr) == 1) {
        ret_address->v6.sin6_family = AF_INET6;
        ret_address->v6.sin6_port = htons(port);
        return IN6_IS_ADDR_LOOPBACK(&ret_address->v6.sin6_addr) ? sizeof ret_address->v6 : 0;
    }
    return 0;
}

static uint16_t port_of(int fd)
{
    union address address;
    socklen_t len = sizeof address;

    if (getsockname(fd, &address.any, &len) != 0) {
        return 0;
    }
    return ntohs(address.any.sa_family == AF_INET ? address.v4.sin_port : address.v6.sin6_port);
}

static int tcp_open(struct serve *s, const char *host, uint16_t port, struct cxd_error *err)
{
    union address address;
    socklen_t len = address_read(host, port, &address);
    int on = 1;
    int fd;

    if (len == 0) {
        return cxd_error_set(err, CXD_CONFIG,
                             "%s: expected localhost, 127.0.0.1 or ::1: the status is for this "
                             "machine only",
                             host);
    }
    fd = socket(address.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) {
        return cxd_error_set(err, CXD_IO, "%s: no socket: %s", host, strerror(errno));
    }
    (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on); /* best effort */
    if (!socket_bind(fd, &address.any, len)) {
        int code = errno;
        (void)close(fd);
        return code == EADDRINUSE
                   ? cxd_error_set(err, CXD_EXISTS, "%s:%u: the port is in use by another process",
                                   host, port)
                   : cxd_error_set(err, CXD_IO, "%s:%u: cannot listen: %s", host, port,
                                   strerror(code));
    }
    s->port = port_of(fd);
    s->tcp = daemon_start(s, fd);
    if (s->tcp == NULL) {
        (void)close(fd);
        return cxd_error_set(err, CXD_IO, "%s:%u: the server does not start", host, port);
    }
    return CXD_OK;
}

int serve_open(const struct serve_spec *spec, struct serve **ret_serve, struct cxd_error *err)
{
    struct serve *s = calloc(1, sizeof *s);
    int r = CXD_OK;

    if (s == NULL) {
        return cxd_error_set(err, CXD_NOMEM, "status server: out of memory");
    }
    (void)pthread_mutex_init(&s->lock, NULL); /* never fails for a default mutex */
    s->body_max = spec->body_max;
    s->answer = spec->answer;
    s->owner = spec->owner;
    if (spec->socket_path != NULL) {
        r = local_open(s, spec->socket_path, err);
    }
    if (r == CXD_OK && spec->host != NULL) {
        r = tcp_open(s, spec->host, spec->port, err);
    }
    if (r != CXD_OK) {
        serve_close(s);
        return r;
    }
    *ret_serve = s;
    return CXD_OK;
}

uint16_t serve_port(const struct serve *s)
{
    return s->port;
}

void serve_close(struct serve *s)
{
    if (s == NULL) {
        return;
    }
    if (s->tcp != NULL) {
        MHD_stop_daemon(s->tcp);
    }
    if (s->local != NULL) {
        MHD_stop_daemon(s->local);
        (void)unlink(s->socket_path); /* best effort: the next start replaces it */
    }
    (void)pthread_mutex_destroy(&s->lock);
    free(s->socket_path);
    free(s);
}
