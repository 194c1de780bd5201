/* settings.c: the options tree to struct settings. Thread: the instance's, at open. */
#include "settings.h"

#include "lib/socket_url.h"

#include <stdlib.h>

static struct tree *at(struct settings *s, const char *path)
{
    return tree_path(&s->region, s->tree, bytes_of(path));
}

static int state_object(struct settings *s, const char *name, struct tree **ret,
                        struct cxd_error *err)
{
    struct tree *node = at(s, name);

    if (node == NULL || node->kind == TREE_NULL) {
        return 0;
    }
    if (node->kind != TREE_OBJECT) {
        return cxd_error_set(err, CXD_CONFIG, "%s: expected an object", name);
    }
    *ret = node;
    return 0;
}

static int state_read(struct settings *s, struct cxd_error *err)
{
    struct cxd_bytes json = optree_text(&s->region, s->tree, "state_json");
    int status = state_object(s, "state", &s->state, err);

    if (status == 0 && json.len > 0 && s->state == NULL) {
        status = tree_parse(&s->region, json, &s->state, err);
        if (status < 0) {
            (void)cxd_error_wrap(err, "state_json");
            return status;
        }
        if (s->state->kind != TREE_OBJECT) {
            return cxd_error_set(err, CXD_CONFIG, "state_json: expected an object");
        }
    }
    if (status == 0 && s->state == NULL) {
        s->state = tree_new(&s->region, TREE_OBJECT);
    }
    status = status < 0 ? status : state_object(s, "secret_state", &s->secret_state, err);
    if (status == 0 && s->state != NULL &&
        tree_find(&s->region, s->state, CXD_LIT("secret")) != NULL && s->secret_state != NULL) {
        return cxd_error_set(err, CXD_CONFIG, "state.secret: it is secret_state that goes there");
    }
    return status;
}

static int number_read(struct settings *s, const char *name, int64_t otherwise, int64_t least,
                       int64_t most, int64_t *ret, struct cxd_error *err)
{
    int status = optree_int(&s->region, s->tree, name, otherwise, ret, err);

    if (status == 0 && (*ret < least || *ret > most)) {
        return cxd_error_set(err, CXD_CONFIG, "%s: expected %lld to %lld", name, (long long)least,
                             (long long)most);
    }
    return status;
}

static int time_read(struct settings *s, const char *name, int64_t otherwise, int64_t least,
                     int64_t *ret, struct cxd_error *err)
{
    int status = optree_duration(&s->region, s->tree, name, 1, otherwise, ret, err);

    if (status == 0 && (*ret < least || *ret > INT64_C(31622400000))) {
        return cxd_error_set(err, CXD_CONFIG, "%s: expected %lld ms to 366 days", name,
                             (long long)least);
    }
    return status;
}

static int rate_read(struct settings *s, struct cxd_error *err)
{
    struct cxd_bytes text = optree_text(&s->region, s->tree, "resource.rate_limit.limit");
    char *end = NULL;

    s->rate = -1;
    s->paced_as = optree_text(&s->region, s->tree, "resource.rate_limit.shared_as");
    if (s->paced_as.len > 0 && text.len == 0) {
        return cxd_error_set(err, CXD_CONFIG,
                             "resource.rate_limit.shared_as: resource.rate_limit.limit is needed");
    }
    if (text.len > 0) {
        s->rate = strtod(text.ptr, &end);
        if (end == NULL || *end != '\0' || !(s->rate > 0 && s->rate <= 1e9)) {
            return cxd_error_set(err, CXD_CONFIG,
                                 "resource.rate_limit.limit: expected a positive number");
        }
    }
    return number_read(s, "resource.rate_limit.burst", 1, 1, 1000000, &s->burst, err);
}

