/* config_transform.c: transforms, splits and their templates. Thread: the instance's, at open. */
#include "config.h"

#define SPLIT_DEPTH 16

int config_template(struct config *config, struct tree *root, const char *name, const char *where,
                    const struct tmpl **ret, struct cxd_error *err)
{
    struct cxd_bytes source = optree_text(&config->region, root, name);
    struct tmpl *t = NULL;
    int status;

    *ret = NULL;
    if (source.ptr == NULL) {
        return tree_path(&config->region, root, bytes_of(name)) == NULL ||
                       tree_path(&config->region, root, bytes_of(name))->kind == TREE_NULL
                   ? 0
                   : cxd_error_set(err, CXD_CONFIG, "%s%s: expected a template", where, name);
    }
    if (config->template_count == CONFIG_TEMPLATES_MAX) {
        return cxd_error_set(err, CXD_CONFIG, "more than %d templates", CONFIG_TEMPLATES_MAX);
    }
    status = template_compile(&config->heap, source, &t, err);
    if (status < 0) {
        (void)cxd_error_wrap(err, "%s%s", where, name);
        return status;
    }
    config->templates[config->template_count++] = t;
    *ret = t;
    return 0;
}

static bool target_cut(struct cxd_bytes path, const char *front, struct cxd_bytes *ret)
{
    size_t len = strlen(front);

    if (path.len <= len || memcmp(path.ptr, front, len) != 0) {
        return false;
    }
    *ret = (struct cxd_bytes){path.ptr + len, path.len - len};
    return true;
}

static int transform_target(struct transform *t, enum transform_place place, const char *where,
                            struct cxd_error *err)
{
    bool good = false;

    if (target_cut(t->path, "body.", &t->name)) {
        t->target = TARGET_BODY;
        good = true;
    } else if (target_cut(t->path, "header.", &t->name)) {
        t->target = TARGET_HEADER;
        good = place != PLACE_RESPONSE;
    } else if (target_cut(t->path, "url.params.", &t->name)) {
        t->target = TARGET_URL_PARAMS;
        good = place != PLACE_RESPONSE;
    } else if (bytes_are(t->path, "url.value")) {
        t->target = TARGET_URL_VALUE;
        good = place != PLACE_RESPONSE && t->kind == TRANSFORM_SET;
    }
    return good ? 0
                : cxd_error_set(err, CXD_CONFIG, "%s: target %.*s is not possible here", where,
                                (int)(t->path.len < 80 ? t->path.len : 80), t->path.ptr);
}

static int transform_options(struct config *config, struct tree *node, const char *where,
                             struct transform *t, struct cxd_error *err)
{
    static const char *const names[] = {
        "target", "value", "default", "value_type", "fail_on_template_error", "do_not_log_failure",
        NULL};
    struct region *r = &config->region;
    struct cxd_bytes type = optree_text(r, node, "value_type");
    int status = optree_check(r, node, where, names, err);

    status = status < 0
                 ? status
                 : optree_bool(r, node, "fail_on_template_error", false, &t->must_succeed, err);
    status =
        status < 0 ? status : optree_bool(r, node, "do_not_log_failure", false, &t->is_quiet, err);
    status =
        status < 0 ? status : config_template(config, node, "value", where, &t->value.value, err);
    status = status < 0 ? status
                        : config_template(config, node, "default", where, &t->value.otherwise, err);
    if (status < 0) {
        return status;
    }
    t->path = optree_text(r, node, "target");
    t->type = bytes_are(type, "int")    ? VALUE_TYPE_INT
              : bytes_are(type, "json") ? VALUE_TYPE_JSON
                                        : VALUE_TYPE_STRING;
    if (type.len > 0 && t->type == VALUE_TYPE_STRING && !bytes_are(type, "string")) {
        return cxd_error_set(err, CXD_CONFIG, "%s.value_type: expected string, int or json", where);
    }
    if (t->path.ptr == NULL) {
        return cxd_error_set(err, CXD_CONFIG, "%s: a target is needed", where);
    }
    return 0;
}

