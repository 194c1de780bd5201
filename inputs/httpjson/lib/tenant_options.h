/*
 * tenant_options.h: how a tenant of Cortex XDR is named in a policy, the same for every stream of it: rows of option tables, and
 * their reading. Pure.
 */
#pragma once

#include "lib/option_rows.h"
#include "lib/tree.h"

#define TENANT_ROWS                                                                                \
    OPTION_ROW("domain", STRING, 0, NULL,                                                          \
               "API domain as in the example URL of the key, "                                     \
               "api-tenant.xdr.eu.paloaltonetworks.com"),                                          \
        OPTION_ROW("url", STRING, 0, NULL,                                                         \
                   "Address of the API instead of domain, with http:// or https://"),              \
        OPTION_ROW("api_token", STRING, CXD_OPTION_REQUIRED | CXD_OPTION_SECRET, NULL, "API key"), \
        OPTION_ROW("token_id", STRING, CXD_OPTION_REQUIRED, NULL, "Id of the key"),                \
        OPTION_ROW("advanced_sec_level", BOOL, 0, "false",                                         \
                   "The key is of security level Advanced"),                                       \
        OPTION_ROW("interval", DURATION, 0, "5m", "Time between two looks, 1s to 24h"),            \
        OPTION_ROW("initial_interval", DURATION, 0, "24h",                                         \
                   "How far to look back at the first start, up to 365 days"),                     \
        OPTION_ROW("settle", DURATION, CXD_OPTION_ADVANCED, "2m",                                  \
                   "Only what is older than this is read: rows are filled in for a while, 0s to "  \
                   "1h"),                                                                          \
        OPTION_ROW("requests_per_second", INT, 0, "10",                                            \
                   "Requests of all streams of this tenant together, 1 to 1000"),                  \
        OPTION_ROW("request_timeout", DURATION, 0, "30s", "Longest time for a request, 1s to 10m")

/* Checked. Texts live in the region. */
struct tenant_options {
    struct cxd_bytes
        address; /* http:// or https:// and a host; no slash at the end; at most 190 bytes */
    struct cxd_bytes token;
    struct cxd_bytes token_id;
    bool is_advanced;
    int64_t interval_ms;
    int64_t initial_ms;
    int64_t settle_ms;
    int64_t timeout_ms;
    int64_t per_second;
};

/* CXD_CONFIG names the option; CXD_NOMEM. */
int tenant_options_read(struct region *r, struct tree *root, struct tenant_options *ret,
                        struct cxd_error *err);
/* A time of a top-level option between two; *ret is what it is without the option. */
int tenant_time_read(struct region *r, struct tree *root, const char *name, int64_t min,
                     int64_t max, int64_t *ret, struct cxd_error *err);
