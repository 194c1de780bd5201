/*
 * plan_pick.c: inputs and streams that a policy switches off (enabled, condition, variables without a value), and keys of the
 * policy's own shape that nobody knows. Options belong to the modules and are checked with their tables.
 */
#include "config/plan_pick.h"

#include "config/eql.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

__attribute__((format(printf, 3, 4))) static void warn_at(plan_warn_fn warn, const struct conf *at,
                                                          const char *format, ...)
{
    struct cxd_error text = CXD_ERROR_INIT;
    char words[340];
    va_list args;

    if (warn == NULL) {
        return;
    }
    va_start(args, format);
    (void)vsnprintf(words, sizeof words, format, args); /* a cut message is still a message */
    va_end(args);
    (void)conf_error(&text, at, "%s", words);
    warn(text.text);
}

/* A word that is neither would start what a person meant to switch off. */
int plan_is_enabled(const struct conf *map, struct cxd_error *err)
{
    const struct conf *node = conf_find(map, "enabled");
    int is_on = conf_is_null(node) ? 1 : conf_bool(node);

    return is_on >= 0 ? is_on : conf_error(err, node, "enabled: expected true or false");
}

static int condition_test(const struct conf *map, struct arena *arena, struct cxd_error *err)
{
    const struct conf *node = conf_find(map, "condition");
    struct cxd_error why = CXD_ERROR_INIT;
    bool is_true = false;
    int r;

    if (node == NULL || (node->raw != NULL && node->raw[0] == '\0') ||
        (node->raw == NULL && conf_is_null(node))) {
        return 1;
    }
    if (node->raw == NULL) {
        return conf_error(err, node, "condition: expected a text");
    }
    r = eql_test(node->raw, strlen(node->raw), arena, &is_true, &why);
    return r == CXD_OK ? is_true : conf_error(err, node, "%s", why.text);
}

static int is_off(const struct conf *map)
{
    const struct conf *node = conf_find(map, "enabled");

    return !conf_is_null(node) && conf_bool(node) == 0;
}

/* The first value that could not be made; of a condition it is null, and streams that are off do not count. */
static const struct conf *missing_find(const struct conf *node, int depth)
{
    if (node->missing != NULL && node->raw == NULL) {
        return node;
    }
    for (const struct conf *c = node->first; c != NULL && depth < CONF_MAX_DEPTH; c = c->next) {
        int is_streams = node->key != NULL && strcmp(node->key, "streams") == 0;
        const struct conf *hit = is_streams && is_off(c) ? NULL : missing_find(c, depth + 1);
        if (hit != NULL) {
            return hit;
        }
    }
    return NULL;
}

int plan_pick(const struct conf *node, const struct conf *input, struct arena *arena,
              struct cxd_error *err)
{
    int r = plan_is_enabled(node, err);

    r = r == 1 ? condition_test(node, arena, err) : r;
    return r == 1 && node == input ? missing_find(node, 0) == NULL : r;
}

int plan_left_out(const struct conf *inputs, struct arena *arena, plan_warn_fn warn,
                  struct cxd_error *err)
{
    struct cxd_error quiet = CXD_ERROR_INIT;
    int count = 0;

    for (const struct conf *input = inputs->first; input != NULL; input = input->next) {
        const struct conf *missing = missing_find(input, 0);
        if (missing == NULL || plan_is_enabled(input, &quiet) != 1 ||
            condition_test(input, arena, &quiet) != 1) {
            continue;
        }
        if (count++ == 0) {
            (void)conf_error(err, missing, "%s", missing->missing);
        }
        warn_at(warn, missing, "input \"%.80s\" is left out: %s",
                conf_text(input, "id", conf_text(input, "type", "")), missing->missing);
    }
    return count;
}

/* Exactly one of the words. */
static int is_word(const char *const *words, const char *key)
{
    for (; *words != NULL; words++) {
        if (strcmp(*words, key) == 0) {
            return 1;
        }
    }
    return 0;
}

/* The word itself, one below it, or one above it when the rest follows below. */
static int is_path(const char *const *words, const char *path)
{
    size_t len = strlen(path);

    for (; *words != NULL; words++) {
        size_t word_len = strlen(*words);
        if (strncmp(*words, path, word_len) == 0 &&
            (path[word_len] == '\0' || path[word_len] == '.')) {
            return 1;
        }
        if (strncmp(*words, path, len) == 0 && (*words)[len] == '.') {
            return 2;
        }
    }
    return 0;
}