static int transform_read(struct config *config, struct tree *node, enum transform_place place,
                          const char *where, struct transform *t, struct cxd_error *err)
{
    static const char *const kinds[] = {"set", "append", "delete"};
    char place_name[160];
    struct tree *body = tree_first(&config->region, node);
    int status;

    t->kind = 3;
    for (uint8_t i = 0; i < 3 && body != NULL && node->kind == TREE_OBJECT; i++) {
        if (bytes_are(body->key, kinds[i])) {
            t->kind = i;
        }
    }
    if (t->kind == 3 || node->count != 1) {
        return cxd_error_set(err, CXD_CONFIG, "%s: expected set, append or delete", where);
    }
    (void)snprintf(place_name, sizeof place_name, "%s.%s", where, kinds[t->kind]);
    status = transform_options(config, body, place_name, t, err);
    return status < 0 ? status : transform_target(t, place, place_name, err);
}

int config_transforms(struct config *config, struct tree *list, enum transform_place place,
                      const char *where, const struct transform **ret, struct cxd_error *err)
{
    struct transform *first = NULL;
    struct transform **last = &first;
    unsigned number = 0;

    *ret = NULL;
    if (list == NULL || list->kind == TREE_NULL) {
        return 0;
    }
    if (list->kind != TREE_LIST) {
        return cxd_error_set(err, CXD_CONFIG, "%s: expected a list", where);
    }
    for (struct tree *c = tree_first(&config->region, list); c != NULL; c = c->next) {
        struct transform *t = region_alloc(&config->region, sizeof *t);
        char name[140];
        int status;

        (void)snprintf(name, sizeof name, "%s.%u", where, number++);
        status = t == NULL ? cxd_error_set(err, CXD_NOMEM, "%s: out of memory", where)
                           : transform_read(config, c, place, name, t, err);
        if (status < 0) {
            return status;
        }
        *last = t;
        last = &t->next;
    }
    *ret = first;
    return 0;
}

static int split_options(struct config *config, struct tree *node, const char *where,
                         struct split *s, struct cxd_error *err)
{
    static const char *const names[] = {
        "target",    "type",  "transforms",         "keep_parent", "delimiter",
        "key_field", "split", "ignore_empty_value", NULL};
    struct region *r = &config->region;
    struct cxd_bytes type = optree_text(r, node, "type");
    struct cxd_bytes target = optree_text(r, node, "target");
    char inner[160];
    int status = optree_check(r, node, where, names, err);

    status = status < 0 ? status : optree_bool(r, node, "keep_parent", false, &s->keep_parent, err);
    status = status < 0 ? status
                        : optree_bool(r, node, "ignore_empty_value", false, &s->ignore_empty, err);
    if (status < 0) {
        return status;
    }
    s->delimiter = optree_text(r, node, "delimiter");
    s->key_field = optree_text(r, node, "key_field");
    s->type = bytes_are(type, "map")      ? SPLIT_MAP
              : bytes_are(type, "string") ? SPLIT_STRING
                                          : SPLIT_LIST;
    if (type.len > 0 && s->type == SPLIT_LIST && !bytes_are(type, "array")) {
        return cxd_error_set(err, CXD_CONFIG, "%s.type: expected array, map or string", where);
    }
    if (!target_cut(target, "body.", &s->target)) {
        return cxd_error_set(err, CXD_CONFIG, "%s.target: expected body. and a name", where);
    }
    if (s->type == SPLIT_STRING && s->delimiter.len == 0) {
        return cxd_error_set(err, CXD_CONFIG, "%s.delimiter is needed to split a string", where);
    }
    (void)snprintf(inner, sizeof inner, "%s.transforms", where);
    return config_transforms(config, tree_path(r, node, CXD_LIT("transforms")), PLACE_RESPONSE,
                             inner, &s->transforms, err);
}

int config_split(struct config *config, struct tree *node, const char *where, int depth,
                 const struct split **ret, struct cxd_error *err)
{
    const struct split *child = NULL;
    struct split *s;
    char inner[140];
    int status;

    *ret = NULL;
    if (node == NULL || node->kind == TREE_NULL) {
        return 0;
    }
    if (depth == SPLIT_DEPTH) {
        return cxd_error_set(err, CXD_CONFIG, "splits nest deeper than %d", SPLIT_DEPTH);
    }
    s = region_alloc(&config->region, sizeof *s);
    status = s == NULL ? cxd_error_set(err, CXD_NOMEM, "%s: out of memory", where)
                       : split_options(config, node, where, s, err);
    if (status < 0) {
        return status;
    }
    (void)snprintf(inner, sizeof inner, "%s.split", where);
    status = config_split(config, tree_find(&config->region, node, CXD_LIT("split")), inner,
                          depth + 1, &child, err);
    s->child = child;
    *ret = s;
    return status;
}
