/* config_auth.c: who we are to the server. Reads key files, at open only. Thread: the instance's. */
#include "config.h"

#include "jwk.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#define KEY_FILE_MAX 65536u

static int file_read(struct config *config, const char *path, struct cxd_bytes *ret,
                     struct cxd_error *err)
{
    char *room = region_alloc(&config->region, KEY_FILE_MAX + 1);
    ssize_t got;
    int fd;

    if (room == NULL) {
        return cxd_error_set(err, CXD_NOMEM, "key file: out of memory");
    }
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return cxd_error_set(err, CXD_CONFIG, "key file %.200s can't be opened", path);
    }
    got = read(fd, room, KEY_FILE_MAX);
    (void)close(fd);
    if (got <= 0) {
        return cxd_error_set(err, CXD_CONFIG, "key file %.200s can't be read", path);
    }
    *ret = (struct cxd_bytes){room, (size_t)got};
    return 0;
}

/* The text of an option, or of the file that another option names. {NULL,0}: neither. */
static int key_text(struct config *config, const char *text_name, const char *file_name,
                    struct cxd_bytes *ret, struct cxd_error *err)
{
    struct cxd_bytes path = optree_text(&config->region, config->tree, file_name);

    *ret = optree_text(&config->region, config->tree, text_name);
    if (ret->len > 0 || path.len == 0) {
        return 0;
    }
    return file_read(config, path.ptr, ret, err);
}

static int google_key(struct config *config, struct cxd_bytes json, struct cxd_error *err)
{
    struct config_auth *auth = &config->auth;
    struct region *r = &config->region;
    struct tree *key = NULL;

    if (tree_parse(r, json, &key, NULL) < 0) {
        return cxd_error_set(err, CXD_CONFIG, "auth.oauth2.google: the key is not JSON");
    }
    auth->issuer = optree_text(r, key, "client_email");
    auth->key_pem = optree_text(r, key, "private_key");
    auth->key_id = optree_text(r, key, "private_key_id");
    if (auth->token_url.len == 0) {
        struct cxd_bytes url =
            optree_text(r, key, "token_uri"); /* a slice: a NUL is needed behind it */

        auth->token_url = url.len > 0 ? region_copy(r, url) : url;
    }
    if (auth->issuer.len == 0 || auth->key_pem.len == 0) {
        return cxd_error_set(err, CXD_CONFIG,
                             "auth.oauth2.google: the key has no client_email or private_key "
                             "(a service-account key is needed)");
    }
    if (auth->token_url.len == 0) {
        auth->token_url = CXD_LIT("https://oauth2.googleapis.com/token");
    }
    return 0;
}

static int google_read(struct config *config, struct cxd_error *err)
{
    const char *from_environment = getenv("GOOGLE_APPLICATION_CREDENTIALS");
    struct cxd_bytes json = {NULL, 0};
    int status = key_text(config, "auth.oauth2.google.credentials_json",
                          "auth.oauth2.google.credentials_file", &json, err);

    config->auth.type = AUTH_GOOGLE;
    if (status == 0 && json.len == 0) {
        status = key_text(config, "auth.oauth2.google.jwt_json", "auth.oauth2.google.jwt_file",
                          &json, err);
    }
    if (status == 0 && json.len == 0 && from_environment != NULL) {
        status = file_read(config, from_environment, &json, err);
    }
    if (status == 0 && json.len == 0) {
        return cxd_error_set(err, CXD_CONFIG, "auth.oauth2.google: no credentials are given");
    }
    config->auth.subject =
        optree_text(&config->region, config->tree, "auth.oauth2.google.delegated_account");
    return status < 0 ? status : google_key(config, json, err);
}

static int okta_read(struct config *config, struct cxd_error *err)
{
    struct config_auth *auth = &config->auth;
    struct cxd_bytes jwk = {NULL, 0};
    int status =
        key_text(config, "auth.oauth2.okta.jwk_json", "auth.oauth2.okta.jwk_file", &jwk, err);

    auth->type = AUTH_OKTA;
    auth->key_pem = optree_text(&config->region, config->tree, "auth.oauth2.okta.jwk_pem");
    auth->proof_pem = optree_text(&config->region, config->tree, "auth.oauth2.okta.dpop_key_pem");
    if (status < 0) {
        return status;
    }
    if (auth->key_pem.len == 0 && jwk.len > 0) {
        status = jwk_to_pem(&config->region, jwk, &auth->key_pem, &auth->key_id, err);
    }
    if (status == 0 && (auth->key_pem.len == 0 || auth->client_id.len == 0 ||
                        auth->token_url.len == 0 || auth->scopes.len == 0)) {
        return cxd_error_set(err, CXD_CONFIG,
                             "auth.oauth2.okta: client.id, token_url, scopes and a key "
                             "(jwk_file, jwk_json or jwk_pem) are needed");
    }
    return status;
}

