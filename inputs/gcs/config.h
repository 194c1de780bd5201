/*
 * config.h: the options as the module uses them, checked.
 *
 * Made once at open, read-only afterwards, owned by the instance.
 */
#pragma once

#include "lib/heap.h"

#define CONFIG_WORKERS_MAX 128 /* downloads side by side in one bucket */

extern const struct cxd_option config_options[]; /* the module's option table */

struct config_retry {
    int64_t max_attempts; /* the first one included */
    int64_t initial_ms;
    int64_t max_ms;
    double factor;
};

struct config_bucket {
    char *name;
    char *prefix; /* "" for all */
    int64_t max_workers;
    bool poll;
    int64_t poll_interval_ms;
    int64_t page_size;
    int64_t timestamp_epoch; /* seconds; 0: all */
    int64_t lookback_s;      /* 0: list everything */
    struct cxd_regex **selectors;
    size_t selector_count;
    char *content_type; /* NULL: what the object says */
    bool override_content_type;
};

struct config {
    struct heap heap;
    char *project_id;
    struct text base; /* of the API */
    bool alternative; /* alternative_host is set */
    struct config_retry retry;
    int64_t max_line;
    int64_t stall_ms;
    struct config_bucket *buckets;
    size_t bucket_count;
};

/* CXD_CONFIG names the option. On failure nothing is left behind. */
int config_read(const struct heap *h, struct cxd_bytes options, struct config *ret_config,
                struct cxd_error *err);
void config_done(struct config *config); /* accepts a zeroed one */

/* The service-account key as JSON text (secret): from the options, a file, or GOOGLE_APPLICATION_CREDENTIALS. 0 and an empty
 * text: none is wanted (alternative_host without credentials). */
int config_key(const struct heap *h, struct cxd_bytes options, struct text *out,
               struct cxd_error *err);

/* Full-jitter is too eager for one object: half of the exponential delay is certain, half is chance. attempt from 1. */
int64_t config_backoff(const struct heap *h, const struct config_retry *retry, uint32_t attempt);
