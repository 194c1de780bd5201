/*
 * fake_host.h: a host table for output modules under test: counted memory that can fail, options from JSON-like BSON made with
 * BCON, a clock set by hand, logs kept, gzip by zlib, and HTTP by script. One test at a time, one thread.
 */
#pragma once

#include "cxd/module.h"

#include <bson/bson.h>

#define FAKE_LOG_MAX 64

/* One exchange of the script. */
struct fake_reply {
    int start_status; /* <0: http_start or the first read fails so */
    int http_status;
    const char *body;        /* NULL: empty */
    size_t body_len;         /* 0: strlen(body) */
    const char *retry_after; /* header; NULL: absent */
};

/* What the module asked for. */
struct fake_request {
    char method[8];
    char url[512];
    char headers[1024]; /* "Name: value\n" each */
    char *body;         /* unzipped when it was gzip */
    size_t body_len;
    size_t wire_len;
};

struct fake {
    int64_t mono_ms;
    int64_t wall_ms;
    int is_stopping;
    uint64_t allocations; /* so far */
    uint64_t fail_at;     /* number of the allocation that fails; 0: none */
    int64_t live;         /* blocks not freed */
    char logs[FAKE_LOG_MAX][512];
    int log_count;
    int health;
    char health_text[512];
    const struct fake_reply *replies;
    size_t reply_count;
    size_t reply_next;
    struct fake_request requests[64];
    size_t request_count;
    int interrupts;
    int64_t counted; /* sum of all counts */
};

extern struct fake fake;
extern const struct cxd_host fake_host;

void fake_reset(void); /* between tests; frees the kept requests */
void fake_script(const struct fake_reply *replies, size_t count);
int fake_logged(const char *part); /* some log line has it */
/* Fills the option table's defaults under what doc says, as the real host does. Takes doc; bson_destroy the result. */
bson_t *fake_options(const struct cxd_option *table, bson_t *doc);
struct cxd_bytes fake_bytes(const bson_t *doc);
