/* settings_parts.c: options that are maps, credentials and files. Thread: the instance's, at open. */
#include "settings.h"

#include <stdlib.h>

/* Each member of the map `path` as name and text. */
static int map_read(struct settings *s, const char *path, struct services_header *out,
                    size_t *ret_count, struct cxd_error *err)
{
    struct region *r = &s->region;
    struct tree *map = tree_path(r, s->tree, bytes_of(path));

    *ret_count = 0;
    if (map == NULL || map->kind == TREE_NULL) {
        return 0;
    }
    if (map->kind != TREE_OBJECT) {
        return cxd_error_set(err, CXD_CONFIG, "%s: expected names with a text each", path);
    }
    for (struct tree *c = tree_first(r, map); c != NULL; c = c->next) {
        struct tree *one = c->kind == TREE_LIST ? tree_first(r, c) : c;

        for (; one != NULL; one = c->kind == TREE_LIST ? one->next : NULL) {
            if (one->kind != TREE_STRING && one->kind != TREE_NUMBER) {
                return cxd_error_set(err, CXD_CONFIG, "%s.%.60s: expected a text", path,
                                     c->key.ptr);
            }
            if (*ret_count == SETTINGS_NAMES_MAX) {
                return cxd_error_set(err, CXD_CONFIG, "%s: more than %d", path, SETTINGS_NAMES_MAX);
            }
            out[*ret_count].name = region_copy(r, c->key);
            out[(*ret_count)++].value =
                region_copy(r, one->kind == TREE_STRING ? tree_string(r, one) : one->text);
        }
    }
    return 0;
}

static void environment_read(struct settings *s)
{
    struct region *r = &s->region;
    struct tree *list = tree_find(r, s->tree, CXD_LIT("allowed_environment"));

    if (!settings_is(list, TREE_LIST)) {
        return;
    }
    for (struct tree *c = tree_first(r, list); c != NULL; c = c->next) {
        struct cxd_bytes name = region_copy(r, tree_string(r, c));
        const char *value = name.ptr != NULL ? getenv(name.ptr) : NULL;

        if (value != NULL && s->environment_count < SETTINGS_NAMES_MAX) {
            s->environment[s->environment_count++] =
                (struct services_header){name, region_copy(r, bytes_of(value))};
        }
    }
}

int settings_names_read(struct settings *s, struct cxd_error *err)
{
    struct services_header rows[SETTINGS_NAMES_MAX];
    size_t count = 0;
    int status = map_read(s, "resource.headers", s->headers, &s->header_count, err);

    status = status < 0 ? status : map_read(s, "regexp", rows, &count, err);
    for (size_t i = 0; i < count && status == 0; i++) {
        s->patterns[i] = (struct services_pattern){rows[i].name.ptr, rows[i].value.ptr};
    }
    status = status < 0 ? status : map_read(s, "xsd", rows, &count, err);
    for (size_t i = 0; i < count && status == 0; i++) {
        s->schemas[i] = (struct services_schema){rows[i].name.ptr, rows[i].value};
    }
    environment_read(s);
    return status;
}

static int switch_read(struct settings *s, const char *name, const char *sign, bool *ret,
                       struct cxd_error *err)
{
    char path[64];

    (void)snprintf(path, sizeof path, "auth.%s.enabled", name);
    return optree_bool(&s->region, s->tree, path, optree_text(&s->region, s->tree, sign).len > 0,
                       ret, err);
}

static int token_read(struct settings *s, struct cxd_error *err)
{
    struct cxd_bytes type = optree_text(&s->region, s->tree, "auth.token.type");
    struct cxd_bytes value = optree_text(&s->region, s->tree, "auth.token.value");
    size_t room = type.len + value.len + 2;
    char *text = region_alloc(&s->region, room);

    if (value.len == 0) {
        return cxd_error_set(err, CXD_CONFIG, "auth.token.value is needed");
    }
    if (text == NULL) {
        return cxd_error_set(err, CXD_NOMEM, "options: out of memory");
    }
    (void)snprintf(text, room, "%.*s%s%.*s", (int)type.len, type.ptr != NULL ? type.ptr : "",
                   type.len > 0 ? " " : "", (int)value.len, value.ptr); /* it has the room */
    s->access.token = bytes_of(text);
    return 0;
}

