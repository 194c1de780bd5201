/* grpc.c: see the header. HTTP/2 is nghttp2's; here are the five bytes before each message, and what a trailer means. */
#include "io/grpc_inner.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WINDOW (1 << 20)
#define QUEUE_MAX (8u << 20)
#define IN_PIECE 16384

static int session_make(struct grpc *g)
{
    static const nghttp2_settings_entry settings[] = {
        {NGHTTP2_SETTINGS_ENABLE_PUSH, 0}, {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, WINDOW}};
    nghttp2_session_callbacks *callbacks = NULL;
    int r = nghttp2_session_callbacks_new(&callbacks);

    if (r != 0) {
        return r;
    }
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, grpc_on_data);
    nghttp2_session_callbacks_set_on_header_callback(callbacks, grpc_on_header);
    nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, grpc_on_close);
    nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, grpc_on_frame);
    nghttp2_session_callbacks_set_error_callback2(callbacks, grpc_on_trouble);
    r = nghttp2_session_client_new(&g->session, callbacks, g);
    nghttp2_session_callbacks_del(callbacks);
    r = r != 0 ? r : nghttp2_submit_settings(g->session, NGHTTP2_FLAG_NONE, settings, 2);
    return r != 0 ? r
                  : nghttp2_session_set_local_window_size(g->session, NGHTTP2_FLAG_NONE, 0, WINDOW);
}

int grpc_open(struct link *link, const char *authority, size_t message_max,
              const struct grpc_events *events, struct grpc **ret_grpc, struct cxd_error *err)
{
    struct grpc *g = calloc(1, sizeof *g);

    if (g == NULL) {
        link_free(link);
        return cxd_error_set(err, CXD_NOMEM, "out of memory");
    }
    g->link = link;
    g->events = *events;
    g->message_max = message_max;
    buf_init(&g->pending, QUEUE_MAX + WINDOW);
    (void)snprintf(g->authority, sizeof g->authority, "%s", authority);
    if (session_make(g) != 0) {
        grpc_close(g);
        return cxd_error_set(err, CXD_NOMEM, "HTTP/2: out of memory");
    }
    *ret_grpc = g;
    return CXD_OK;
}

static nghttp2_nv pair(const char *name, const char *value)
{
    return (nghttp2_nv){.name = (uint8_t *)(uintptr_t)name,
                        .value = (uint8_t *)(uintptr_t)value,
                        .namelen = strlen(name),
                        .valuelen = strlen(value),
                        .flags = NGHTTP2_NV_FLAG_NONE};
}

struct grpc_call *grpc_start(struct grpc *g, const char *path)
{
    struct grpc_call *c = calloc(1, sizeof *c);
    const nghttp2_nv head[] = {pair(":method", "POST"),
                               pair(":scheme", "https"),
                               pair(":path", path),
                               pair(":authority", g->authority),
                               pair("te", "trailers"),
                               pair("content-type", "application/grpc"),
                               pair("user-agent", "grpc-c-cortexd")};
    nghttp2_data_provider data = {.source = {.ptr = c}, .read_callback = grpc_on_want_data};

    if (c == NULL) {
        return NULL;
    }
    c->grpc = g;
    c->code = -1;
    buf_init(&c->in, g->message_max + GRPC_HEAD_LEN);
    buf_init(&c->out, QUEUE_MAX);
    c->stream =
        nghttp2_submit_request(g->session, NULL, head, sizeof head / sizeof head[0], &data, NULL);
    if (c->stream < 0) {
        grpc_call_free(c);
        return NULL;
    }
    c->next = g->calls;
    g->calls = c;
    return c;
}

int grpc_send(struct grpc_call *c, struct cxd_bytes message)
{
    const char head[GRPC_HEAD_LEN] = {0, (char)(message.len >> 24), (char)(message.len >> 16),
                                      (char)(message.len >> 8), (char)message.len};
    int r;

    if (c->is_over || c->is_finished) {
        return CXD_END;
    }
    r = message.len < UINT32_MAX ? buf_reserve(&c->out, message.len + GRPC_HEAD_LEN)
                                 : CXD_TOO_LARGE;
    r = r != CXD_OK ? r : buf_add(&c->out, head, GRPC_HEAD_LEN);
    r = r != CXD_OK || message.len == 0 ? r : buf_add(&c->out, message.ptr, message.len);
    if (r == CXD_OK) {
        (void)nghttp2_session_resume_data(c->grpc->session, c->stream); /* fails when it runs */
    }
    return r;
}