/* Every key below map, as its whole path. */
static void below_warn(const struct conf *map, const char *front, const char *const *words,
                       plan_warn_fn warn, int depth)
{
    if (map == NULL || map->kind != CONF_MAP || depth > 8) {
        return;
    }
    for (const struct conf *c = map->first; c != NULL; c = c->next) {
        char path[200];
        int len = snprintf(path, sizeof path, "%s%s", front, c->key);
        int known = len > 0 && (size_t)len < sizeof path - 1 ? is_path(words, path) : 0;
        if (known == 2 && c->kind == CONF_MAP) {
            (void)strncat(path, ".", 2);
            below_warn(c, path, words, warn, depth + 1);
        } else if (known == 0) {
            warn_at(warn, c, "key \"%.160s\" is not known and ignored", path);
        }
    }
}

static void data_stream_warn(const struct conf *map, plan_warn_fn warn)
{
    static const char *const known[] = {"data_stream.type", "data_stream.dataset",
                                        "data_stream.namespace", "data_stream.elasticsearch", NULL};

    for (const struct conf *c = map != NULL && map->kind == CONF_MAP ? map->first : NULL; c != NULL;
         c = c->next) {
        if (strcmp(c->key, "data_stream") == 0) {
            below_warn(c, "data_stream.", known, warn, 0);
        } else if (strncmp(c->key, "data_stream.", 12) == 0 && is_path(known, c->key) == 0) {
            warn_at(warn, c, "key \"%.160s\" is not known and ignored", c->key);
        }
    }
}

static void inputs_warn(const struct conf *inputs, plan_warn_fn warn)
{
    for (const struct conf *input = inputs != NULL ? inputs->first : NULL; input != NULL;
         input = input->next) {
        const struct conf *streams = conf_find(input, "streams");
        data_stream_warn(input, warn);
        for (const struct conf *s = streams != NULL ? streams->first : NULL; s != NULL;
             s = s->next) {
            data_stream_warn(s, warn);
        }
    }
}

void plan_unknown_warn(const struct conf *root, plan_warn_fn warn)
{
    static const char *const top[] = {"outputs",
                                      "inputs",
                                      "agent",
                                      "id",
                                      "revision",
                                      "fleet",
                                      "signed",
                                      "output_permissions",
                                      "secret_references",
                                      "secret_paths",
                                      "namespaces",
                                      "providers",
                                      "policy",
                                      "secrets",
                                      "extensions",
                                      "receivers",
                                      "exporters",
                                      "processors",
                                      "service",
                                      "connectors",
                                      NULL};
    static const char *const agent[] = {
        "agent.queue.mem.bytes", "agent.queue.mem.batch_bytes", "agent.queue.disk",
        "agent.shutdown_timeout", "agent.policy.probation", "agent.registry.flush",
        "agent.monitoring", "agent.dead_letter.max_size", "agent.logging", "agent.path.data",
        "agent.geoip.database", "agent.asn.database", "agent.modules.path",
        /* Fleet's, without a meaning here */
        "agent.protection", "agent.features", "agent.limits", "agent.grpc", "agent.download",
        "agent.upgrade", "agent.reload", "agent.id", "agent.headers", "agent.internal",
        "agent.process", "agent.fleet", "agent.monitoring_output", NULL};

    if (warn == NULL) {
        return;
    }
    for (const struct conf *c = root->first; c != NULL; c = c->next) {
        if (strcmp(c->key, "agent") == 0) {
            below_warn(c, "agent.", agent, warn, 0);
        } else if (strncmp(c->key, "agent.", 6) == 0) {
            struct conf copy = *c;
            const struct conf map = {.first = &copy, .kind = CONF_MAP};
            copy.next = NULL;
            below_warn(&map, "", agent, warn, 0);
        } else if (!is_word(top, c->key)) {
            warn_at(warn, c, "key \"%.80s\" is not known and ignored", c->key);
        }
    }
    inputs_warn(conf_find(root, "inputs"), warn);
}

void plan_secrets_warn(const struct conf *root, plan_warn_fn warn)
{
    const struct conf *list = conf_find(root, "secret_references");
    size_t count = 0;

    for (const struct conf *c = list != NULL ? list->first : NULL; c != NULL; c = c->next) {
        count++;
    }
    if (count > 0) {
        warn_at(warn, list,
                "secret_references: %zu secret%s known to Fleet Server alone and not in this "
                "policy: write ${NAME} in their place, and NAME into the keystore (cortexd "
                "keystore add NAME)",
                count, count == 1 ? " is" : "s are");
    }
}
