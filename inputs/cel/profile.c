/* profile.c: see the header. Names and limits are those of the other Cortex XDR streams. Thread: the instance's, at open. */
#include "profile.h"

#include <stdio.h>

#define DAY_MS INT64_C(86400000)
#define ADDRESS_MAX 190u
#define EXECUTIONS 1000000 /* pages of one period: a backlog is read without a pause */

#define ROW(name, type, flags, otherwise, help)                                                    \
    {                                                                                              \
        name, CXD_OPTION_##type, flags, otherwise, help, NULL                                      \
    }

const struct cxd_option profile_options[] = {
    ROW("domain", STRING, 0, NULL,
        "API domain as in the example URL of the key, api-tenant.xdr.eu.paloaltonetworks.com"),
    ROW("url", STRING, 0, NULL, "Address of the API instead of domain, with http:// or https://"),
    ROW("api_token", STRING, CXD_OPTION_REQUIRED | CXD_OPTION_SECRET, NULL, "API key"),
    ROW("token_id", STRING, CXD_OPTION_REQUIRED, NULL, "Id of the key"),
    ROW("advanced_sec_level", BOOL, 0, "false", "The key is of security level Advanced"),
    ROW("interval", DURATION, 0, "5m", "Time between two looks, 1s to 24h"),
    ROW("initial_interval", DURATION, 0, "24h",
        "How far to look back at the first start, up to 365 days"),
    ROW("settle", DURATION, CXD_OPTION_ADVANCED, "2m",
        "Only what is older than this is read: rows are filled in for a while, 0s to 1h"),
    ROW("requests_per_second", INT, 0, "10",
        "Requests to the tenant, by all streams together, 1 to 1000"),
    ROW("request_timeout", DURATION, 0, "30s", "Longest time for a request, 1s to 10m"),
    CXD_HTTP_OPTIONS,
    {NULL, 0, 0, NULL, NULL, NULL},
};

static bool starts_with(struct cxd_bytes text, const char *front)
{
    return text.len >= strlen(front) && memcmp(text.ptr, front, strlen(front)) == 0;
}

/* https://api-DOMAIN, or the url as it is; no slash at the end. {NULL,0} with err: refused. */
static struct cxd_bytes address_of(struct settings *s, struct tree *options, struct cxd_error *err)
{
    struct cxd_bytes domain = optree_text(&s->region, options, "domain");
    struct cxd_bytes url = optree_text(&s->region, options, "url");
    char text[ADDRESS_MAX + 16];

    if (domain.len == 0 && url.len == 0) {
        (void)cxd_error_set(err, CXD_CONFIG,
                            "domain is needed: the API domain from the key's example URL");
        return (struct cxd_bytes){NULL, 0};
    }
    if (starts_with(domain, "http://") || starts_with(domain, "https://") || url.len == 0) {
        url = domain;
    }
    while (url.len > 8 && url.ptr[url.len - 1] == '/') {
        url.len--;
    }
    if (url.len > ADDRESS_MAX - 12) {
        (void)cxd_error_set(err, CXD_CONFIG, "domain: longer than 178 bytes");
        return (struct cxd_bytes){NULL, 0};
    }
    if (starts_with(url, "http://") || starts_with(url, "https://")) {
        return region_copy(&s->region, url);
    }
    if (domain.len == 0) {
        (void)cxd_error_set(err, CXD_CONFIG, "url: expected http:// or https://");
        return (struct cxd_bytes){NULL, 0};
    }
    (void)snprintf(text, sizeof text, "%s%.*s",
                   starts_with(url, "api-") ? "https://" : "https://api-", (int)url.len, url.ptr);
    return region_copy(&s->region, bytes_of(text));
}

static int number_of(struct settings *s, struct tree *options, const char *name, int64_t least,
                     int64_t most, int64_t *ret, struct cxd_error *err)
{
    int status = optree_int(&s->region, options, name, least, ret, err);

    if (status == 0 && (*ret < least || *ret > most)) {
        return cxd_error_set(err, CXD_CONFIG, "%s must be between %lld and %lld", name,
                             (long long)least, (long long)most);
    }
    return status;
}

static int time_of(struct settings *s, struct tree *options, const char *name, int64_t least,
                   int64_t most, int64_t *ret, struct cxd_error *err)
{
    int status = optree_duration(&s->region, options, name, 1, least, ret, err);

    if (status == 0 && (*ret < least || *ret > most)) {
        return cxd_error_set(err, CXD_CONFIG, "%s must be between %lld s and %lld s", name,
                             (long long)(least / 1000), (long long)(most / 1000));
    }
    return status;
}

