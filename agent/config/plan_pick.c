/*
 * plan_pick.c: inputs and streams that a policy switches off (enabled, condition, variables without a value), and keys of the
 * policy's own shape that nobody knows. Options belong to the modules and are checked with their tables.
 */
#include "config/plan_pick.h"

#include "config/eql.h"
#include "config/plan_keys.h"

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

/* What may stand at a place: keys of its table, and others by name. Either may be NULL. */
struct known {
    const struct cxd_option *rows;
    const char *const *words;
};

/* 1: the path is the word, or lies below it; 2: above it, so the rest follows below; 0. */
static int is_on_path(const char *word, const char *path)
{
    size_t len = strlen(path);
    size_t word_len = strlen(word);

    if (strncmp(word, path, word_len) == 0 && (path[word_len] == '\0' || path[word_len] == '.')) {
        return 1;
    }
    return strncmp(word, path, len) == 0 && word[len] == '.' ? 2 : 0;
}

static int is_path(const struct known *known, const char *path)
{
    int found = 0;

    for (const struct cxd_option *row = known->rows; row != NULL && row->name != NULL && found == 0;
         row++) {
        found = is_on_path(row->name, path);
    }
    for (const char *const *word = known->words; word != NULL && *word != NULL && found != 1;
         word++) {
        int is_here = is_on_path(*word, path);
        found = is_here != 0 ? is_here : found;
    }
    return found;
}

/* Every key below map, as its whole path; place is told in front of it. */
static void below_warn(const struct conf *map, const char *place, const char *front,
                       const struct known *known, plan_warn_fn warn)
{
    if (map == NULL || map->kind != CONF_MAP || strlen(front) > 100) {
        return;
    }
    for (const struct conf *c = map->first; c != NULL; c = c->next) {
        char path[200];
        int len = snprintf(path, sizeof path, "%s%s", front, c->key);
        int is_known = len > 0 && (size_t)len < sizeof path - 1 ? is_path(known, path) : 0;
        if (is_known == 2 && c->kind == CONF_MAP) {
            (void)strncat(path, ".", 2);
            below_warn(c, place, path, known, warn);
        } else if (is_known == 0) {
            warn_at(warn, c, "key \"%s.%.160s\" is not known and ignored", place, path);
        }
    }
}

static void data_stream_warn(const struct conf *map, plan_warn_fn warn)
{
    static const char *const words[] = {"type", "dataset", "namespace", "elasticsearch", NULL};
    static const struct known known = {.words = words};

    for (const struct conf *c = map != NULL && map->kind == CONF_MAP ? map->first : NULL; c != NULL;
         c = c->next) {
        if (strcmp(c->key, "data_stream") == 0) {
            below_warn(c, "data_stream", "", &known, warn);
        } else if (strncmp(c->key, "data_stream.", 12) == 0 && is_path(&known, c->key + 12) == 0) {
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

/* Elastic Agent has more of them. */
static void providers_warn(const struct conf *providers, plan_warn_fn warn)
{
    static const char *const ours[] = {"env", "local", "filesource", "path", "host", "agent", NULL};

    for (const struct conf *c = providers != NULL ? providers->first : NULL; c != NULL;
         c = c->next) {
        char name[80];
        (void)snprintf(name, sizeof name, "%.*s", (int)strcspn(c->key, "."), c->key);
        if (!is_word(ours, name) && conf_bool(conf_find(c, "enabled")) != 0) {
            warn_at(warn, c, "providers.%s: not one of this agent's; its variables have no value",
                    name);
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
    /* Fleet's and Beats', some without a meaning here */
    static const char *const others[] = {"logging", "monitoring", "protection", "features",
                                         "limits",  "grpc",       "download",   "upgrade",
                                         "reload",  "id",         "headers",    "internal",
                                         "process", "fleet",      "queue.disk", "monitoring_output",
                                         NULL};
    const struct known agent = {.rows = plan_keys(PLAN_AGENT), .words = others};

    if (warn == NULL) {
        return;
    }
    for (const struct conf *c = root->first; c != NULL; c = c->next) {
        if (strcmp(c->key, "agent") == 0) {
            below_warn(c, "agent", "", &agent, warn);
        } else if (strncmp(c->key, "agent.", 6) == 0) {
            struct conf copy = *c;
            const struct conf map = {.first = &copy, .kind = CONF_MAP};
            copy.next = NULL;
            copy.key = c->key + 6;
            below_warn(&map, "agent", "", &agent, warn);
        } else if (!is_word(top, c->key)) {
            warn_at(warn, c, "key \"%.80s\" is not known and ignored", c->key);
        }
    }
    inputs_warn(conf_find(root, "inputs"), warn);
    providers_warn(conf_find(root, "providers"), warn);
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
