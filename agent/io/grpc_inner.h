/* grpc_inner.h: a connection's inside, for grpc.c and grpc_call.c. */
#pragma once

#include "io/grpc.h"

#include <nghttp2/nghttp2.h>

#define GRPC_HEAD_LEN 5

enum {
    CODE_CANCELLED = 1,
    CODE_UNKNOWN = 2,
    CODE_EXHAUSTED = 8,
    CODE_INTERNAL = 13,
    CODE_UNAVAILABLE = 14
};

struct grpc_call {
    struct grpc_call *next;
    struct grpc *grpc;
    int32_t stream;
    struct buf in;  /* of the message that arrives, its head first */
    struct buf out; /* framed messages that wait */
    size_t out_at;
    int is_finished; /* by us */
    int is_over;
    int is_broken; /* by the server; nothing more of it is read */
    int http_status;
    int code; /* -1: not told */
    char words[300];
};

struct grpc {
    nghttp2_session *session;
    struct link *link;
    struct grpc_events events;
    struct grpc_call *calls;
    char authority[256];
    size_t message_max;
    struct buf pending; /* taken from the session, not written yet */
    size_t pending_at;
    int status; /* of a callback that failed */
    char why[200];
};

/* grpc_call.c: nghttp2's callbacks, and what they make of a call. */
int grpc_on_data(nghttp2_session *session, uint8_t flags, int32_t stream, const uint8_t *data,
                 size_t len, void *owner);
int grpc_on_header(nghttp2_session *session, const nghttp2_frame *frame, const uint8_t *name,
                   size_t name_len, const uint8_t *value, size_t len, uint8_t flags, void *owner);
int grpc_on_close(nghttp2_session *session, int32_t stream, uint32_t error, void *owner);
int grpc_on_frame(nghttp2_session *session, const nghttp2_frame *frame, void *owner);
ssize_t grpc_on_want_data(nghttp2_session *session, int32_t stream, uint8_t *out, size_t room,
                          uint32_t *flags, nghttp2_data_source *source, void *owner);
int grpc_on_trouble(nghttp2_session *session, int code, const char *text, size_t len, void *owner);
/* Tells that it is over, and frees it. */
void grpc_call_end(struct grpc_call *c, uint32_t error);
void grpc_call_free(struct grpc_call *c);
