/*
 * config.c: options document to struct config.
 *
 * The host has checked names and types and filled in defaults; here are the ranges, and what a bucket takes from the root.
 * Reads the environment and the key file, at open only. Thread: the instance's.
 */
#include "config.h"

#include "token.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "url.h"

/* Where an option is looked for: in bucket number `index`, then at the root. index < 0: at the root alone. */
struct scope {
    const struct heap *heap;
    struct cxd_bytes options;
    int index;
};

static struct cxd_scalar scope_get(const struct scope *s, const char *name)
{
    char path[160];
    struct cxd_scalar value = {0};

    if (s->index >= 0) {
        (void)snprintf(path, sizeof path, "buckets.%d.%s", s->index, name);
        value = s->heap->host->doc_get(s->options, path);
    }
    if (value.type == CXD_NONE || value.type == CXD_NIL) {
        value = s->heap->host->doc_get(s->options, name);
    }
    return value;
}

static int scope_number(const struct scope *s, const char *name, int64_t min, int64_t max,
                        int64_t otherwise, int64_t *ret, struct cxd_error *err)
{
    struct cxd_scalar value = scope_get(s, name);
    int64_t number = otherwise;

    if (value.type == CXD_INT || value.type == CXD_BOOL) {
        number = value.number;
    }
    if (number < min || number > max) {
        return cxd_error_set(err, CXD_CONFIG, "%s must be between %lld and %lld", name,
                             (long long)min, (long long)max);
    }
    *ret = number;
    return 0;
}

static bool scope_flag(const struct scope *s, const char *name, bool otherwise)
{
    struct cxd_scalar value = scope_get(s, name);

    return value.type == CXD_BOOL || value.type == CXD_INT ? value.number != 0 : otherwise;
}

/* A copy, or NULL in *ret when the option is absent or empty. */
static int scope_text(const struct scope *s, const char *name, char **ret, struct cxd_error *err)
{
    struct cxd_scalar value = scope_get(s, name);

    *ret = NULL;
    if (value.type != CXD_TEXT || value.bytes.len == 0) {
        return 0;
    }
    *ret = heap_copy(s->heap, value.bytes);
    return *ret != NULL ? 0 : cxd_error_set(err, CXD_NOMEM, "%s: out of memory", name);
}

static int config_selectors(const struct scope *s, struct config_bucket *b, struct cxd_error *err)
{
    const struct cxd_host *host = s->heap->host;
    struct cxd_scalar list = scope_get(s, "file_selectors");
    struct cxd_bytes ignored;

    if (list.type != CXD_ARRAY || list.count == 0) {
        return 0;
    }
    b->selectors = heap_alloc(s->heap, list.count * sizeof(struct cxd_regex *));
    if (b->selectors == NULL) {
        return cxd_error_set(err, CXD_NOMEM, "file_selectors: out of memory");
    }
    for (uint32_t i = 0; i < list.count; i++) {
        struct cxd_scalar item = host->doc_at(list.bytes, i, &ignored);
        struct cxd_scalar regex = {0};
        int status;

        if (item.type == CXD_DOCUMENT) {
            regex = host->doc_get(item.bytes, "regex");
        }
        if (regex.type != CXD_TEXT) {
            return cxd_error_set(err, CXD_CONFIG, "file_selectors: entry %u has no regex", i + 1);
        }
        status = host->regex_new(s->heap->self, regex.bytes.ptr, &b->selectors[i], err);
        if (status < 0) {
            (void)cxd_error_wrap(err, "file_selectors: entry %u", i + 1);
            return status;
        }
        b->selector_count++;
    }
    return 0;
}

static int config_numbers(const struct scope *s, struct config_bucket *b, struct cxd_error *err)
{
    int64_t lookback_ms;
    int status = scope_number(s, "max_workers", 1, 5000, 3, &b->max_workers, err);

    status = status < 0 ? status : scope_number(s, "batch_size", 1, 1000, 1000, &b->page_size, err);
    status = status < 0 ? status
                        : scope_number(s, "poll_interval", 0, INT64_C(31536000000), 15000,
                                       &b->poll_interval_ms, err);
    status = status < 0 ? status
                        : scope_number(s, "timestamp_epoch", 0, INT64_C(253402300799), 0,
                                       &b->timestamp_epoch, err);
    status = status < 0
                 ? status
                 : scope_number(s, "lookback", 0, INT64_C(31536000000), 0, &lookback_ms, err);
    if (status < 0) {
        return status;
    }
    if (b->max_workers > CONFIG_WORKERS_MAX) {
        b->max_workers = CONFIG_WORKERS_MAX;
    }
    b->lookback_s = (lookback_ms + 999) / 1000;
    b->poll = scope_flag(s, "poll", true);
    b->override_content_type = scope_flag(s, "override_content_type", false);
    if (scope_flag(s, "parse_json", false)) {
        return cxd_error_set(err, CXD_UNSUPPORTED,
                             "parse_json: only false is supported; use a processor instead");
    }
    return 0;
}

