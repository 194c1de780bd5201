/*
 * The frame's life: a listening socket of its own (so that the same port can be closed and opened again), the daemon, and
 * the way of a request through it: classify, fault, body, delay, reply. Sending a reply is send.c.
 */
#include "server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "send.h"
#include "stats.h"

enum { SERVER_CONNECTION_BYTES = 256 * 1024, SERVER_IDLE_S = 120 };

struct server {
    struct server_options options;
    struct MHD_Daemon *daemon;
    atomic_bool is_falling; /* a fault took it down; the main thread will close it presently */
    uint16_t port;
    char url[400];
};

static void request_free(struct request *request)
{
    if (request->app->end && request->work) {
        request->app->end(request->app->owner, request);
    }
    reply_done(&request->reply);
    free(request);
}

static struct request *request_new(struct server *server, struct MHD_Connection *connection,
                                   const char *path, const char *method)
{
    struct request *request = calloc(1, sizeof *request);
    if (!request) {
        return NULL;
    }
    const struct server_options *options = &server->options;
    request->connection = connection;
    request->server = server;
    request->method = method;
    request->path = path;
    request->kind = "other";
    request->fault.cut = -1;
    reply_init(&request->reply);
    bool is_control = strncmp(path, "/_sim/", 6) == 0;
    request->app = is_control ? options->control : options->app;
    request->app->classify(request->app->owner, request);
    if (!is_control) {
        const struct fault_request question = {
            .server = request->app->name,
            .kind = request->kind,
            .method = method,
            .path = path,
            .object = request->object,
        };
        fault_find(options->faults, &question, &request->fault);
    }
    return request;
}

/* Will the app see this request at all? */
static bool request_is_spared(const struct request *request)
{
    const struct fault_action *fault = &request->fault;
    bool lost = fault->status || fault->down_ms || (fault->end && fault->cut < 0);
    return !lost || fault->commit;
}

static enum MHD_Result server_begin(struct request *request)
{
    const struct server_app *app = request->app;
    if (!request_is_spared(request)) {
        request->refused = true;
    } else if (app->begin && !app->begin(app->owner, request, &request->reply)) {
        request->refused = true;
        if (request->reply.status == MHD_HTTP_CONTENT_TOO_LARGE) {
            return send_reply(request, &request->server->options);
        }
    }
    return MHD_YES;
}

static void server_body(struct request *request, const char *data, size_t len)
{
    const struct server_app *app = request->app;
    request->body_bytes += len;
    if (!request->refused && app->body &&
        !app->body(app->owner, request, data, len, &request->reply)) {
        request->refused = true;
    }
}

static enum MHD_Result server_finish(struct request *request)
{
    const struct server_options *options = &request->server->options;
    const struct server_app *app = request->app;
    const struct fault_action *fault = &request->fault;
    if (fault->delay_ms && !request->delayed) {
        request->delayed = true;
        if (pause_wait(options->pause, options->group, request->connection, fault->delay_ms)) {
            return MHD_YES;
        }
    }
    if (request_is_spared(request) && !request->refused) {
        request->refused = true; /* once, also when this function is entered again */
        app->handle(app->owner, request, &request->reply);
    }
    if (fault->down_ms) {
        atomic_store(&request->server->is_falling, true);
        options->down(options->down_owner, options->group, fault->down_ms);
        return MHD_NO;
    }
    if (fault->end && fault->cut < 0) {
        return send_end(request, options);
    }
    if (fault->status) {
        reply_done(&request->reply);
        reply_init(&request->reply);
        app->refuse(app->owner, request, fault->status, &request->reply);
    }
    return send_reply(request, options);
}

static enum MHD_Result server_access(void *owner, struct MHD_Connection *connection,
                                     const char *path, const char *method, const char *version,
                                     const char *data, size_t *data_len, void **slot)
{
    (void)version;
    struct server *server = owner;
    struct request *request = *slot;
    if (!request && atomic_load(&server->is_falling)) {
        return MHD_NO;
    }
    if (!request) {
        request = request_new(server, connection, path, method);
        *slot = request;
        return request ? server_begin(request) : MHD_NO;
    }
    if (*data_len) {
        server_body(request, data, *data_len);
        *data_len = 0;
        return MHD_YES;
    }
    return server_finish(request);
}

