/*
 * fake.h: a host for the httpjson input under test: the agent's own events, documents and digests; counted memory that can
 * fail; a clock set by hand; HTTP by script. One test at a time, one thread.
 */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cxd/module.h"

#include <bson/bson.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FAKE_KEPT 4096 /* requests */
#define FAKE_EVENTS 65536

/* One exchange of the script. */
struct fake_reply {
    int failure; /* <0: the transfer fails so */
    int status;  /* 0: 200 */
    const char *body;
    size_t body_len;     /* 0: strlen(body) */
    const char *headers; /* "Name: value\n" each; NULL: Content-Type: application/json */
};

struct fake_request {
    char method[8];
    char url[1024];
    char socket[128];   /* "": over the network */
    char headers[2048]; /* "Name: value\n" each, secret ones with a star in front */
    char *body;
    int client; /* number of the client, in the order made */
};

struct fake {
    int64_t mono_ms;
    int64_t wall_ms;
    int is_stopping;
    uint64_t asked;   /* allocations so far */
    uint64_t fail_at; /* number of the allocation that fails; 0: none */
    int64_t held;     /* blocks not freed */
    size_t live;      /* bytes held, roughly */
    size_t peak;
    int health;
    char reason[512];
    char logs[64][512];
    int log_count;
    struct fake_reply (*answer)(const struct fake_request *request); /* instead of the script */
    const struct fake_reply *replies;
    size_t reply_count, reply_next;
    struct fake_request requests[FAKE_KEPT];
    size_t request_count;
    char *events[FAKE_EVENTS]; /* messages, with "!" in front of rejected ones */
    size_t event_count;
    char *cursor; /* of the last mark, BSON */
    size_t cursor_len;
    size_t mark_count;
    size_t marked_events; /* events at the time of the last mark */
    uint64_t random;
    int clients;          /* HTTP clients made */
    char *client_options; /* of the last one, BSON */
    size_t client_options_len;
    const char *secret; /* what the host masks; NULL: nothing */
};

extern struct fake fake;
extern const struct cxd_host fake_host;

void fake_reset(void); /* a new test: nothing kept */
/* Keeps cursor and clock, forgets requests, events and logs. */
void fake_forget(void);
void fake_script(const struct fake_reply *replies, size_t count);
bool fake_logged(const char *part);
/* JSON (relaxed: also 'single' quotes) to the options document of `table`, defaults filled in. Freed by fake_reset. */
struct cxd_bytes fake_options(const struct cxd_option *table, const char *json);
void fake_options_forget(void);

/* http.c of the fake */
extern int fake_http_start(struct cxd_client *client, const struct cxd_request *request,
                           struct cxd_transfer **ret, struct cxd_error *err);
int fake_http_client(struct cxd_self *self, struct cxd_bytes options, struct cxd_client **ret,
                     struct cxd_error *err);
void fake_http_client_free(struct cxd_client *client);
int fake_http_wait(struct cxd_client *client, uint32_t timeout_ms);
int fake_http_read(struct cxd_transfer *t, struct cxd_bytes *ret, struct cxd_error *err);
int fake_http_status(struct cxd_transfer *t);
const char *fake_http_header(struct cxd_transfer *t, const char *name);
int fake_http_header_at(struct cxd_transfer *t, uint32_t index, struct cxd_bytes *ret_name,
                        struct cxd_bytes *ret_value);
void fake_http_close(struct cxd_transfer *t);
void fake_http_interrupt(struct cxd_client *client);