static int config_bucket(const struct scope *s, struct config_bucket *b, struct cxd_error *err)
{
    char path[64];
    struct scope root = {.heap = s->heap, .options = s->options, .index = -1};
    int status;

    (void)snprintf(path, sizeof path, "buckets.%d.name", s->index);
    status = scope_text(&root, path, &b->name, err);
    if (status == 0 && (b->name == NULL || strlen(b->name) > 222)) {
        status = cxd_error_set(err, CXD_CONFIG, "%s: a bucket name has 3 to 222 bytes", path);
    }
    status = status < 0 ? status : scope_text(s, "prefix", &b->prefix, err);
    status = status < 0 ? status : scope_text(s, "content_type", &b->content_type, err);
    if (status == 0 && b->prefix == NULL) {
        b->prefix = heap_copy(s->heap, CXD_LIT(""));
        status = b->prefix != NULL ? 0 : cxd_error_set(err, CXD_NOMEM, "prefix: out of memory");
    }
    if (status == 0 && strlen(b->prefix) > 1024) {
        status = cxd_error_set(err, CXD_CONFIG, "prefix has at most 1024 bytes");
    }
    status = status < 0 ? status : config_numbers(s, b, err);
    return status < 0 ? status : config_selectors(s, b, err);
}

/* Two entries that would collect the same object are a mistake: every event would come twice. */
static int config_overlap(const struct config *c, struct cxd_error *err)
{
    for (size_t i = 0; i < c->bucket_count; i++) {
        for (size_t j = 0; j < c->bucket_count; j++) {
            const struct config_bucket *a = &c->buckets[i];
            const struct config_bucket *b = &c->buckets[j];

            if (i != j && strcmp(a->name, b->name) == 0 &&
                strncmp(a->prefix, b->prefix, strlen(a->prefix)) == 0) {
                return cxd_error_set(err, CXD_CONFIG,
                                     "buckets: entries %zu and %zu overlap (bucket %s, prefixes "
                                     "\"%s\" and \"%s\")",
                                     i + 1, j + 1, a->name, a->prefix, b->prefix);
            }
        }
    }
    return 0;
}

static int config_buckets(const struct heap *h, struct cxd_bytes options, struct config *c,
                          struct cxd_error *err)
{
    struct cxd_scalar list = h->host->doc_get(options, "buckets");

    if (list.type != CXD_ARRAY || list.count == 0 || list.count > 256) {
        return cxd_error_set(err, CXD_CONFIG, "buckets: name 1 to 256 buckets");
    }
    c->buckets = heap_alloc(h, list.count * sizeof *c->buckets);
    if (c->buckets == NULL) {
        return cxd_error_set(err, CXD_NOMEM, "buckets: out of memory");
    }
    for (uint32_t i = 0; i < list.count; i++) {
        struct scope scope = {.heap = h, .options = options, .index = (int)i};
        int status;

        c->bucket_count++; /* first, so that a half-read one is freed */
        status = config_bucket(&scope, &c->buckets[i], err);
        if (status < 0) {
            (void)cxd_error_wrap(err, "buckets entry %u", i + 1);
            return status;
        }
    }
    return config_overlap(c, err);
}

static int config_root(const struct scope *s, struct config *c, struct cxd_error *err)
{
    struct cxd_scalar host = scope_get(s, "alternative_host");
    struct cxd_scalar factor = scope_get(s, "retry.backoff_multiplier");
    int status = scope_text(s, "project_id", &c->project_id, err);

    if (status == 0 && c->project_id == NULL) {
        status = cxd_error_set(err, CXD_CONFIG, "project_id is missing");
    }
    c->alternative = host.type == CXD_TEXT && host.bytes.len > 0;
    status =
        status < 0 ? status : url_base(&c->base, c->alternative ? host.bytes : CXD_LIT(""), err);
    status = status < 0
                 ? status
                 : scope_number(s, "retry.max_attempts", 1, 100, 3, &c->retry.max_attempts, err);
    status = status < 0 ? status
                        : scope_number(s, "retry.initial_backoff_duration", 0, 3600000, 1000,
                                       &c->retry.initial_ms, err);
    status = status < 0 ? status
                        : scope_number(s, "retry.max_backoff_duration", 0, 3600000, 30000,
                                       &c->retry.max_ms, err);
    status = status < 0
                 ? status
                 : scope_number(s, "max_line_size", 1024, 256 << 20, 16 << 20, &c->max_line, err);
    status = status < 0 ? status
                        : scope_number(s, "stall_timeout", 1000, 3600000, 60000, &c->stall_ms, err);
    c->retry.factor = factor.type == CXD_FLOAT ? factor.real
                      : factor.type == CXD_INT ? (double)factor.number
                                               : 2.0;
    if (status == 0 && !(c->retry.factor >= 1.0 && c->retry.factor <= 10.0)) {
        status =
            cxd_error_set(err, CXD_CONFIG, "retry.backoff_multiplier must be between 1 and 10");
    }
    return status;
}

