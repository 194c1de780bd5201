/*
 * call.h: one request and its whole reply, at the next node that can be reached. One owner, one thread; waits inside the host's
 * http_wait only.
 */
#pragma once

#include "settings.h"

#define CALL_REPLY_MAX (16u << 20)

struct call {
    const struct cxd_host *host;
    struct cxd_self *self;
    struct cxd_client *client; /* owned */
    struct settings *settings; /* borrowed; its hosts take turns */
    char *reply;
    size_t reply_cap;
};

struct call_request {
    const char *method;
    const char *path;         /* behind the node's URL, with query */
    const char *content_type; /* NULL: no body */
    int is_gzip;
    const struct cxd_bytes *parts;
    size_t part_count;
};

struct call_reply {
    int http_status;
    int64_t retry_after_ms; /* -1: not said */
    struct cxd_bytes body;  /* valid until the next call */
    const char *url;        /* of the node that answered */
};

int call_init(struct call *c, struct settings *settings, struct cxd_bytes options,
              struct cxd_error *err);
/*
 * 0: a reply came, of whatever status. Nodes that cannot be connected to are passed over, each tried once. Any failure after
 * that leaves open whether the request was carried out.
 */
int call_run(struct call *c, const struct call_request *request, struct call_reply *ret_reply,
             struct cxd_error *err);
/* The same at this node (its number in settings->hosts) and no other. */
int call_node(struct call *c, uint32_t number, const struct call_request *request,
              struct call_reply *ret_reply, struct cxd_error *err);
/* Fills err for a reply whose status is no success (status, what the destination said, advice) and returns its status. */
int call_refused(const struct call_reply *reply, const char *what, struct cxd_error *err);
void call_done(struct call *c);