static int azure_read(struct config *config, struct cxd_error *err)
{
    struct config_auth *auth = &config->auth;
    struct region *r = &config->region;
    struct cxd_bytes tenant = optree_text(r, config->tree, "auth.oauth2.azure.tenant_id");
    struct cxd_bytes resource = optree_text(r, config->tree, "auth.oauth2.azure.resource");
    char url[300];

    if (auth->token_url.len == 0) {
        if (tenant.len == 0 || tenant.len > 100) {
            return cxd_error_set(err, CXD_CONFIG, "auth.oauth2.azure.tenant_id is needed");
        }
        (void)snprintf(url, sizeof url, "https://login.microsoftonline.com/%s/oauth2/token",
                       tenant.ptr);
        auth->token_url = region_copy(r, bytes_of(url));
    }
    if (resource.len > 0) {
        if (auth->params == NULL) {
            auth->params = tree_new(r, TREE_OBJECT);
        }
        if (auth->params == NULL ||
            !tree_put(r, auth->params, CXD_LIT("resource"), tree_new_string(r, resource))) {
            return cxd_error_set(err, CXD_NOMEM, "auth: out of memory");
        }
    }
    return 0;
}

/* A list of scopes as one text. */
static int scopes_read(struct config *config, struct cxd_error *err)
{
    struct tree *list = tree_path(&config->region, config->tree, CXD_LIT("auth.oauth2.scopes"));
    struct text text;

    if (list == NULL || list->kind != TREE_LIST) {
        return 0;
    }
    text_init(&text, &config->heap, 65536);
    for (struct tree *c = tree_first(&config->region, list); c != NULL; c = c->next) {
        struct cxd_bytes scope = tree_string(&config->region, c);

        text_add(&text, scope.ptr, scope.len);
        text_add(&text, " ", c->next != NULL);
    }
    config->auth.scopes = text.status == 0 ? region_copy(&config->region, text_bytes(&text))
                                           : (struct cxd_bytes){NULL, 0};
    text_done(&text);
    return config->auth.scopes.ptr != NULL ? 0
                                           : cxd_error_set(err, CXD_NOMEM, "auth: out of memory");
}

static int oauth_read(struct config *config, struct cxd_error *err)
{
    struct config_auth *auth = &config->auth;
    struct region *r = &config->region;
    struct tree *root = config->tree;
    struct cxd_bytes provider = optree_text(r, root, "auth.oauth2.provider");
    int status = scopes_read(config, err);

    auth->client_id = optree_text(r, root, "auth.oauth2.client.id");
    auth->client_secret = optree_text(r, root, "auth.oauth2.client.secret");
    auth->user = optree_text(r, root, "auth.oauth2.user");
    auth->password = optree_text(r, root, "auth.oauth2.password");
    auth->token_url = optree_text(r, root, "auth.oauth2.token_url");
    auth->params = tree_path(r, root, CXD_LIT("auth.oauth2.endpoint_params"));
    auth->params = auth->params != NULL && auth->params->kind == TREE_OBJECT ? auth->params : NULL;
    auth->type = auth->user.len > 0 ? AUTH_PASSWORD : AUTH_CLIENT;
    if (status < 0) {
        return status;
    }
    if (bytes_are(provider, "google")) {
        return google_read(config, err);
    }
    if (bytes_are(provider, "okta")) {
        return okta_read(config, err);
    }
    if (provider.len > 0 && !bytes_are(provider, "azure")) {
        return cxd_error_set(err, CXD_CONFIG,
                             "auth.oauth2.provider: expected azure, google or okta");
    }
    status = provider.len > 0 ? azure_read(config, err) : 0;
    if (status == 0 &&
        (auth->token_url.len == 0 || auth->client_id.len == 0 || auth->client_secret.len == 0)) {
        return cxd_error_set(err, CXD_CONFIG,
                             "auth.oauth2: token_url, client.id and client.secret are needed");
    }
    return status;
}

static int basic_read(struct config *config, struct cxd_error *err)
{
    struct config_auth *auth = &config->auth;

    auth->type = AUTH_BASIC;
    auth->user = optree_text(&config->region, config->tree, "auth.basic.user");
    auth->password = optree_text(&config->region, config->tree, "auth.basic.password");
    return auth->user.len > 0 && auth->password.len > 0
               ? 0
               : cxd_error_set(err, CXD_CONFIG, "auth.basic: user and password are needed");
}

/* auth.NAME.enabled; when it is not said, whether the option `sign` is there. */
static int switch_read(struct config *config, const char *name, const char *sign, bool *ret,
                       struct cxd_error *err)
{
    bool is_there = *ret || optree_text(&config->region, config->tree, sign).len > 0;
    char path[40];

    (void)snprintf(path, sizeof path, "auth.%s.enabled", name);
    return optree_bool(&config->region, config->tree, path, is_there, ret, err);
}

int config_auth_read(struct config *config, int64_t unit, struct cxd_error *err)
{
    struct region *r = &config->region;
    bool has_basic = false;
    bool has_file = false;
    bool has_oauth = optree_text(r, config->tree, "auth.oauth2.client.id").len > 0 ||
                     optree_text(r, config->tree, "auth.oauth2.token_url").len > 0;
    int status = switch_read(config, "basic", "auth.basic.user", &has_basic, err);

    status = status < 0 ? status : switch_read(config, "file", "auth.file.path", &has_file, err);
    status = status < 0 ? status
                        : switch_read(config, "oauth2", "auth.oauth2.provider", &has_oauth, err);
    if (status < 0) {
        return status;
    }
    if (has_basic + has_file + has_oauth > 1) {
        return cxd_error_set(err, CXD_CONFIG, "auth: only one of basic, file and oauth2");
    }
    if (has_file) {
        config->auth.type = AUTH_FILE;
        return token_file_rule_read(r, config->tree, unit, &config->auth.file, err);
    }
    if (has_oauth) {
        return oauth_read(config, err);
    }
    return has_basic ? basic_read(config, err) : 0;
}
