/* grpc_call.c: the messages of a call from HTTP/2's pieces, and how it ends. */
#include "io/grpc_inner.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct grpc_call *call_of(struct grpc *g, int32_t stream)
{
    struct grpc_call *c = g->calls;

    while (c != NULL && c->stream != stream) {
        c = c->next;
    }
    return c;
}

void grpc_call_free(struct grpc_call *c)
{
    buf_done(&c->in);
    buf_done(&c->out);
    free(c);
}

/* Ends the call, and no other of the connection. */
static int breach(struct grpc_call *c, int code, const char *what)
{
    c->is_broken = 1;
    c->code = code;
    (void)snprintf(c->words, sizeof c->words, "%s", what);
    return nghttp2_submit_rst_stream(c->grpc->session, NGHTTP2_FLAG_NONE, c->stream,
                                     NGHTTP2_CANCEL) == 0
               ? 0
               : NGHTTP2_ERR_CALLBACK_FAILURE;
}

static size_t length_of(const struct buf *in)
{
    const unsigned char *p = (const unsigned char *)in->ptr;

    return (size_t)p[1] << 24 | (size_t)p[2] << 16 | (size_t)p[3] << 8 | (size_t)p[4];
}

/* Bytes of a call: messages do not care where frames end. */
static int data_take(struct grpc_call *c, const char *ptr, size_t len)
{
    struct grpc *g = c->grpc;

    while (len > 0) {
        size_t want = c->in.len < GRPC_HEAD_LEN ? GRPC_HEAD_LEN : GRPC_HEAD_LEN + length_of(&c->in);
        size_t take = want - c->in.len < len ? want - c->in.len : len;
        if (buf_add(&c->in, ptr, take) != CXD_OK) {
            g->status = CXD_NOMEM;
            return NGHTTP2_ERR_CALLBACK_FAILURE;
        }
        ptr += take;
        len -= take;
        if (c->in.len < GRPC_HEAD_LEN) {
            return 0;
        }
        if (c->in.ptr[0] != 0) {
            return breach(c, CODE_INTERNAL, "a compressed message, which was not agreed on");
        }
        if (length_of(&c->in) > g->message_max) {
            return breach(c, CODE_EXHAUSTED, "a message larger than was agreed on");
        }
        if (c->in.len == GRPC_HEAD_LEN + length_of(&c->in)) {
            g->events.message(
                g->events.owner, c,
                (struct cxd_bytes){c->in.ptr + GRPC_HEAD_LEN, c->in.len - GRPC_HEAD_LEN});
            buf_clear(&c->in);
        }
    }
    return 0;
}

int grpc_on_data(nghttp2_session *session, uint8_t flags, int32_t stream, const uint8_t *data,
                 size_t len, void *owner)
{
    struct grpc_call *c = call_of(owner, stream);

    (void)session;
    (void)flags;
    return c != NULL && !c->is_over && !c->is_broken ? data_take(c, (const char *)data, len) : 0;
}

static int number_of(const uint8_t *value, size_t len)
{
    int n = 0;

    for (size_t i = 0; i < len && i < 4; i++) {
        if (value[i] < '0' || value[i] > '9') {
            return -1;
        }
        n = 10 * n + (value[i] - '0');
    }
    return len > 0 ? n : -1;
}

static int hex_of(uint8_t c)
{
    return c >= '0' && c <= '9'                 ? c - '0'
           : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10
                                                : -1;
}

/* Percent-encoded words of the server's, on one line. */
static void words_take(struct grpc_call *c, const uint8_t *value, size_t len)
{
    size_t at = 0;

    for (size_t i = 0; i < len && at + 1 < sizeof c->words; i++) {
        uint8_t letter = value[i];
        if (letter == '%' && i + 2 < len && hex_of(value[i + 1]) >= 0 &&
            hex_of(value[i + 2]) >= 0) {
            letter = (uint8_t)(hex_of(value[i + 1]) * 16 + hex_of(value[i + 2]));
            i += 2;
        }
        c->words[at++] = letter < ' ' || letter == 0x7f ? ' ' : (char)letter;
    }
    c->words[at] = '\0';
}

