/*
 * conf.c: looking things up in a policy tree. Knows neither YAML nor any key.
 */
#include "config/conf.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

/* A member key may itself be dotted, so every member whose key is a prefix of the path (at a dot) is tried. */
const struct conf *conf_find(const struct conf *map, const char *path)
{
    if (map == NULL || map->kind != CONF_MAP) {
        return NULL;
    }
    for (const struct conf *child = map->first; child != NULL; child = child->next) {
        size_t key_len = strlen(child->key);
        if (strncmp(path, child->key, key_len) != 0) {
            continue;
        }
        if (path[key_len] == '\0') {
            return child;
        }
        if (path[key_len] == '.') {
            const struct conf *hit = conf_find(child, path + key_len + 1);
            if (hit != NULL) {
                return hit;
            }
        }
    }
    return NULL;
}

const char *conf_text(const struct conf *map, const char *path, const char *fallback)
{
    const struct conf *node = conf_find(map, path);

    return node != NULL && node->kind == CONF_SCALAR && !conf_is_null(node) ? node->text : fallback;
}

bool conf_is_null(const struct conf *node)
{
    if (node == NULL) {
        return true;
    }
    if (node->kind != CONF_SCALAR || node->quoted) {
        return false;
    }
    return node->len == 0 || strcmp(node->text, "~") == 0 || strcasecmp(node->text, "null") == 0;
}

int conf_bool(const struct conf *node)
{
    static const char *const words[] = {"false", "true", "no", "yes", "off", "on"};

    if (node != NULL && node->kind == CONF_SCALAR) {
        for (int i = 0; i < 6; i++) {
            if (strcasecmp(node->text, words[i]) == 0) {
                return i % 2;
            }
        }
    }
    return -1;
}

void conf_wipe(struct conf *root)
{
    if (root == NULL) {
        return;
    }
    if (root->kind == CONF_SCALAR && root->text != NULL) {
        explicit_bzero((char *)(uintptr_t)root->text, root->len); /* the arena's, not constant */
        root->len = 0;
    }
    for (struct conf *c = root->first; c != NULL; c = c->next) {
        conf_wipe(c);
    }
}

int conf_error(struct cxd_error *err, const struct conf *at, const char *format, ...)
{
    char text[360];
    va_list args;

    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args); /* a cut message is still a message */
    va_end(args);
    if (at == NULL) {
        return cxd_error_set(err, CXD_CONFIG, "%s", text);
    }
    return cxd_error_set(err, CXD_CONFIG, "%s:%d: %s", at->file, at->line, text);
}
