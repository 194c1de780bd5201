/*
 * startup.h: what Elastic Agent writes to a component's standard input: where to connect, and with what. Its fields are secrets: wiped by
 * startup_done, never logged. Wire facts: elastic/elastic-agent-client, StartUpInfo, 2026.
 */
#pragma once

#include "base/buf.h"
#include "cxd/status.h"

#define STARTUP_BYTES_MAX (1u << 20)

struct startup {
    char address[512];     /* HOST:PORT */
    char server_name[256]; /* SNI, and the name in the server's certificate */
    struct buf token;      /* these end with a NUL that len does not count */
    struct buf ca_cert;    /* PEM */
    struct buf peer_cert;  /* PEM */
    struct buf peer_key;   /* PEM */
    uint32_t message_max;  /* bytes of one message; 0: not said */
    char agent_id[128];
    char agent_version[64];
    int has_checkin; /* the agent speaks CheckinV2 */
    int has_chunks;  /* and takes a set of units in several messages */
};

void startup_init(struct startup *s);
/* To the end of fd. CXD_END: nothing came; CXD_TOO_LARGE, CXD_IO, CXD_MALFORMED, CXD_CONFIG (a field is missing), CXD_UNSUPPORTED (an agent
 * without CheckinV2), CXD_NOMEM. startup_done in any case. */
int startup_read(int fd, struct startup *s, struct cxd_error *err);
/* The same from bytes. */
int startup_parse(struct cxd_bytes message, struct startup *s, struct cxd_error *err);
void startup_done(struct startup *s);