static int pair_read(struct settings *s, const char *user, const char *password,
                     struct cxd_error *err)
{
    s->access.user = optree_text(&s->region, s->tree, user);
    s->access.password = optree_text(&s->region, s->tree, password);
    if (s->access.user.len == 0 || s->access.password.len == 0) {
        return cxd_error_set(err, CXD_CONFIG, "%s and its password are needed", user);
    }
    return 0;
}

/* Anything said under auth.aws that has no default. */
static bool aws_is_meant(struct settings *s)
{
    static const char *const names[] = {"access_key_id",  "shared_credential_file",
                                        "role_arn",       "service_name",
                                        "default_region", "credential_profile_name"};
    char path[64];

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        (void)snprintf(path, sizeof path, "auth.aws.%s", names[i]);
        if (optree_text(&s->region, s->tree, path).len > 0) {
            return true;
        }
    }
    return false;
}

static int aws_read(struct settings *s, struct cxd_error *err)
{
    struct region *r = &s->region;
    struct settings_aws *a = &s->access.aws;
    int status;

    a->id = optree_text(r, s->tree, "auth.aws.access_key_id");
    a->secret = optree_text(r, s->tree, "auth.aws.secret_access_key");
    a->token = optree_text(r, s->tree, "auth.aws.session_token");
    a->file = optree_text(r, s->tree, "auth.aws.shared_credential_file");
    a->profile = optree_text(r, s->tree, "auth.aws.credential_profile_name");
    a->role = optree_text(r, s->tree, "auth.aws.role_arn");
    a->external_id = optree_text(r, s->tree, "auth.aws.external_id");
    a->service = optree_text(r, s->tree, "auth.aws.service_name");
    a->region = optree_text(r, s->tree, "auth.aws.default_region");
    status = optree_duration(r, s->tree, "auth.aws.assume_role.duration", 1, 900000,
                             &a->duration_ms, err);
    status = status < 0 ? status
                        : optree_duration(r, s->tree, "auth.aws.assume_role.expiry_window", 1,
                                          60000, &a->window_ms, err);
    if (status < 0) {
        return status;
    }
    if ((a->id.len > 0) != (a->secret.len > 0)) {
        return cxd_error_set(err, CXD_CONFIG,
                             "auth.aws: access_key_id and secret_access_key go together");
    }
    if (a->duration_ms < 900000 || a->duration_ms > 43200000) {
        return cxd_error_set(err, CXD_CONFIG, "auth.aws.assume_role.duration: expected 15m to 12h");
    }
    return 0;
}

int settings_access_read(struct settings *s, struct cxd_error *err)
{
    struct settings_access *a = &s->access;
    int status = switch_read(s, "basic", "auth.basic.user", &a->is_basic, err);

    status = status < 0 ? status : switch_read(s, "token", "auth.token.value", &a->is_token, err);
    status = status < 0 ? status : switch_read(s, "digest", "auth.digest.user", &a->is_digest, err);
    status = status < 0 ? status : switch_read(s, "file", "auth.file.path", &a->is_file, err);
    a->is_oauth = optree_text(&s->region, s->tree, "auth.oauth2.provider").len > 0 ||
                  optree_text(&s->region, s->tree, "auth.oauth2.client.id").len > 0 ||
                  optree_text(&s->region, s->tree, "auth.oauth2.token_url").len > 0;
    status = status < 0 ? status
                        : optree_bool(&s->region, s->tree, "auth.oauth2.enabled", a->is_oauth,
                                      &a->is_oauth, err);
    status = status < 0 ? status
                        : optree_bool(&s->region, s->tree, "auth.aws.enabled", aws_is_meant(s),
                                      &a->is_aws, err);
    if (status < 0) {
        return status;
    }
    if (a->is_basic + a->is_token + a->is_digest + a->is_file + a->is_oauth + a->is_aws > 1) {
        return cxd_error_set(err, CXD_CONFIG,
                             "auth: only one of basic, token, digest, file, oauth2 and aws");
    }
    if (a->is_aws) {
        return aws_read(s, err);
    }
    if (a->is_token) {
        return token_read(s, err);
    }
    if (a->is_file) {
        return token_file_rule_read(&s->region, s->tree, 1, &a->file, err);
    }
    if (a->is_digest) {
        status = optree_bool(&s->region, s->tree, "auth.digest.no_reuse", false,
                             &a->digest_no_reuse, err);
        return status < 0 ? status : pair_read(s, "auth.digest.user", "auth.digest.password", err);
    }
    return a->is_basic ? pair_read(s, "auth.basic.user", "auth.basic.password", err) : 0;
}
