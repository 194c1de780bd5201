/*
 * settings.h: the options as the input uses them, checked. Made once at open, read-only afterwards.
 *
 * Everything lives in settings.region, which is wiped.
 */
#pragma once

#include "lang/services.h"
#include "lib/logbook.h"
#include "lib/optree.h"
#include "lib/token_file.h"

#define SETTINGS_NAMES_MAX 64 /* patterns, schemas, headers, environment variables: each */

extern const struct cxd_option settings_options[];

struct settings_aws {
    struct cxd_bytes id, secret, token;
    struct cxd_bytes file, profile;     /* of keys */
    struct cxd_bytes role, external_id; /* taken with the keys */
    int64_t duration_ms;                /* how long the role is kept */
    int64_t window_ms;                  /* how long before its end it is taken anew */
    struct cxd_bytes service, region;   /* empty: as the host says */
};

struct settings_access {
    bool is_basic, is_token, is_digest, is_file, is_oauth, is_aws;
    struct settings_aws aws;
    struct cxd_bytes user, password; /* basic or digest */
    struct cxd_bytes token;          /* whole header value */
    struct token_file_rule file;
    bool digest_no_reuse;
};

struct settings {
    struct region region;
    struct tree *tree; /* the options */
    struct cxd_bytes program;
    struct tree *state;        /* object */
    struct tree *secret_state; /* object, or NULL */
    struct cxd_bytes url;
    struct cxd_bytes socket; /* of this machine, for every request; {NULL,0}: the network */
    int64_t interval_ms;
    int64_t max_executions;
    bool more_when_empty;
    struct services_header headers[SETTINGS_NAMES_MAX];
    size_t header_count;
    struct services_pattern patterns[SETTINGS_NAMES_MAX + 1]; /* ended by NULL */
    struct services_schema schemas[SETTINGS_NAMES_MAX + 1];   /* ended by NULL */
    struct services_header environment[SETTINGS_NAMES_MAX];   /* name and value */
    size_t environment_count;
    int64_t timeout_ms;
    int64_t max_body;
    int64_t max_attempts, wait_min_ms, wait_max_ms;
    int64_t max_redirects;
    bool forward_headers;
    bool no_keep_alive;
    struct tree *banned;    /* list of texts, or NULL */
    struct tree *sensitive; /* likewise */
    double rate;            /* requests a second; negative: no limit */
    int64_t burst;
    struct cxd_bytes
        paced_as; /* streams that say the same share the rate; empty: it is this stream's own */
    struct settings_access access;
    struct logbook_rule tracer;
    struct logbook_rule dump;
    struct tree *redacted; /* list of paths, or NULL */
    bool redact_delete;
};

/* Checks `tree`, which lives in settings->region. CXD_CONFIG names the option. */
int settings_read(struct settings *settings, struct tree *tree, struct cxd_error *err);
/* settings_parts.c */
int settings_names_read(struct settings *settings, struct cxd_error *err);
int settings_access_read(struct settings *settings, struct cxd_error *err);
static inline bool settings_is(const struct tree *node, enum tree_kind kind)
{
    return node != NULL && node->kind == (uint8_t)kind;
}
