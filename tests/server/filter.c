/*
 * Field masks. Knows two small grammars and how to cut a JSON tree; nothing of what the fields mean.
 */
#include "filter.h"

#include <stdio.h>
#include <string.h>

enum { FILTER_DEPTH_MAX = 16, FILTER_PATH_BYTES = 256 };

static bool filter_add(struct filter *filter, const char *head, const char *text, size_t len)
{
    if (filter->count == FILTER_PATTERNS_MAX) {
        return false;
    }
    const char *dot = *head && len ? "." : "";
    int got = snprintf(filter->patterns[filter->count], FILTER_PATTERN_BYTES, "%s%s%.*s", head, dot,
                       (int)len, text);
    if (got <= 0 || got >= FILTER_PATTERN_BYTES) {
        return false;
    }
    for (char *at = filter->patterns[filter->count]; *at; at++) {
        *at = *at == '/' ? '.' : *at;
    }
    filter->count++;
    return true;
}

bool filter_parse_fields(struct filter *filter, const char *text)
{
    *filter = (struct filter){.count = 0};
    char heads[FILTER_DEPTH_MAX][FILTER_PATTERN_BYTES] = {""};
    unsigned depth = 0;
    bool closed = false;
    while (text && *text) {
        size_t len = strcspn(text, ",()");
        char end = text[len];
        if (end == '(') {
            const char *dot = depth ? "." : "";
            if (++depth == FILTER_DEPTH_MAX || !len) {
                return false;
            }
            char head[FILTER_PATTERN_BYTES];
            int got =
                snprintf(head, sizeof head, "%s%s%.*s", heads[depth - 1], dot, (int)len, text);
            if (got <= 0 || got >= FILTER_PATTERN_BYTES) {
                return false;
            }
            memcpy(heads[depth], head, sizeof head);
        } else if (len ? !filter_add(filter, heads[depth], text, len) : !closed) {
            return false;
        }
        closed = end == ')';
        if (closed && depth-- == 0) {
            return false;
        }
        text += len + (end != 0);
    }
    return depth == 0;
}

bool filter_parse_path(struct filter *filter, const char *text)
{
    *filter = (struct filter){.count = 0};
    while (text && *text) {
        size_t len = strcspn(text, ",");
        if (len && !filter_add(filter, "", text, len)) {
            return false;
        }
        text += len + (text[len] != 0);
    }
    return true;
}

/* One part of a pattern against one member name, `*` standing for any run of characters. */
static bool filter_part(const char *pattern, size_t pattern_len, const char *name, size_t name_len)
{
    size_t at = 0, in = 0, star = (size_t)-1, mark = 0;
    while (in < name_len) {
        if (at < pattern_len && pattern[at] == '*') {
            star = at++;
            mark = in;
        } else if (at < pattern_len && pattern[at] == name[in]) {
            at++;
            in++;
        } else if (star != (size_t)-1) {
            at = star + 1;
            in = ++mark;
        } else {
            return false;
        }
    }
    while (at < pattern_len && pattern[at] == '*') {
        at++;
    }
    return at == pattern_len;
}

static const char *filter_next(const char *text)
{
    const char *dot = strchr(text, '.');
    return dot ? dot + 1 : text + strlen(text);
}

/* 0: no; 1: the path leads to something wanted; 2: it is wanted itself. */
static int filter_match(const char *pattern, const char *path, unsigned depth)
{
    if (depth > FILTER_DEPTH_MAX) {
        return 0;
    }
    while (*pattern && *path) {
        size_t pattern_len = strcspn(pattern, "."), path_len = strcspn(path, ".");
        if (pattern_len == 2 && memcmp(pattern, "**", 2) == 0) {
            int skip = filter_match(filter_next(pattern), path, depth + 1);
            int stay = filter_match(pattern, filter_next(path), depth + 1);
            return skip > stay ? skip : stay;
        }
        if (!filter_part(pattern, pattern_len, path, path_len)) {
            return 0;
        }
        pattern = filter_next(pattern);
        path = filter_next(path);
    }
    return *pattern ? 1 : 2;
}

static int filter_level(const struct filter *filter, const char *path)
{
    int best = filter->count ? 0 : 2;
    for (unsigned i = 0; i < filter->count; i++) {
        int level = filter_match(filter->patterns[i], path, 0);
        best = level > best ? level : best;
    }
    return best;
}

bool filter_wants(const struct filter *filter, const char *path)
{
    return filter_level(filter, path) == 2;
}

static bool filter_is_empty(struct json_object *value)
{
    return (json_object_is_type(value, json_type_object) &&
            json_object_object_length(value) == 0) ||
           (json_object_is_type(value, json_type_array) && json_object_array_length(value) == 0);
}

static void filter_cut(const struct filter *filter, struct json_object *tree, const char *path,
                       unsigned depth);

static void filter_cut_list(const struct filter *filter, struct json_object *list, const char *path,
                            unsigned depth)
{
    for (size_t i = json_object_array_length(list); i-- > 0;) {
        struct json_object *item = json_object_array_get_idx(list, i);
        filter_cut(filter, item, path, depth + 1);
        if (!json_object_is_type(item, json_type_object) || filter_is_empty(item)) {
            json_object_array_del_idx(list, i, 1);
        }
    }
}

static void filter_cut(const struct filter *filter, struct json_object *tree, const char *path,
                       unsigned depth)
{
    if (depth > FILTER_DEPTH_MAX) {
        return;
    }
    if (json_object_is_type(tree, json_type_array)) {
        filter_cut_list(filter, tree, path, depth);
        return;
    }
    if (!json_object_is_type(tree, json_type_object)) {
        return;
    }
    json_object_object_foreach(tree, key, value)
    {
        char deeper[FILTER_PATH_BYTES];
        snprintf(deeper, sizeof deeper, "%s%s%s", path, *path ? "." : "", key);
        int level = filter_level(filter, deeper);
        if (level == 1) {
            filter_cut(filter, value, deeper, depth + 1);
        }
        bool has_parts = json_object_is_type(value, json_type_object) ||
                         json_object_is_type(value, json_type_array);
        if (level == 0 || (level == 1 && (!has_parts || filter_is_empty(value)))) {
            json_object_object_del(tree, key);
        }
    }
}

void filter_apply(const struct filter *filter, struct json_object *tree)
{
    if (filter->count) {
        filter_cut(filter, tree, "", 0);
    }
}
