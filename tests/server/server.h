#pragma once
/*
 * The HTTP frame under every simulator: listening, TLS, bodies, faults, counting. An app says what kind a request is, takes
 * its body piece by piece and gives the reply; it never sees a socket. Requests of one app run on several threads.
 */
#include <microhttpd.h>
#include <stdbool.h>
#include <stdint.h>

#include "buffer.h"
#include "fault.h"
#include "pause.h"

enum { REPLY_HEADERS_MAX = 16, REPLY_BODY_MAX = 256 << 20, REQUEST_NAME_MAX = 1024 };

struct reply {
    unsigned status;
    const char *type; /* content type, constant; "": it is among the headers */
    struct buffer body;
    int fd; /* not -1: the body is length bytes of this file from offset; the reply closes it */
    uint64_t offset;
    uint64_t length;
    unsigned header_count;
    struct {
        const char *name;
        char value[256];
    } headers[REPLY_HEADERS_MAX];
};

struct server;

struct request {
    struct MHD_Connection *connection;
    const char *method;
    const char *path;                  /* decoded */
    const char *kind;                  /* set by the app's classify; a constant */
    char object[REQUEST_NAME_MAX + 1]; /* likewise: what it is about, "" when nothing */
    uint64_t body_bytes;
    struct fault_action fault;
    void *work; /* the app's */
    /* the frame's own */
    struct server *server;
    const struct server_app *app;
    bool delayed;
    bool stalled;
    bool answered;
    bool refused; /* the body is read but not given to the app */
    struct reply reply;
};

struct server_app {
    const char *name;
    void *owner;
    void (*classify)(void *owner, struct request *request);
    /* Before the body; false: reply is set, do not take the body. May be NULL. */
    bool (*begin)(void *owner, struct request *request, struct reply *reply);
    /* False: reply is set, the rest of the body is passed over. */
    bool (*body)(void *owner, struct request *request, const char *data, size_t len,
                 struct reply *reply);
    void (*handle)(void *owner, struct request *request, struct reply *reply);
    /* The app's words for a status that a fault asks for. */
    void (*refuse)(void *owner, const struct request *request, unsigned status,
                   struct reply *reply);
    /* Releases request->work. May be NULL. */
    void (*end)(void *owner, struct request *request);
};

struct stats;

struct server_options {
    const struct server_app *app;
    const struct server_app *control; /* answers paths below /_sim/ */
    struct fault_book *faults;
    struct pause_clock *pause;
    struct stats *stats;
    unsigned group; /* in pause and stats */
    unsigned threads;
    const char *address;
    uint16_t port;      /* 0: any free one */
    const char *socket; /* path: this in the place of address and port; NULL or "": none */
    const char *cert; /* PEM; NULL: no TLS */
    const char *key;
    /* A fault wants this server down for a time; called on a server thread, must not block. */
    void (*down)(void *owner, unsigned group, unsigned down_ms);
    void *down_owner;
};

/* Borrowed for its life: everything in options. NULL with *ret_reason. */
struct server *server_new(const struct server_options *options, const char **ret_reason);
void server_free(struct server *server);
/* Closes the port and every connection; server_start opens the same port again. Called by one thread only. */
bool server_start(struct server *server, const char **ret_reason);
void server_stop(struct server *server);
uint16_t server_port(const struct server *server);
const char *server_url(const struct server *server);

const char *request_query(const struct request *request, const char *name);  /* NULL: absent */
const char *request_header(const struct request *request, const char *name); /* NULL: absent */
/* Scheme and host as the client sees them. */
void request_base(const struct request *request, char *out, size_t size);
void reply_init(struct reply *reply);
void reply_done(struct reply *reply);
__attribute__((format(printf, 3, 4))) void reply_header(struct reply *reply, const char *name,
                                                        const char *format, ...);
/* Replaces the body by a JSON text; takes tree (NULL: no memory, 500). */
void reply_json(struct reply *reply, unsigned status, struct json_object *tree);
void reply_text(struct reply *reply, unsigned status, const char *type, const char *text);
