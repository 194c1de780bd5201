/* undot.c: dotted keys as maps within maps, so that an option whose value is a map may be written in either way. Copies what it changes. */
#include "config/conf.h"

#include <string.h>

struct undoing {
    struct arena *arena;
    struct cxd_error *err;
};

/* The member of that name, or the place where it would be hung. */
static struct conf **member_place(struct conf *map, const char *key, size_t len, size_t *ret_count)
{
    struct conf **at = &map->first;

    for (*ret_count = 0; *at != NULL; at = &(*at)->next, (*ret_count)++) {
        if (strncmp((*at)->key, key, len) == 0 && (*at)->key[len] == '\0') {
            break;
        }
    }
    return at;
}

static int map_fill(struct undoing *u, struct conf *into, const struct conf *from, int depth);

/* A member that is complete: what stands there already must be a map too, or nothing. */
static int leaf_set(struct undoing *u, struct conf *c, const struct conf *from, int is_new,
                    int depth)
{
    struct conf *next = c->next;
    const char *key = c->key;

    if (!is_new && c->kind == CONF_MAP && from->kind == CONF_MAP) {
        return map_fill(u, c, from, depth);
    }
    if (!is_new && conf_is_null(from)) {
        return CXD_OK;
    }
    if (!is_new && !conf_is_null(c)) {
        return conf_error(u->err, from, "key \"%.100s\" stands twice, first in line %d", from->key,
                          c->line);
    }
    *c = *from;
    c->next = next;
    c->key = key;
    if (from->kind == CONF_MAP) {
        c->first = NULL;
        return map_fill(u, c, from, depth);
    }
    return CXD_OK;
}

/* A dot that parts two names; a key with an empty part is left as it is. */
static const char *dot_of(const char *key)
{
    const char *dot = strchr(key, '.');

    return dot != NULL && dot > key && dot[1] != '\0' ? dot : NULL;
}

static int member_fill(struct undoing *u, struct conf *into, const struct conf *member, int depth)
{
    const char *key = member->key;
    const struct conf empty = {.kind = CONF_MAP, .file = member->file, .line = member->line};

    for (;;) {
        const char *dot = dot_of(key);
        size_t len = dot != NULL ? (size_t)(dot - key) : strlen(key);
        size_t count = 0;
        struct conf **at = member_place(into, key, len, &count);
        int is_new = *at == NULL;
        int r;
        if (++depth > CONF_MAX_DEPTH || count >= CONF_MAX_KEYS) {
            return conf_error(u->err, member, "key \"%.100s\": too deep, or one too many",
                              member->key);
        }
        if (is_new) {
            *at = arena_alloc(u->arena, sizeof **at);
            if (*at == NULL) {
                return cxd_error_set(u->err, CXD_NOMEM, "%s: out of memory", member->file);
            }
            **at = (struct conf){.key = arena_copy(u->arena, key, len)};
            if ((*at)->key == NULL) {
                return cxd_error_set(u->err, CXD_NOMEM, "%s: out of memory", member->file);
            }
        }
        if (dot == NULL) {
            return leaf_set(u, *at, member, is_new, depth);
        }
        if (is_new || conf_is_null(*at)) {
            r = leaf_set(u, *at, &empty, is_new, depth);
        } else {
            r = (*at)->kind == CONF_MAP
                    ? CXD_OK
                    : conf_error(u->err, member, "key \"%.100s\" stands twice, first in line %d",
                                 member->key, (*at)->line);
        }
        if (r != CXD_OK) {
            return r;
        }
        into = *at;
        key = dot + 1;
    }
}

static int map_fill(struct undoing *u, struct conf *into, const struct conf *from, int depth)
{
    int r = CXD_OK;

    for (const struct conf *c = from->first; c != NULL && r == CXD_OK; c = c->next) {
        r = member_fill(u, into, c, depth);
    }
    return r;
}

int conf_undot(const struct conf *map, struct arena *arena, const struct conf **ret_map,
               struct cxd_error *err)
{
    struct undoing u = {.arena = arena, .err = err};
    struct conf *copy = arena_alloc(arena, sizeof *copy);
    int r;

    if (copy == NULL) {
        return cxd_error_set(err, CXD_NOMEM, "%s: out of memory", map->file);
    }
    *copy = *map;
    copy->first = NULL;
    r = map_fill(&u, copy, map, 0);
    *ret_map = copy;
    return r;
}
