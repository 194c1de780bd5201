/*
 * config.c: options document to struct config. The host has checked the names in its table; what is nested in lists is
 * checked here. Thread: the instance's, at open.
 */
#include "config.h"

#define CONFIG_MEMORY (64u << 20)

void config_done(struct config *config)
{
    for (size_t i = 0; i < config->template_count; i++) {
        template_free(config->templates[i]);
    }
    config->template_count = 0;
    for (size_t i = 0; i < CONFIG_STEPS_MAX; i++) {
        config_step_done(&config->steps[i]);
    }
    if (config->heap.host != NULL) {
        region_done(&config->region);
    }
}

static int cursor_one(struct config *config, struct tree *node, struct config_cursor *c,
                      struct cxd_error *err)
{
    static const char *const names[] = {"value", "default", "ignore_empty_value",
                                        "do_not_log_failure", NULL};
    char where[100];
    int status;

    (void)snprintf(where, sizeof where, "cursor.%.*s",
                   (int)(node->key.len < 60 ? node->key.len : 60), node->key.ptr);
    c->name = node->key;
    status = optree_check(&config->region, node, where, names, err);
    status =
        status < 0 ? status : config_template(config, node, "value", where, &c->value.value, err);
    status = status < 0 ? status
                        : config_template(config, node, "default", where, &c->value.otherwise, err);
    status = status < 0 ? status
                        : optree_bool(&config->region, node, "ignore_empty_value", true,
                                      &c->ignore_empty, err);
    status = status < 0 ? status
                        : optree_bool(&config->region, node, "do_not_log_failure", false,
                                      &c->is_quiet, err);
    if (status == 0 && c->value.value == NULL) {
        return cxd_error_set(err, CXD_CONFIG, "%s.value is needed", where);
    }
    return status;
}

static int cursors_read(struct config *config, struct cxd_error *err)
{
    struct tree *node = tree_find(&config->region, config->tree, CXD_LIT("cursor"));
    struct config_cursor **last = &config->cursors;

    if (node == NULL || node->kind == TREE_NULL) {
        return 0;
    }
    if (node->kind != TREE_OBJECT) {
        return cxd_error_set(err, CXD_CONFIG, "cursor: expected names with a value each");
    }
    for (struct tree *c = tree_first(&config->region, node); c != NULL; c = c->next) {
        struct config_cursor *one = region_alloc(&config->region, sizeof *one);
        int status = one == NULL ? cxd_error_set(err, CXD_NOMEM, "cursor: out of memory")
                                 : cursor_one(config, c, one, err);

        if (status < 0) {
            return status;
        }
        *last = one;
        last = &one->next;
    }
    return 0;
}

/* Where further pages may come from: request.url's own place, and those listed. */
static int origins_read(struct config *config, struct cxd_error *err)
{
    struct region *r = &config->region;
    struct tree *list = tree_path(r, config->tree, CXD_LIT("response.pagination_allowed_hosts"));
    size_t count = list != NULL && list->kind == TREE_LIST ? tree_count(r, list) : 0;

    if (list != NULL && list->kind != TREE_NULL && list->kind != TREE_LIST) {
        return cxd_error_set(err, CXD_CONFIG, "response.pagination_allowed_hosts: expected a list");
    }
    if (count == 0) {
        return r->status;
    }
    if (count >= CONFIG_ORIGINS_MAX) {
        return cxd_error_set(err, CXD_CONFIG, "response.pagination_allowed_hosts: more than %d",
                             CONFIG_ORIGINS_MAX - 1);
    }
    config->page_origins = region_alloc(r, (count + 1) * sizeof *config->page_origins);
    if (config->page_origins == NULL) {
        return cxd_error_set(err, CXD_NOMEM, "options: out of memory");
    }
    if (!origin_read(config->steps[0].url, &config->page_origins[config->page_origin_count++])) {
        return cxd_error_set(err, CXD_CONFIG, "request.url: no host in it");
    }
    for (struct tree *c = tree_first(r, list); c != NULL; c = c->next) {
        struct cxd_bytes one = tree_string(r, c);

        if (!origin_read(one, &config->page_origins[config->page_origin_count++])) {
            return cxd_error_set(err, CXD_CONFIG,
                                 "response.pagination_allowed_hosts: %.*s: expected a scheme and a "
                                 "host, as https://api.example.com",
                                 (int)(one.len < 100 ? one.len : 100), one.ptr);
        }
    }
    return 0;
}

static int numbers_read(struct config *config, struct cxd_error *err)
{
    struct region *r = &config->region;
    struct tree *root = config->tree;
    int64_t version;
    int status = optree_duration(r, root, "interval", 1, 60000, &config->interval_ms, err);

    status = status < 0 ? status : optree_int(r, root, "config_version", 2, &version, err);
    status = status < 0 ? status
                        : optree_int(r, root, "response.pagination_max_pages", 10000,
                                     &config->max_pages, err);
    status = status < 0
                 ? status
                 : optree_int(r, root, "response.max_body_size", 100 << 20, &config->max_body, err);
    status = status < 0 ? status
                        : optree_bool(r, root, "response.request_body_on_pagination", false,
                                      &config->body_on_pagination, err);
    status = status < 0 ? status
                        : optree_bool(r, root, "response.save_first_response", false,
                                      &config->save_first_response, err);
    if (status < 0) {
        return status;
    }
    if (version != 2) {
        return cxd_error_set(err, CXD_UNSUPPORTED, "config_version: only 2 is supported");
    }
    if (config->interval_ms < 1 || config->max_pages < 1 || config->max_body < 1024) {
        return cxd_error_set(err, CXD_CONFIG,
                             "interval, response.pagination_max_pages and response.max_body_size "
                             "must be positive");
    }
    return 0;
}

static int parts_read(struct config *config, struct cxd_error *err)
{
    struct region *r = &config->region;
    int status = numbers_read(config, err);

    config->step_count = 1;
    config->steps[0].redirect.max = 10;
    status = status < 0 ? status
                        : config_ssl_check(config, tree_find(r, config->tree, CXD_LIT("request")),
                                           "", err);
    status = status < 0 ? status
                        : config_step_read(config, config->tree, "", true, &config->steps[0], err);
    status = status < 0 ? status : origins_read(config, err);
    status = status < 0
                 ? status
                 : logbook_rule_read(r, config->tree, "request.tracer", &config->tracer, err);
    status =
        status < 0
            ? status
            : config_transforms(config, tree_path(r, config->tree, CXD_LIT("response.pagination")),
                                PLACE_PAGINATION, "response.pagination", &config->pagination, err);
    status = status < 0 ? status : cursors_read(config, err);
    status = status < 0 ? status : config_auth_read(config, 1, err);
    config->steps[0].auth = config->auth;
    config->steps[0].has_auth = true;
    config->steps[0].transport = tree_find(r, config->tree, CXD_LIT("request"));
    return status < 0
               ? status
               : config_chain_read(config, tree_find(r, config->tree, CXD_LIT("chain")), err);
}

int config_read(struct config *config, const struct heap *h, struct cxd_bytes options,
                struct cxd_error *err)
{
    int status;

    memset(config, 0, sizeof *config);
    config->heap = *h;
    region_init(&config->region, &config->heap, CONFIG_MEMORY);
    config->region.secret = true;
    config->tree = optree_read(&config->region, options);
    status = config->tree == NULL ? cxd_error_set(err, CXD_NOMEM, "options: out of memory")
                                  : parts_read(config, err);
    if (config->region.status != 0) {
        return cxd_error_set(err, config->region.status, "options: out of memory");
    }
    return status;
}
