/* peer.c: see peer.h. */
#include "peer.h"

#include "test.h"

#include <arpa/inet.h>
#include <errno.h>
#include <gnutls/gnutls.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

struct web {
    struct MHD_Daemon *daemon;
    atomic_uint connections;
    _Atomic uint64_t sent;
    int wants_client;
};

struct body {
    struct web *web;
    uint64_t len;
};

struct upload {
    char *ptr;
    size_t len;
};

unsigned char web_byte(uint64_t at)
{
    return (unsigned char)((at * 2654435761u) >> 7);
}

static ssize_t body_make(void *arg, uint64_t at, char *out, size_t room)
{
    struct body *body = arg;

    if (at >= body->len) {
        return MHD_CONTENT_READER_END_OF_STREAM;
    }
    room = room < body->len - at ? room : (size_t)(body->len - at);
    for (size_t i = 0; i < room; i++) {
        out[i] = (char)web_byte(at + i);
    }
    atomic_fetch_add(&body->web->sent, room);
    return (ssize_t)room;
}

static uint64_t number_of(struct MHD_Connection *c, const char *name)
{
    const char *value = MHD_lookup_connection_value(c, MHD_GET_ARGUMENT_KIND, name);

    return value != NULL ? strtoull(value, NULL, 10) : 0;
}

static struct MHD_Response *text_reply(const char *text)
{
    return MHD_create_response_from_buffer(strlen(text), (void *)(uintptr_t)text,
                                           MHD_RESPMEM_MUST_COPY);
}

static struct MHD_Response *bytes_reply(struct web *web, struct MHD_Connection *c)
{
    struct body *body = malloc(sizeof *body);
    int is_chunked = number_of(c, "chunked") != 0;
    struct MHD_Response *reply;

    *body = (struct body){.web = web, .len = number_of(c, "n")};
    reply = MHD_create_response_from_callback(is_chunked ? MHD_SIZE_UNKNOWN : body->len, 64 * 1024,
                                              body_make, body, free);
    MHD_add_response_header(reply, "X-Twice", "first");
    MHD_add_response_header(reply, "X-Twice", "second");
    return reply;
}

static struct MHD_Response *echo_reply(const char *method, struct MHD_Connection *c,
                                       struct upload *up)
{
    struct MHD_Response *reply =
        MHD_create_response_from_buffer(up->len, up->ptr, MHD_RESPMEM_MUST_COPY);
    static const char *const names[] = {"Content-Length", "Expect",  "Content-Type",
                                        "X-Sent",         "X-Empty", "User-Agent"};
    char name[64];

    MHD_add_response_header(reply, "X-Method", method);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const char *value = MHD_lookup_connection_value(c, MHD_HEADER_KIND, names[i]);

        if (value != NULL) {
            (void)snprintf(name, sizeof name, "Echo-%s", names[i]);
            MHD_add_response_header(reply, name, value[0] != '\0' ? value : "(empty)");
        }
    }
    return reply;
}

static struct MHD_Response *redirect_reply(struct MHD_Connection *c, unsigned *ret_status)
{
    struct MHD_Response *reply = text_reply("away");
    const char *target = MHD_lookup_connection_value(c, MHD_GET_ARGUMENT_KIND, "to");
    uint64_t n = number_of(c, "n");
    char where[64];

    (void)snprintf(where, sizeof where, n > 1 ? "/redirect?n=%d" : "/bytes?n=5", (int)n - 1);
    MHD_add_response_header(reply, "Location", target != NULL ? target : where);
    *ret_status = 302;
    return reply;
}

static struct MHD_Response *head_reply(struct MHD_Connection *c, int is_many)
{
    struct MHD_Response *reply = text_reply("ok");
    uint64_t left = number_of(c, "n");
    char value[1001];
    char name[32];

    memset(value, 'v', sizeof value);
    for (int i = 0; left > 0; i++) {
        size_t len = is_many ? 1 : left < 1000 ? (size_t)left : 1000;

        value[len] = '\0';
        (void)snprintf(name, sizeof name, "X-%d", i);
        MHD_add_response_header(reply, name, value);
        value[len] = 'v';
        left -= len;
    }
    return reply;
}

static int has_client_certificate(struct MHD_Connection *c)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(c, MHD_CONNECTION_INFO_GNUTLS_SESSION);
    unsigned count = 0;
    unsigned status = 1;

    return info != NULL && gnutls_certificate_get_peers(info->tls_session, &count) != NULL &&
           gnutls_certificate_verify_peers2(info->tls_session, &status) == 0 && status == 0;
}

/* What a TLS session came to, as a header. */
static void session_tell(struct MHD_Connection *c, struct MHD_Response *reply)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(c, MHD_CONNECTION_INFO_GNUTLS_SESSION);
    char *text = info != NULL ? gnutls_session_get_desc(info->tls_session) : NULL;

    if (text != NULL) {
        MHD_add_response_header(reply, "X-Session", text);
        gnutls_free(text);
    }
}

static enum MHD_Result answer(struct web *web, struct MHD_Connection *c, const char *url,
                              const char *method, struct upload *up)
{
    struct MHD_Response *reply;
    enum MHD_Result r;
    unsigned status = 200;

    if (web->wants_client && !has_client_certificate(c)) {
        status = 403;
        reply = text_reply("");
    } else if (strcmp(url, "/bytes") == 0) {
        reply = bytes_reply(web, c);
    } else if (strcmp(url, "/echo") == 0) {
        reply = echo_reply(method, c, up);
    } else if (strcmp(url, "/redirect") == 0) {
        reply = redirect_reply(c, &status);
    } else if (strcmp(url, "/head") == 0 || strcmp(url, "/fields") == 0) {
        reply = head_reply(c, url[1] == 'f');
    } else {
        status = 404;
        reply = text_reply("nothing");
    }
    session_tell(c, reply);
    r = MHD_queue_response(c, status, reply);
    MHD_destroy_response(reply);
    return r;
}

