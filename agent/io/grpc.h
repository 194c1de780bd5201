/*
 * grpc.h: calls with messages in both directions over one HTTP/2 connection (nghttp2 on link.h). One owner, one thread, which polls.
 *
 * Messages are whole before they are given; none larger than the limit is begun to be stored. No compression, no keep-alive pings.
 */
#pragma once

#include "base/buf.h"
#include "io/link.h"

struct grpc;
struct grpc_call;

struct grpc_events {
    void *owner;
    /* A whole message; borrowed for the call. */
    void (*message)(void *owner, struct grpc_call *call, struct cxd_bytes message);
    /* The call is over, and freed afterwards: the server's code (0 OK .. 16, or one made for what happened) and words. */
    void (*over)(void *owner, struct grpc_call *call, int code, const char *words);
};

/* Takes the link, also on failure. authority: the server's name. CXD_NOMEM. */
int grpc_open(struct link *link, const char *authority, size_t message_max,
              const struct grpc_events *events, struct grpc **ret_grpc, struct cxd_error *err);
/* "/proto.ElasticAgent/CheckinV2". NULL: no memory, or the connection takes no more calls. */
struct grpc_call *grpc_start(struct grpc *g, const char *path);
/* Queues one message; copied. CXD_NOMEM, CXD_TOO_LARGE (the queue), CXD_END (the call is over). */
int grpc_send(struct grpc_call *call, struct cxd_bytes message);
void grpc_finish(struct grpc_call *call); /* no more messages of ours */
int grpc_fd(const struct grpc *g);
/* What poll should wait for on it. */
short grpc_wants(struct grpc *g);
/* Reads, writes and calls events, as far as it goes without waiting. CXD_OK; CXD_END, CXD_CONNECT, CXD_PROTOCOL: the connection is over, and so
 * are its calls (each was told). */
int grpc_work(struct grpc *g, struct cxd_error *err);
void grpc_close(struct grpc *g); /* frees the calls without telling; accepts NULL */