struct numbers {
    int64_t interval_ms, initial_ms, settle_ms, timeout_ms, per_second;
    bool is_advanced;
};

static int numbers_read(struct settings *s, struct tree *options, struct numbers *n,
                        struct cxd_error *err)
{
    int status = time_of(s, options, "interval", 1000, DAY_MS, &n->interval_ms, err);

    status = status < 0
                 ? status
                 : time_of(s, options, "initial_interval", 1000, 365 * DAY_MS, &n->initial_ms, err);
    status = status < 0 ? status : time_of(s, options, "settle", 0, 3600000, &n->settle_ms, err);
    status = status < 0 ? status
                        : time_of(s, options, "request_timeout", 1000, 600000, &n->timeout_ms, err);
    status = status < 0
                 ? status
                 : number_of(s, options, "requests_per_second", 1, 1000, &n->per_second, err);
    return status < 0 ? status
                      : optree_bool(&s->region, options, "advanced_sec_level", false,
                                    &n->is_advanced, err);
}

static bool put_number(struct settings *s, struct tree *root, const char *path, int64_t number)
{
    char digits[24];
    struct cxd_bytes text;

    (void)snprintf(digits, sizeof digits, "%lld", (long long)number);
    text = region_copy(&s->region, bytes_of(digits));
    return text.ptr != NULL &&
           tree_put_path(&s->region, root, bytes_of(path), tree_new_number(&s->region, text));
}

static bool put_text(struct settings *s, struct tree *root, const char *path, struct cxd_bytes text)
{
    return tree_put_path(&s->region, root, bytes_of(path), tree_new_string(&s->region, text));
}

static bool put_bool(struct settings *s, struct tree *root, const char *path, bool truth)
{
    return tree_put_path(&s->region, root, bytes_of(path),
                         tree_new(&s->region, truth ? TREE_TRUE : TREE_FALSE));
}

static bool state_put(struct settings *s, struct tree *root, struct tree *options,
                      const struct numbers *n)
{
    struct region *r = &s->region;

    return put_text(s, root, "state.token_id", optree_text(r, options, "token_id")) &&
           put_text(s, root, "secret_state.api_token", optree_text(r, options, "api_token")) &&
           put_bool(s, root, "state.advanced", n->is_advanced) &&
           put_number(s, root, "state.initial_ms", n->initial_ms) &&
           put_number(s, root, "state.settle_ms", n->settle_ms) &&
           put_number(s, root, "state.interval_ms", n->interval_ms);
}

/* TLS and proxies as they are. */
static bool transport_put(struct settings *s, struct tree *root, struct tree *options)
{
    static const char *const names[] = {"ssl", "proxy_url", "proxy_disable", "connect_timeout"};
    struct region *r = &s->region;
    bool good = true;

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        struct tree *node = tree_find(r, options, bytes_of(names[i]));
        char path[64];

        (void)snprintf(path, sizeof path, "resource.%s", names[i]);
        if (node != NULL && node->kind != TREE_NULL) {
            struct cxd_bytes where = region_copy(r, bytes_of(path));

            good = good && where.ptr != NULL && tree_put_path(r, root, where, tree_copy(r, node));
        }
    }
    return good;
}

struct tree *profile_translate(struct settings *settings, struct tree *options,
                               struct cxd_error *err)
{
    struct tree *root = tree_new(&settings->region, TREE_OBJECT);
    struct cxd_bytes address = address_of(settings, options, err);
    struct numbers n = {0};

    if (address.ptr == NULL || numbers_read(settings, options, &n, err) < 0) {
        return NULL;
    }
    if (root == NULL || !put_text(settings, root, "program", bytes_of(profile_alerts_v2)) ||
        !state_put(settings, root, options, &n) || !transport_put(settings, root, options) ||
        !put_number(settings, root, "interval", n.interval_ms) ||
        !put_number(settings, root, "max_executions", EXECUTIONS) ||
        !put_bool(settings, root, "want_more_when_empty", true) ||
        !put_text(settings, root, "resource.url", address) ||
        !put_number(settings, root, "resource.timeout", n.timeout_ms) ||
        !put_number(settings, root, "resource.rate_limit.limit", n.per_second) ||
        !put_text(settings, root, "resource.rate_limit.shared_as", address)) {
        (void)cxd_error_set(err, CXD_NOMEM, "options: out of memory");
        return NULL;
    }
    return root;
}