int grpc_on_header(nghttp2_session *session, const nghttp2_frame *frame, const uint8_t *name,
                   size_t name_len, const uint8_t *value, size_t len, uint8_t flags, void *owner)
{
    struct grpc_call *c = call_of(owner, frame->hd.stream_id);

    (void)session;
    (void)flags;
    if (c == NULL) {
        return 0;
    }
    if (name_len == 7 && memcmp(name, ":status", 7) == 0) {
        c->http_status = number_of(value, len);
    } else if (name_len == 11 && memcmp(name, "grpc-status", 11) == 0) {
        c->code = number_of(value, len);
    } else if (name_len == 12 && memcmp(name, "grpc-message", 12) == 0) {
        words_take(c, value, len);
    }
    return 0;
}

/* A code where the server gave none. */
static int code_made(const struct grpc_call *c, uint32_t error)
{
    switch (error) {
    case NGHTTP2_REFUSED_STREAM:
        return CODE_UNAVAILABLE;
    case NGHTTP2_CANCEL:
        return CODE_CANCELLED;
    case NGHTTP2_ENHANCE_YOUR_CALM:
        return CODE_EXHAUSTED;
    case NGHTTP2_NO_ERROR:
        return c->http_status != 0 && c->http_status != 200 ? CODE_UNKNOWN : CODE_INTERNAL;
    default:
        return CODE_INTERNAL;
    }
}

void grpc_call_end(struct grpc_call *c, uint32_t error)
{
    struct grpc *g = c->grpc;
    struct grpc_call **at = &g->calls;

    if (c->code < 0) {
        c->code = code_made(c, error);
        if (c->words[0] == '\0') {
            (void)snprintf(c->words, sizeof c->words,
                           c->http_status != 0 && c->http_status != 200 ? "HTTP status %d"
                                                                        : "the call broke off",
                           c->http_status);
        }
    }
    c->is_over = 1;
    while (*at != NULL && *at != c) {
        at = &(*at)->next;
    }
    if (*at != NULL) {
        *at = c->next;
    }
    g->events.over(g->events.owner, c, c->code, c->words);
    grpc_call_free(c);
}

int grpc_on_close(nghttp2_session *session, int32_t stream, uint32_t error, void *owner)
{
    struct grpc_call *c = call_of(owner, stream);

    (void)session;
    if (c != NULL) {
        grpc_call_end(c, error);
    }
    return 0;
}

/* The server's side is done: ours need not go on. */
int grpc_on_frame(nghttp2_session *session, const nghttp2_frame *frame, void *owner)
{
    struct grpc_call *c = call_of(owner, frame->hd.stream_id);

    if (c != NULL && (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0 && !c->is_finished &&
        (frame->hd.type == NGHTTP2_HEADERS || frame->hd.type == NGHTTP2_DATA)) {
        c->is_finished = 1;
        (void)nghttp2_submit_rst_stream(session, NGHTTP2_FLAG_NONE, c->stream, NGHTTP2_NO_ERROR);
    }
    return 0;
}

ssize_t grpc_on_want_data(nghttp2_session *session, int32_t stream, uint8_t *out, size_t room,
                          uint32_t *flags, nghttp2_data_source *source, void *owner)
{
    struct grpc_call *c = source->ptr;
    size_t len = c->out.len - c->out_at;

    (void)session;
    (void)stream;
    (void)owner;
    if (len == 0 && !c->is_finished) {
        return NGHTTP2_ERR_DEFERRED;
    }
    len = len < room ? len : room;
    if (len > 0) {
        memcpy(out, c->out.ptr + c->out_at, len);
        c->out_at += len;
    }
    if (c->out_at == c->out.len) {
        buf_clear(&c->out);
        c->out_at = 0;
        *flags |= c->is_finished ? NGHTTP2_DATA_FLAG_EOF : 0;
    }
    return (ssize_t)len;
}

/* What nghttp2 has to say of the server; the first word is the cause. */
int grpc_on_trouble(nghttp2_session *session, int code, const char *text, size_t len, void *owner)
{
    struct grpc *g = owner;

    (void)session;
    (void)code;
    if (g->why[0] == '\0') {
        (void)snprintf(g->why, sizeof g->why, "%.*s", (int)(len < 180 ? len : 180), text);
        for (char *c = g->why; *c != '\0'; c++) {
            *c = *c < ' ' || *c == 0x7f ? ' ' : *c;
        }
    }
    return 0;
}