static void server_completed(void *owner, struct MHD_Connection *connection, void **slot,
                             enum MHD_RequestTerminationCode code)
{
    (void)connection;
    (void)code;
    struct server *server = owner;
    struct request *request = *slot;
    if (!request) {
        return;
    }
    stats_request(server->options.stats, server->options.group, request->kind,
                  request->answered ? request->reply.status : 0, request->body_bytes);
    request_free(request);
    *slot = NULL;
}

/* On a socket of this machine; what was left there before goes. The URL has the path percent-encoded as its host. */
static int server_listen_local(struct server *server)
{
    const char *path = server->options.socket;
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    size_t len = strlen(path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0 || len >= sizeof address.sun_path) {
        close(fd);
        return -1;
    }
    memcpy(address.sun_path, path, len);
    (void)unlink(path);
    if (bind(fd, (struct sockaddr *)&address, sizeof address) != 0 || listen(fd, 512) != 0) {
        close(fd);
        return -1;
    }
    size_t at = (size_t)snprintf(server->url, sizeof server->url, "http+unix://");
    for (size_t i = 0; i < len && at + 4 < sizeof server->url; i++) {
        at += (size_t)(path[i] == '/' ? snprintf(server->url + at, 4, "%%2F")
                                      : snprintf(server->url + at, 4, "%c", path[i]));
    }
    return fd;
}

static int server_listen(struct server *server)
{
    if (server->options.socket && server->options.socket[0]) {
        return server_listen_local(server);
    }
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) {
        return -1;
    }
    int on = 1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(server->port)};
    socklen_t len = sizeof address;
    if (inet_pton(AF_INET, server->options.address, &address.sin_addr) != 1 ||
        bind(fd, (struct sockaddr *)&address, sizeof address) != 0 || listen(fd, 512) != 0 ||
        getsockname(fd, (struct sockaddr *)&address, &len) != 0) {
        close(fd);
        return -1;
    }
    server->port = ntohs(address.sin_port);
    snprintf(server->url, sizeof server->url, "%s://%s:%u", server->options.cert ? "https" : "http",
             server->options.address, server->port);
    return fd;
}

bool server_start(struct server *server, const char **ret_reason)
{
    int fd = server_listen(server);
    if (fd < 0) {
        *ret_reason = "the port cannot be opened";
        return false;
    }
    const struct server_options *options = &server->options;
    unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME;
    struct MHD_OptionItem tls[] = {
        {MHD_OPTION_HTTPS_MEM_CERT, 0, (void *)(uintptr_t)options->cert},
        {MHD_OPTION_HTTPS_MEM_KEY, 0, (void *)(uintptr_t)options->key},
        {MHD_OPTION_END, 0, NULL},
    };
    struct MHD_OptionItem plain[] = {{MHD_OPTION_END, 0, NULL}};
    server->daemon = MHD_start_daemon(
        flags | (options->cert ? MHD_USE_TLS : 0), 0, NULL, NULL, server_access, server,
        MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_THREAD_POOL_SIZE, options->threads,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)SERVER_CONNECTION_BYTES,
        MHD_OPTION_CONNECTION_MEMORY_INCREMENT, (size_t)SERVER_CONNECTION_BYTES / 4,
        MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)SERVER_IDLE_S, MHD_OPTION_NOTIFY_COMPLETED,
        server_completed, server, MHD_OPTION_ARRAY, options->cert ? tls : plain, MHD_OPTION_END);
    if (!server->daemon) {
        close(fd);
        *ret_reason = "the HTTP daemon cannot be started";
        return false;
    }
    atomic_store(&server->is_falling, false);
    pause_reopen(options->pause, options->group);
    return true;
}

void server_stop(struct server *server)
{
    if (server->daemon) {
        pause_release(server->options.pause, server->options.group);
        MHD_stop_daemon(server->daemon);
        server->daemon = NULL;
    }
}

struct server *server_new(const struct server_options *options, const char **ret_reason)
{
    struct server *server = calloc(1, sizeof *server);
    if (!server) {
        *ret_reason = "no memory";
        return NULL;
    }
    server->options = *options;
    server->port = options->port;
    if (!server_start(server, ret_reason)) {
        free(server);
        return NULL;
    }
    return server;
}

void server_free(struct server *server)
{
    if (server) {
        server_stop(server);
        free(server);
    }
}

uint16_t server_port(const struct server *server)
{
    return server->port;
}

const char *server_url(const struct server *server)
{
    return server->url;
}