void grpc_finish(struct grpc_call *c)
{
    if (!c->is_over && !c->is_finished) {
        c->is_finished = 1;
        (void)nghttp2_session_resume_data(c->grpc->session, c->stream);
    }
}

int grpc_fd(const struct grpc *g)
{
    return link_fd(g->link);
}

short grpc_wants(struct grpc *g)
{
    int has_more = g->pending.len > g->pending_at || nghttp2_session_want_write(g->session) ||
                   link_is_unsent(g->link);

    return (short)(POLLIN | (has_more ? POLLOUT : 0));
}

/* CXD_OK: all is out; CXD_AGAIN. */
static int out_work(struct grpc *g, struct cxd_error *err)
{
    for (;;) {
        const uint8_t *data = NULL;
        ssize_t len;
        while (g->pending_at < g->pending.len) {
            int64_t n = link_write(g->link, g->pending.ptr + g->pending_at,
                                   g->pending.len - g->pending_at, err);
            if (n < 0) {
                return (int)n;
            }
            g->pending_at += (size_t)n;
        }
        buf_clear(&g->pending);
        g->pending_at = 0;
        len = nghttp2_session_mem_send(g->session, &data);
        if (len <= 0) {
            int64_t r =
                len == 0 ? link_write(g->link, "", 0, err) : CXD_OK; /* what TLS still has */
            return len < 0
                       ? cxd_error_set(err, CXD_PROTOCOL, "HTTP/2: %s", nghttp2_strerror((int)len))
                       : (int)r;
        }
        if (buf_add(&g->pending, (const char *)data, (size_t)len) != CXD_OK) {
            return cxd_error_set(err, CXD_NOMEM, "HTTP/2: out of memory");
        }
    }
}

static int in_work(struct grpc *g, struct cxd_error *err)
{
    char piece[IN_PIECE];

    for (;;) {
        int64_t n = link_read(g->link, piece, sizeof piece, err);
        ssize_t used;
        if (n < 0) {
            return (int)n;
        }
        used = nghttp2_session_mem_recv(g->session, (const uint8_t *)piece, (size_t)n);
        if (used < 0) {
            return g->status == CXD_NOMEM
                       ? cxd_error_set(err, CXD_NOMEM, "HTTP/2: out of memory")
                       : cxd_error_set(err, CXD_PROTOCOL, "the server breaks the protocol: %s",
                                       nghttp2_strerror((int)used));
        }
    }
}

int grpc_work(struct grpc *g, struct cxd_error *err)
{
    int in = in_work(g, err);
    int out = in == CXD_AGAIN || in == CXD_END ? out_work(g, err) : in;
    int r = in != CXD_AGAIN ? in : out == CXD_AGAIN ? CXD_OK : out;

    if (r == CXD_OK && !nghttp2_session_want_read(g->session) &&
        !nghttp2_session_want_write(g->session)) {
        r = CXD_END; /* the server said goodbye, and the last call is over */
    }
    if (r == CXD_END && g->why[0] != '\0') {
        r = cxd_error_set(err, CXD_PROTOCOL, "the server breaks the protocol: %s", g->why);
    } else if (r == CXD_END && err != NULL && err->text[0] == '\0') {
        (void)cxd_error_set(err, CXD_END, "the server closed the connection");
    }
    while (r != CXD_OK && g->calls != NULL) {
        struct grpc_call *c = g->calls;
        if (c->code < 0) {
            c->code = CODE_UNAVAILABLE;
            (void)snprintf(c->words, sizeof c->words, "%.299s",
                           err != NULL ? err->text : "connection lost");
        }
        grpc_call_end(c, NGHTTP2_NO_ERROR);
    }
    return r;
}

void grpc_close(struct grpc *g)
{
    if (g == NULL) {
        return;
    }
    while (g->calls != NULL) {
        struct grpc_call *c = g->calls;
        g->calls = c->next;
        grpc_call_free(c);
    }
    nghttp2_session_del(g->session);
    link_free(g->link);
    buf_done(&g->pending);
    free(g);
}