int config_read(const struct heap *h, struct cxd_bytes options, struct config *ret_config,
                struct cxd_error *err)
{
    struct scope root = {.heap = h, .options = options, .index = -1};
    int status;

    *ret_config = (struct config){.heap = *h};
    text_init(&ret_config->base, &ret_config->heap, 4096);
    status = config_root(&root, ret_config, err);
    status = status < 0 ? status : config_buckets(h, options, ret_config, err);
    if (status < 0) {
        config_done(ret_config);
    }
    return status;
}

void config_done(struct config *c)
{
    const struct heap *h = &c->heap;

    if (h->host == NULL) {
        return;
    }
    for (size_t i = 0; i < c->bucket_count; i++) {
        struct config_bucket *b = &c->buckets[i];

        for (size_t j = 0; j < b->selector_count; j++) {
            h->host->regex_free(b->selectors[j]);
        }
        heap_free(h, b->selectors);
        heap_free(h, b->name);
        heap_free(h, b->prefix);
        heap_free(h, b->content_type);
    }
    heap_free(h, c->buckets);
    heap_free(h, c->project_id);
    text_done(&c->base);
    *c = (struct config){0};
}

/* The path is the administrator's; errno says why it cannot be read. */
static int config_key_file(const char *path, const char *from, struct text *out,
                           struct cxd_error *err)
{
    char block[4096];
    ssize_t len;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* a FIFO must not hold us */

    if (fd < 0) {
        return cxd_error_set(err, CXD_CONFIG, "%s: cannot open %s: %s", from, path,
                             strerror(errno));
    }
    while ((len = read(fd, block, sizeof block)) > 0) {
        text_add(out, block, (size_t)len);
    }
    heap_wipe(block, sizeof block);
    if (len < 0) {
        (void)cxd_error_set(err, CXD_CONFIG, "%s: cannot read %s: %s", from, path, strerror(errno));
    }
    (void)close(fd); /* only read from */
    if (len < 0) {
        return CXD_CONFIG;
    }
    if (out->status != 0 || out->len == 0) {
        return cxd_error_set(err, out->status == CXD_NOMEM ? CXD_NOMEM : CXD_CONFIG,
                             "%s: %s is empty or larger than %u bytes", from, path, TOKEN_KEY_MAX);
    }
    return 0;
}

int config_key(const struct heap *h, struct cxd_bytes options, struct text *out,
               struct cxd_error *err)
{
    struct cxd_scalar key = h->host->doc_get(options, "auth.credentials_json.account_key");
    struct cxd_scalar file = h->host->doc_get(options, "auth.credentials_file.path");
    struct cxd_scalar host = h->host->doc_get(options, "alternative_host");
    const char *path;

    text_init(out, h, TOKEN_KEY_MAX);
    out->secret = true;
    if (key.type == CXD_TEXT && key.bytes.len > 0) {
        text_add(out, key.bytes.ptr, key.bytes.len);
        return out->status == 0
                   ? 0
                   : cxd_error_set(err, out->status == CXD_NOMEM ? CXD_NOMEM : CXD_CONFIG,
                                   "auth.credentials_json.account_key: too large");
    }
    if (file.type == CXD_TEXT && file.bytes.len > 0) {
        return config_key_file(file.bytes.ptr, "auth.credentials_file.path", out, err);
    }
    path = getenv("GOOGLE_APPLICATION_CREDENTIALS"); /* read at open only, as the contract allows */
    if (path != NULL && path[0] != '\0') {
        return config_key_file(path, "GOOGLE_APPLICATION_CREDENTIALS", out, err);
    }
    if (host.type == CXD_TEXT && host.bytes.len > 0) {
        return 0;
    }
    return cxd_error_set(err, CXD_CONFIG,
                         "no credentials: set auth.credentials_json.account_key, "
                         "auth.credentials_file.path or GOOGLE_APPLICATION_CREDENTIALS");
}

int64_t config_backoff(const struct heap *h, const struct config_retry *retry, uint32_t attempt)
{
    double delay = (double)retry->initial_ms;
    uint32_t chance;

    for (uint32_t i = 1; i < attempt && delay < (double)retry->max_ms; i++) {
        delay *= retry->factor;
    }
    if (delay > (double)retry->max_ms) {
        delay = (double)retry->max_ms;
    }
    h->host->random(h->self, &chance, sizeof chance);
    return (int64_t)(delay / 2 + delay / 2 * ((double)chance / 4294967296.0));
}
