/* config.c: the options, checked. Thread: the instance's, at open. */
#include "input.h"

#include "lib/tenant_options.h"

#define ROW OPTION_ROW
#define OVERLAP_MAX_MS (INT64_C(30) * 86400000)

const struct cxd_option config_options[] = {
    ROW("type", STRING, CXD_OPTION_ADVANCED, NULL,
        "The stream: cortex_xdr/alerts-v1, /incidents, /audit_management, /audit_agent or "
        "/endpoints"),
    TENANT_ROWS,
    ROW("overlap", DURATION, CXD_OPTION_ADVANCED, NULL,
        "This much of what was read is read again, for rows that come late into the past: 0s to "
        "30d; "
        "audit_agent 24h, others 0s"),
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

static int tenant_read(struct config *config, struct tree *root, struct cxd_error *err)
{
    struct tenant_options t;
    int status = tenant_options_read(&config->region, root, &t, err);

    if (status < 0) {
        return status;
    }
    config->key = (struct query_key){t.token, t.token_id, t.is_advanced};
    config->address = t.address;
    config->interval_ms = t.interval_ms;
    config->initial_ms = t.initial_ms;
    config->settle_ms = t.settle_ms;
    config->timeout_ms = t.timeout_ms;
    config->per_second = t.per_second;
    text_add(&config->url, t.address.ptr, t.address.len);
    text_put(&config->url, config->profile->path);
    return config->url.status == 0 ? 0
                                   : cxd_error_set(err, config->url.status, "url: out of memory");
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
    config->overlap_ms = config->profile->overlap_ms;
    status = tenant_read(config, root, err);
    status = status < 0 ? status
                        : tenant_time_read(&config->region, root, "overlap", 0, OVERLAP_MAX_MS,
                                           &config->overlap_ms, err);
    return config->region.status == 0 ? status
                                      : cxd_error_set(err, CXD_NOMEM, "options: out of memory");
}
