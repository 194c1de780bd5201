/*
 * Replies on the wire. A whole file in the clear goes by sendfile; everything else is read by send_read, which is also where
 * slowness, cuts and resets happen. Closing with a reset uses connect(AF_UNSPEC): Linux then sends RST at once, while a
 * linger of zero would let libmicrohttpd's own shutdown send FIN first.
 */
#include "send.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "stats.h"

enum { SEND_BLOCK = 64 * 1024 };

struct send_source {
    struct MHD_Connection *connection;
    struct pause_clock *pause;
    unsigned group;
    char *data; /* or the file */
    int fd;
    uint64_t offset;
    uint64_t length;
    struct fault_action fault;
    bool paced;   /* waited since the last piece */
    bool stalled; /* the final wait is behind us */
};

static int send_socket(struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    return info ? info->connect_fd : -1;
}

static void send_reset(struct MHD_Connection *connection)
{
    struct sockaddr none = {.sa_family = AF_UNSPEC};
    if (connect(send_socket(connection), &none, sizeof none) != 0) {
        shutdown(send_socket(connection), SHUT_RDWR);
    }
}

static ssize_t send_cut(struct send_source *source)
{
    enum fault_end end = source->fault.end;
    if (end == FAULT_END_RESET) {
        send_reset(source->connection);
    }
    if (end == FAULT_END_HALF && !source->stalled) {
        shutdown(send_socket(source->connection), SHUT_WR);
    }
    if ((end == FAULT_END_HALF || end == FAULT_END_STALL) && !source->stalled) {
        source->stalled = true;
        if (pause_wait(source->pause, source->group, source->connection, source->fault.stall_ms)) {
            return 0;
        }
    }
    return MHD_CONTENT_READER_END_WITH_ERROR;
}

static ssize_t send_read(void *owner, uint64_t at, char *out, size_t size)
{
    struct send_source *source = owner;
    const struct fault_action *fault = &source->fault;
    if (at >= source->length) {
        return MHD_CONTENT_READER_END_OF_STREAM;
    }
    if (fault->cut >= 0 && at >= (uint64_t)fault->cut) {
        return send_cut(source);
    }
    if (fault->slow_bytes && at && !source->paced) {
        source->paced = true;
        if (pause_wait(source->pause, source->group, source->connection, fault->slow_ms)) {
            return 0;
        }
    }
    source->paced = false;
    uint64_t len = source->length - at < size ? source->length - at : size;
    if (fault->slow_bytes && len > fault->slow_bytes) {
        len = fault->slow_bytes;
    }
    if (fault->cut >= 0 && len > (uint64_t)fault->cut - at) {
        len = (uint64_t)fault->cut - at;
    }
    if (source->fd < 0) {
        memcpy(out, source->data + at, len);
        return (ssize_t)len;
    }
    ssize_t got = pread(source->fd, out, len, (off_t)(source->offset + at));
    return got > 0 ? got : MHD_CONTENT_READER_END_WITH_ERROR;
}

static void send_free(void *owner)
{
    struct send_source *source = owner;
    if (source->fd >= 0) {
        close(source->fd);
    }
    free(source->data);
    free(source);
}

static struct MHD_Response *send_from_source(struct request *request,
                                             const struct server_options *options)
{
    struct reply *reply = &request->reply;
    struct send_source *source = calloc(1, sizeof *source);
    if (!source) {
        return NULL;
    }
    *source = (struct send_source){
        .connection = request->connection,
        .pause = options->pause,
        .group = options->group,
        .fd = reply->fd,
        .offset = reply->offset,
        .length = reply->length,
        .fault = request->fault,
    };
    if (reply->fd < 0) {
        size_t len = 0;
        source->data = buffer_take(&reply->body, &len);
        source->length = len;
    }
    reply->fd = -1;
    struct MHD_Response *response =
        MHD_create_response_from_callback(source->length, SEND_BLOCK, send_read, source, send_free);
    if (!response) {
        send_free(source);
    }
    return response;
}

static struct MHD_Response *send_response(struct request *request,
                                          const struct server_options *options)
{
    struct reply *reply = &request->reply;
    bool spoiled = request->fault.slow_bytes || request->fault.cut >= 0;
    if (spoiled || (reply->fd >= 0 && options->cert)) {
        return send_from_source(request, options);
    }
    if (reply->fd >= 0) {
        struct MHD_Response *response =
            MHD_create_response_from_fd_at_offset64(reply->length, reply->fd, reply->offset);
        reply->fd = response ? -1 : reply->fd;
        return response;
    }
    size_t len = 0;
    char *data = buffer_take(&reply->body, &len);
    if (!data) {
        return NULL;
    }
    struct MHD_Response *response =
        MHD_create_response_from_buffer(len, data, MHD_RESPMEM_MUST_FREE);
    if (!response) {
        free(data);
    }
    return response;
}

/* Leaves a JSON text without its end. */
static void send_break_json(struct reply *reply)
{
    if (reply->fd < 0 && reply->body.len > 1) {
        reply->body.len -= reply->body.len / 3 + 1;
        reply->body.data[reply->body.len] = 0;
    }
}

enum MHD_Result send_reply(struct request *request, const struct server_options *options)
{
    struct reply *reply = &request->reply;
    if (request->fault.bad_json) {
        send_break_json(reply);
    }
    if (!buffer_ok(&reply->body)) {
        return MHD_NO;
    }
    uint64_t length = reply->fd >= 0 ? reply->length : reply->body.len;
    struct MHD_Response *response = send_response(request, options);
    if (!response) {
        return MHD_NO;
    }
    if (*reply->type) {
        MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, reply->type);
    }
    for (unsigned i = 0; i < reply->header_count; i++) {
        MHD_add_response_header(response, reply->headers[i].name, reply->headers[i].value);
    }
    if (*request->fault.retry_after) {
        MHD_add_response_header(response, MHD_HTTP_HEADER_RETRY_AFTER, request->fault.retry_after);
    }
    enum MHD_Result rc = MHD_queue_response(request->connection, reply->status, response);
    MHD_destroy_response(response);
    request->answered = rc == MHD_YES;
    if (strcmp(request->method, MHD_HTTP_METHOD_HEAD) != 0) {
        stats_sent(options->stats, options->group, length);
    }
    return rc;
}

enum MHD_Result send_end(struct request *request, const struct server_options *options)
{
    enum fault_end end = request->fault.end;
    if (end == FAULT_END_RESET) {
        send_reset(request->connection);
    }
    if (end == FAULT_END_HALF && !request->stalled) {
        shutdown(send_socket(request->connection), SHUT_WR);
    }
    if ((end == FAULT_END_HALF || end == FAULT_END_STALL) && !request->stalled) {
        request->stalled = true;
        if (pause_wait(options->pause, options->group, request->connection,
                       request->fault.stall_ms)) {
            return MHD_YES;
        }
    }
    return MHD_NO;
}
