/* config.c: the options, checked. Thread: the instance's, at open. */
#include "input.h"

#define DAY_MS INT64_C(86400000)

#define ROW(name, type, flags, otherwise, help)                                                    \
    {                                                                                              \
        name, CXD_OPTION_##type, flags, otherwise, help, NULL                                      \
    }

const struct cxd_option config_options[] = {
    ROW("type", STRING, CXD_OPTION_ADVANCED, NULL,
        "The stream: cortex_xdr/alerts-v1, /incidents, /audit_management, /audit_agent or "
        "/endpoints"),
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
    ROW("overlap", DURATION, CXD_OPTION_ADVANCED, NULL,
        "This much of what was read is read again, for rows that come late into the past: 0s to "
        "30d; "
        "audit_agent 24h, others 0s"),
    ROW("requests_per_second", INT, 0, "10",
        "Requests of all streams of this tenant together, 1 to 1000"),
    ROW("request_timeout", DURATION, 0, "30s", "Longest time for a request, 1s to 10m"),
    CXD_HTTP_OPTIONS,
    {NULL, 0, 0, NULL, NULL, NULL},
};

void config_done(struct config *config)
{
    if (config->region.heap != NULL) {
        region_done(&config->region);
        text_done(&config->url);
    }
}

static bool starts_with(struct cxd_bytes text, const char *front)
{
    return text.len >= strlen(front) && memcmp(text.ptr, front, strlen(front)) == 0;
}

/* https://api-DOMAIN, or the url as it is; no slash at the end. */
static int address_read(struct config *config, struct tree *root, struct cxd_error *err)
{
    struct region *r = &config->region;
    struct cxd_bytes domain = optree_text(r, root, "domain");
    struct cxd_bytes url = optree_text(r, root, "url");
    struct text text;

    if (starts_with(domain, "http://") || starts_with(domain, "https://")) {
        url = domain;
    }
    if (domain.len == 0 && url.len == 0) {
        return cxd_error_set(err, CXD_CONFIG,
                             "domain is needed: the API domain from the key's example URL");
    }
    text_init(&text, r->heap, 1024);
    if (url.len == 0) {
        text_put(&text, starts_with(domain, "api-") ? "https://" : "https://api-");
        url = domain;
    }
    text_add(&text, url.ptr, url.len);
    while (text.len > 8 && text.ptr[text.len - 1] == '/') {
        text.ptr[--text.len] = '\0';
    }
    config->address =
        text.status == 0 ? region_copy(r, text_bytes(&text)) : (struct cxd_bytes){NULL, 0};
    text_done(&text);
    if (config->address.ptr == NULL) {
        return cxd_error_set(err, CXD_NOMEM, "domain: out of memory, or longer than 1000 bytes");
    }
    if (config->address.len > 190) {
        return cxd_error_set(err, CXD_CONFIG, "domain: longer than 180 bytes");
    }
    if (!starts_with(config->address, "http://") && !starts_with(config->address, "https://")) {
        return cxd_error_set(err, CXD_CONFIG, "url: expected http:// or https://");
    }
    text_add(&config->url, config->address.ptr, config->address.len);
    text_put(&config->url, config->profile->path);
    return config->url.status == 0 ? 0
                                   : cxd_error_set(err, config->url.status, "url: out of memory");
}

/* *ret is what it is without the option. */
static int time_read(struct config *config, struct tree *root, const char *name, int64_t min,
                     int64_t max, int64_t *ret, struct cxd_error *err)
{
    int status = optree_duration(&config->region, root, name, 1, *ret, ret, err);

    if (status == 0 && (*ret < min || *ret > max)) {
        return cxd_error_set(err, CXD_CONFIG, "%s must be between %lld s and %lld s", name,
                             (long long)(min / 1000), (long long)(max / 1000));
    }
    return status;
}

static int numbers_read(struct config *config, struct tree *root, struct cxd_error *err)
{
    int status = time_read(config, root, "interval", 1000, DAY_MS, &config->interval_ms, err);

    status = status < 0 ? status
                        : time_read(config, root, "initial_interval", 1000, 365 * DAY_MS,
                                    &config->initial_ms, err);
    status = status < 0 ? status
                        : time_read(config, root, "settle", 0, 3600000, &config->settle_ms, err);
    config->overlap_ms = config->profile->overlap_ms;
    status = status < 0
                 ? status
                 : time_read(config, root, "overlap", 0, 30 * DAY_MS, &config->overlap_ms, err);
    status = status < 0 ? status
                        : time_read(config, root, "request_timeout", 1000, 600000,
                                    &config->timeout_ms, err);
    status = status < 0 ? status
                        : optree_int(&config->region, root, "requests_per_second", 10,
                                     &config->per_second, err);
    if (status == 0 && (config->per_second < 1 || config->per_second > 1000)) {
        return cxd_error_set(err, CXD_CONFIG, "requests_per_second must be between 1 and 1000");
    }
    return status;
}

static bool is_header_text(struct cxd_bytes text)
{
    for (size_t i = 0; i < text.len; i++) {
        if ((unsigned char)text.ptr[i] <= ' ' || (unsigned char)text.ptr[i] >= 127) {
            return false;
        }
    }
    return text.len > 0;
}

static int key_read(struct config *config, struct tree *root, struct cxd_error *err)
{
    config->key.token = optree_text(&config->region, root, "api_token");
    config->key.token_id = optree_text(&config->region, root, "token_id");
    if (!is_header_text(config->key.token) || !is_header_text(config->key.token_id)) {
        return cxd_error_set(err, CXD_CONFIG,
                             "api_token and token_id: expected text without blanks");
    }
    return optree_bool(&config->region, root, "advanced_sec_level", false, &config->key.is_advanced,
                       err);
}

int config_read(struct config *config, const struct heap *h, struct cxd_bytes options,
                struct cxd_error *err)
{
    struct cxd_bytes type;
    struct tree *root;
    int status;

    memset(config, 0, sizeof *config);
    region_init(&config->region, h, 16u << 20);
    config->region.secret = true;
    text_init(&config->url, h, 4096);
    root = optree_read(&config->region, options);
    if (root == NULL || config->region.status != 0) {
        return cxd_error_set(err, CXD_NOMEM, "options: out of memory");
    }
    type = optree_text(&config->region, root, "type");
    config->profile = profile_find(type);
    if (config->profile == NULL) {
        return cxd_error_set(
            err, CXD_CONFIG,
            "type: expected cortex_xdr/alerts-v1, cortex_xdr/incidents, "
            "cortex_xdr/audit_management, cortex_xdr/audit_agent or cortex_xdr/endpoints");
    }
    status = key_read(config, root, err);
    status = status < 0 ? status : numbers_read(config, root, err);
    status = status < 0 ? status : address_read(config, root, err);
    return config->region.status == 0 ? status
                                      : cxd_error_set(err, CXD_NOMEM, "options: out of memory");
}
