/*
 * config_chain.c: the steps chained to the first request. What they do not say about connections, redirects and credentials is as
 * the first request has it. Thread: the instance's, at open.
 */
#include "config.h"

/* Is there a row of that name, or (is_group) are there rows below it? */
static bool row_is(const char *name, bool is_group)
{
    size_t len = strlen(name);

    for (const struct cxd_option *row = config_options; row->name != NULL; row++) {
        if (strncmp(row->name, name, len) == 0 && row->name[len] == (is_group ? '.' : '\0')) {
            return true;
        }
    }
    return false;
}

/* Names in a step are those of the option table; what stands in lists and maps there is checked where it is read. */
static int rows_check(struct config *config, struct tree *node, const char *name, const char *where,
                      struct cxd_error *err)
{
    for (struct tree *c = tree_first(&config->region, node); c != NULL; c = c->next) {
        char path[128];
        int status = 0;

        (void)snprintf(path, sizeof path, "%s.%.*s", name, (int)(c->key.len < 60 ? c->key.len : 60),
                       c->key.ptr);
        if (c->kind == TREE_OBJECT && !row_is(path, false) && row_is(path, true)) {
            status = rows_check(config, c, path, where, err);
        } else if (!row_is(path, false) || strncmp(path, "request.tracer", 14) == 0) {
            status = cxd_error_set(err, CXD_CONFIG, "%s: unknown option \"%s\"", where, path);
        }
        if (status < 0) {
            return status;
        }
    }
    return config->region.status;
}

static int chain_names(struct config *config, struct tree *root, const char *where,
                       struct cxd_error *err)
{
    static const char *const groups[] = {"request", "auth"};
    int status = 0;

    for (size_t i = 0; i < 2 && status == 0; i++) {
        struct tree *node = tree_find(&config->region, root, bytes_of(groups[i]));

        if (node != NULL && node->kind == TREE_OBJECT) {
            status = rows_check(config, node, groups[i], where, err);
        }
    }
    return status;
}

/* Credentials of the step's own: read as those of the input are, which stay. */
static int chain_auth(struct config *config, struct tree *root, struct config_step *step,
                      struct cxd_error *err)
{
    struct config_auth first = config->auth;
    struct tree *tree = config->tree;
    int status;

    config->auth = (struct config_auth){.type = AUTH_NONE};
    config->tree = root;
    status = config_auth_read(config, 1000, err);
    step->auth = config->auth;
    step->has_auth = true;
    config->auth = first;
    config->tree = tree;
    return status;
}

/* Connections, redirects and credentials. */
static int chain_line(struct config *config, struct tree *root, const char *where,
                      struct config_step *step, struct cxd_error *err)
{
    static const char *const own[] = {"ssl", "proxy_url", "proxy_disable", "proxy_headers",
                                      "keep_alive"};
    struct region *r = &config->region;
    struct tree *request = tree_find(r, root, CXD_LIT("request"));
    int status;

    step->auth = config->steps[0].auth;
    step->redirect = config->steps[0].redirect;
    step->no_keep_alive = config->steps[0].no_keep_alive;
    for (size_t i = 0; i < sizeof own / sizeof own[0]; i++) {
        if (tree_find(r, request, bytes_of(own[i])) != NULL) {
            step->transport = request;
        }
    }
    status = config_ssl_check(config, request, where, err);
    if (status == 0 && tree_find(r, root, CXD_LIT("auth")) != NULL) {
        status = chain_auth(config, root, step, err);
        if (status < 0) {
            (void)cxd_error_wrap(err, "%.*s", (int)strlen(where) - 1, where); /* its dot */
        }
    }
    return status;
}

/* `replace: $.a[:].id` and `replace_with: '$.x,where'`: only the path is used, as it stands in the URL. */
static void chain_replace(struct config *config, struct tree *root, struct config_step *step)
{
    struct cxd_bytes with = optree_text(&config->region, root, "replace_with");

    step->replace = optree_text(&config->region, root, "replace");
    step->replace_with = with.len > 0 ? with : step->replace;
}

static int chain_one(struct config *config, struct tree *entry, unsigned number,
                     struct cxd_error *err)
{
    static const char *const names[] = {"request",      "response", "auth", "replace",
                                        "replace_with", "until",    NULL};
    static const char *const response_names[] = {"transforms", "split", "decode_as", "xsd", NULL};
    struct config_step *step = &config->steps[config->step_count];
    struct tree *root = tree_first(&config->region, entry);
    char where[64];
    int status;

    if (root == NULL || entry->count != 1 ||
        !(bytes_are(root->key, "step") || bytes_are(root->key, "while"))) {
        return cxd_error_set(err, CXD_CONFIG, "chain.%u: expected step or while", number);
    }
    step->is_while = bytes_are(root->key, "while");
    (void)snprintf(where, sizeof where, "chain.%u.%s", number, step->is_while ? "while" : "step");
    status = optree_check(&config->region, root, where, names, err);
    status = status < 0 ? status : chain_names(config, root, where, err);
    status = status < 0 ? status
                        : optree_check(&config->region,
                                       tree_find(&config->region, root, CXD_LIT("response")), where,
                                       response_names, err);
    (void)snprintf(where, sizeof where, "chain.%u.%s.", number, step->is_while ? "while" : "step");
    status = status < 0 ? status : chain_line(config, root, where, step, err);
    status = status < 0 ? status : config_step_read(config, root, where, false, step, err);
    status = status < 0 ? status : config_template(config, root, "until", where, &step->until, err);
    if (status == 0 && step->is_while && step->until == NULL) {
        return cxd_error_set(err, CXD_CONFIG, "%suntil is needed", where);
    }
    chain_replace(config, root, step);
    config->step_count++;
    return status;
}

int config_chain_read(struct config *config, struct tree *chain, struct cxd_error *err)
{
    unsigned number = 0;

    if (chain == NULL || chain->kind == TREE_NULL) {
        return 0;
    }
    if (chain->kind != TREE_LIST) {
        return cxd_error_set(err, CXD_CONFIG, "chain: expected a list");
    }
    for (struct tree *c = tree_first(&config->region, chain); c != NULL; c = c->next) {
        int status;

        if (config->step_count == CONFIG_STEPS_MAX) {
            return cxd_error_set(err, CXD_CONFIG, "chain: more than %d steps",
                                 CONFIG_STEPS_MAX - 1);
        }
        status = chain_one(config, c, number++, err);
        if (status < 0) {
            return status;
        }
    }
    return 0;
}