static enum MHD_Result handle(void *arg, struct MHD_Connection *c, const char *url,
                              const char *method, const char *version, const char *data,
                              size_t *data_len, void **memory)
{
    struct upload *up = *memory;

    (void)version;
    if (up == NULL) {
        *memory = calloc(1, sizeof *up);
        return MHD_YES;
    }
    if (*data_len > 0) {
        up->ptr = realloc(up->ptr, up->len + *data_len);
        memcpy(up->ptr + up->len, data, *data_len);
        up->len += *data_len;
        *data_len = 0;
        return MHD_YES;
    }
    return answer(arg, c, url, method, up);
}

static void handled(void *arg, struct MHD_Connection *c, void **memory,
                    enum MHD_RequestTerminationCode code)
{
    struct upload *up = *memory;

    (void)arg;
    (void)c;
    (void)code;
    if (up != NULL) {
        free(up->ptr);
        free(up);
        *memory = NULL;
    }
}

static void connected(void *arg, struct MHD_Connection *c, void **memory,
                      enum MHD_ConnectionNotificationCode code)
{
    struct web *web = arg;

    (void)c;
    (void)memory;
    if (code == MHD_CONNECTION_NOTIFY_STARTED) {
        atomic_fetch_add(&web->connections, 1);
    }
}

struct web *web_start(const struct web_tls *tls)
{
    struct web *web = calloc(1, sizeof *web);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    unsigned flags = MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_ITC;
    struct MHD_OptionItem tls_items[] = {
        {MHD_OPTION_HTTPS_MEM_CERT, 0, tls != NULL ? (void *)(uintptr_t)tls->certificate : NULL},
        {MHD_OPTION_HTTPS_MEM_KEY, 0, tls != NULL ? (void *)(uintptr_t)tls->key : NULL},
        {tls != NULL && tls->client_ca != NULL ? MHD_OPTION_HTTPS_MEM_TRUST : MHD_OPTION_END, 0,
         tls != NULL ? (void *)(uintptr_t)tls->client_ca : NULL},
        {MHD_OPTION_END, 0, NULL},
    };
    struct MHD_OptionItem none[] = {{MHD_OPTION_END, 0, NULL}};

    web->wants_client = tls != NULL && tls->client_ca != NULL;
    web->daemon = MHD_start_daemon(
        flags | (tls != NULL ? MHD_USE_TLS : 0), 0, NULL, NULL, handle, web, MHD_OPTION_SOCK_ADDR,
        &address, MHD_OPTION_NOTIFY_COMPLETED, handled, NULL, MHD_OPTION_NOTIFY_CONNECTION,
        connected, web, MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)512 * 1024, MHD_OPTION_ARRAY,
        tls != NULL ? tls_items : none, MHD_OPTION_END);
    assert_non_null(web->daemon);
    return web;
}

int web_port(const struct web *web)
{
    return MHD_get_daemon_info(web->daemon, MHD_DAEMON_INFO_BIND_PORT)->port;
}

unsigned web_connections(const struct web *web)
{
    return atomic_load(&web->connections);
}

uint64_t web_sent(const struct web *web)
{
    return atomic_load(&web->sent);
}

void web_stop(struct web *web)
{
    MHD_stop_daemon(web->daemon);
    free(web);
}

struct raw {
    int fd;
    int port;
    raw_fn script;
    void *arg;
    pthread_t thread;
};

static void *raw_run(void *arg)
{
    struct raw *raw = arg;

    for (int number = 0;; number++) {
        int fd = accept4(raw->fd, NULL, NULL, SOCK_CLOEXEC);

        if (fd < 0) {
            return NULL;
        }
        raw->script(fd, number, raw->arg);
        close(fd);
    }
}

static struct raw *raw_serve(int fd, raw_fn script, void *arg)
{
    struct raw *raw = calloc(1, sizeof *raw);

    raw->script = script;
    raw->arg = arg;
    raw->fd = fd;
    assert_int_equal(listen(raw->fd, 16), 0);
    assert_int_equal(pthread_create(&raw->thread, NULL, raw_run, raw), 0);
    return raw;
}

struct raw *raw_start(raw_fn script, void *arg)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct raw *raw;

    assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &len), 0);
    raw = raw_serve(fd, script, arg);
    raw->port = ntohs(address.sin_port);
    return raw;
}

struct raw *raw_start_local(const char *path, raw_fn script, void *arg)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    (void)snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
    return raw_serve(fd, script, arg);
}

int raw_port(const struct raw *raw)
{
    return raw->port;
}

void raw_stop(struct raw *raw)
{
    shutdown(raw->fd, SHUT_RDWR);
    pthread_join(raw->thread, NULL);
    close(raw->fd);
    free(raw);
}

int raw_read_head(int fd, char *out, size_t room)
{
    size_t len = 0;

    while (len + 1 < room && recv(fd, out + len, 1, 0) == 1) {
        len++;
        out[len] = '\0';
        if (len >= 4 && memcmp(out + len - 4, "\r\n\r\n", 4) == 0) {
            return (int)len;
        }
    }
    return -1;
}

void raw_write(int fd, const char *text)
{
    size_t len = strlen(text);

    while (len > 0) {
        ssize_t n = send(fd, text, len, MSG_NOSIGNAL);

        if (n <= 0) {
            return;
        }
        text += n;
        len -= (size_t)n;
    }
}

void raw_drain(int fd)
{
    char bytes[256];

    while (recv(fd, bytes, sizeof bytes, 0) > 0) {
    }
}