static int retry_read(struct settings *s, struct cxd_error *err)
{
    int status = number_read(s, "resource.retry.max_attempts", 5, 0, 1000, &s->max_attempts, err);

    status = status < 0 ? status
                        : time_read(s, "resource.retry.wait_min", 1000, 1, &s->wait_min_ms, err);
    status = status < 0 ? status
                        : time_read(s, "resource.retry.wait_max", 60000, 1, &s->wait_max_ms, err);
    if (status == 0 && s->wait_max_ms < s->wait_min_ms) {
        return cxd_error_set(err, CXD_CONFIG, "resource.retry: wait_max is below wait_min");
    }
    return status;
}

static struct tree *list_at(struct settings *s, const char *path)
{
    struct tree *node = at(s, path);

    return settings_is(node, TREE_LIST) && tree_expand(&s->region, node) ? node : NULL;
}

static int numbers_read(struct settings *s, struct cxd_error *err)
{
    struct region *r = &s->region;
    int status = time_read(s, "interval", 60000, 1, &s->interval_ms, err);

    status = status < 0 ? status
                        : number_read(s, "max_executions", 1000, 1, INT64_C(1000000000000),
                                      &s->max_executions, err);
    status = status < 0
                 ? status
                 : optree_bool(r, s->tree, "want_more_when_empty", false, &s->more_when_empty, err);
    status = status < 0 ? status : time_read(s, "resource.timeout", 30000, 0, &s->timeout_ms, err);
    status = status < 0 ? status
                        : number_read(s, "resource.max_body_size", 100 << 20, 0, INT64_C(1) << 30,
                                      &s->max_body, err);
    status = status < 0 ? status
                        : number_read(s, "resource.redirect.max_redirects", 10, 0, 100,
                                      &s->max_redirects, err);
    status = status < 0 ? status
                        : optree_bool(r, s->tree, "resource.redirect.forward_headers", false,
                                      &s->forward_headers, err);
    status = status < 0 ? status
                        : optree_bool(r, s->tree, "resource.keep_alive.disable", false,
                                      &s->no_keep_alive, err);
    status = status < 0 ? status
                        : optree_bool(r, s->tree, "redact.delete", false, &s->redact_delete, err);
    s->max_body = s->max_body > 0 ? s->max_body : INT64_C(1) << 30; /* 0: as much as there may be */
    s->banned = list_at(s, "resource.redirect.headers_ban_list");
    s->sensitive = list_at(s, "resource.redirect.sensitive_headers");
    s->redacted = list_at(s, "redact.fields");
    return status;
}

static int parts_read(struct settings *s, struct cxd_error *err)
{
    bool is_on = false;
    int status = 0;

    s->program = optree_text(&s->region, s->tree, "program");
    s->url = optree_text(&s->region, s->tree, "resource.url");
    if (socket_url_read(&s->region, s->url, "resource.url", &s->socket, &s->url, &status, err) &&
        status < 0) {
        return status;
    }
    if (s->program.len == 0) {
        return cxd_error_set(err, CXD_CONFIG, "program: expected an expression");
    }
    status = numbers_read(s, err);
    status = status < 0 ? status : state_read(s, err);
    status = status < 0 ? status : rate_read(s, err);
    status = status < 0 ? status : retry_read(s, err);
    status = status < 0 ? status : settings_names_read(s, err);
    status = status < 0 ? status : settings_access_read(s, err);
    status = status < 0
                 ? status
                 : logbook_rule_read(&s->region, s->tree, "resource.tracer", &s->tracer, err);
    status = status < 0
                 ? status
                 : optree_bool(&s->region, s->tree, "failure_dump.enabled", false, &is_on, err);
    if (status == 0 && is_on) {
        status = logbook_rule_read(&s->region, s->tree, "failure_dump", &s->dump, err);
    }
    return status;
}

int settings_read(struct settings *settings, struct tree *tree, struct cxd_error *err)
{
    int status;

    settings->tree = tree;
    status = parts_read(settings, err);
    return settings->region.status == 0
               ? status
               : cxd_error_set(err, settings->region.status, "options: out of memory");
}
