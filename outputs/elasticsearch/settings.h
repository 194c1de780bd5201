/*
 * settings.h: what the policy says, checked and made ready to use. Memory of the instance; secrets are wiped by settings_done.
 */
#pragma once

#include "hosts.h"

#include "cxd/host.h"

#define SETTINGS_HEADERS_MAX 36 /* 32 of the policy's, and ours */

struct settings {
    const struct cxd_host *host;
    struct cxd_self *self;
    struct hosts hosts;
    struct cxd_header headers[SETTINGS_HEADERS_MAX]; /* Authorization and the policy's */
    size_t header_count;
    int has_auth;    /* the first header is Authorization, from a credential option */
    char *bulk_path; /* "/_bulk?.." */
    int compression_level;
    uint64_t bulk_max_bytes;
    uint32_t timeout_ms;
    int has_template; /* setup.template.enabled */
    int may_overwrite;
    int may_be_old; /* allow_older_versions */
};

/* On failure settings_done is still needed. */
int settings_read(struct settings *s, const struct cxd_host *host, struct cxd_self *self,
                  struct cxd_bytes doc, struct cxd_error *err);
void settings_done(struct settings *s);
