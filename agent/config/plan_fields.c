/*
 * plan_fields.c: the keys that Beats gives every input and that change its events: fields, fields_under_root, keep_null, index,
 * pipeline. Knows YAML's types and JSON; what becomes of the text is the pipeline's.
 */
#include "config/plan_parts.h"

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/text.h"
#include "config/conf_json.h"

#include <ctype.h>
#include <string.h>

#define FIELDS_MAX 65536
#define FIELDS_DEPTH 32
#define PIPELINE_MAX 200

static struct conf *member_find(struct conf *map, const char *key, size_t len)
{
    for (struct conf *c = map->first; c != NULL; c = c->next) {
        if (strlen(c->key) == len && memcmp(c->key, key, len) == 0) {
            return c;
        }
    }
    return NULL;
}

/* The member of that name, made at the end when it is not there. NULL: no memory. */
static struct conf *member_make(struct conf *map, const char *key, size_t len,
                                const struct conf *at, struct arena *arena)
{
    struct conf *c = member_find(map, key, len);
    struct conf **end = &map->first;

    if (c != NULL) {
        return c;
    }
    c = arena_alloc(arena, sizeof *c);
    if (c == NULL) {
        return NULL;
    }
    *c = (struct conf){.key = arena_copy(arena, key, len), .file = at->file, .line = at->line};
    while (*end != NULL) {
        end = &(*end)->next;
    }
    *end = c;
    return c->key != NULL ? c : NULL;
}

/* What stood there gives way, unless both are maps. */
static void member_turn(struct conf *c, const struct conf *from)
{
    struct conf *next = c->next;
    const char *key = c->key;

    if (from->kind == CONF_MAP && c->kind == CONF_MAP) {
        return;
    }
    *c = *from;
    c->next = next;
    c->key = key;
    if (c->kind == CONF_MAP) {
        c->first = NULL; /* filled by the caller, as its keys may be dotted */
    }
}

static int map_merge(struct conf *into, const struct conf *from, int depth, struct arena *arena,
                     struct cxd_error *err);

/* One member of `from`; a dotted name is a path. */
static int member_merge(struct conf *into, const struct conf *member, int depth,
                        struct arena *arena, struct cxd_error *err)
{
    static const struct conf empty_map = {.kind = CONF_MAP};
    const char *key = member->key;
    struct conf *c = into;

    for (const char *at = key; *at != '\0'; at++) {
        if ((unsigned char)*at < ' ' || *at == '"' || *at == '\\') {
            return conf_error(err, member, "fields: a name with a quote, \\ or control character");
        }
    }
    for (const char *dot = key; dot != NULL; key = dot + 1) {
        size_t len;
        dot = strchr(key, '.');
        len = dot != NULL ? (size_t)(dot - key) : strlen(key);
        if (len == 0 || ++depth > FIELDS_DEPTH) {
            return conf_error(err, member, "fields: \"%.80s\": expected names, at most %d deep",
                              member->key, FIELDS_DEPTH);
        }
        c = member_make(c, key, len, member, arena);
        if (c == NULL) {
            return conf_error(err, member, "out of memory");
        }
        member_turn(c, dot != NULL ? &empty_map : member);
        if (dot == NULL) {
            break;
        }
    }
    return member->kind == CONF_MAP ? map_merge(c, member, depth, arena, err) : CXD_OK;
}

static int map_merge(struct conf *into, const struct conf *from, int depth, struct arena *arena,
                     struct cxd_error *err)
{
    for (const struct conf *c = from->first; c != NULL; c = c->next) {
        int r = member_merge(into, c, depth, arena, err);
        if (r != CXD_OK) {
            return r;
        }
    }
    return CXD_OK;
}

struct writing {
    struct buf out;
    int is_null_kept;
};

static int value_add(struct writing *w, const struct conf *c, int depth, struct cxd_error *err);

static int members_add(struct writing *w, const struct conf *c, int depth, struct cxd_error *err)
{
    int is_map = c->kind == CONF_MAP;
    int r = buf_add_text(&w->out, is_map ? "{" : "[");
    int count = 0;

    for (const struct conf *m = c->first; m != NULL && r == CXD_OK; m = m->next) {
        if (is_map && m->kind == CONF_SCALAR && conf_is_null(m) && !w->is_null_kept) {
            continue;
        }
        r = count++ > 0 ? buf_add_text(&w->out, ",") : CXD_OK;
        if (r == CXD_OK && is_map) {
            r = conf_json_text(&w->out, m->key, strlen(m->key));
            r = r != CXD_OK ? r : buf_add_text(&w->out, ":");
        }
        r = r != CXD_OK ? r : value_add(w, m, depth + 1, err);
    }
    return r != CXD_OK ? r : buf_add_text(&w->out, is_map ? "}" : "]");
}

static int value_add(struct writing *w, const struct conf *c, int depth, struct cxd_error *err)
{
    if (depth > FIELDS_DEPTH) {
        return conf_error(err, c, "fields: nested deeper than %d", FIELDS_DEPTH);
    }
    return c->kind == CONF_SCALAR ? conf_json_scalar(&w->out, c) : members_add(w, c, depth, err);
}

static int fields_write(struct plan_stream *s, const struct conf *map, int is_root,
                        struct arena *arena, struct cxd_error *err)
{
    struct writing w = {.is_null_kept = s->is_null_kept};
    int r;

    buf_init(&w.out, FIELDS_MAX);
    r = is_root ? CXD_OK : buf_add_text(&w.out, "{\"fields\":");
    r = r != CXD_OK ? r : value_add(&w, map, 0, err);
    r = r != CXD_OK || is_root ? r : buf_add_text(&w.out, "}");
    if (r == CXD_OK) {
        s->fields = arena_copy(arena, w.out.ptr, w.out.len);
        r = s->fields != NULL ? CXD_OK : CXD_NOMEM;
    }
    buf_done(&w.out);
    return r == CXD_OK || r == CXD_CONFIG
               ? r
               : conf_error(err, map, "fields: more than %d bytes, or out of memory", FIELDS_MAX);
}

static const struct conf *either_find(const struct plan_stream *s, const char *path)
{
    const struct conf *node = conf_find(s->stream, path);

    return node != NULL ? node : conf_find(s->input, path);
}

/* 1, 0 (also when absent), or CXD_CONFIG. */
static int switch_read(const struct plan_stream *s, const char *path, struct cxd_error *err)
{
    const struct conf *node = either_find(s, path);
    int is_on = conf_is_null(node) ? 0 : node->kind == CONF_SCALAR ? conf_bool(node) : -1;

    return is_on >= 0 ? is_on : conf_error(err, node, "%s: expected true or false", path);
}

/* A key of one level as dotted names give it: `fields: {a: 1}` as well as `fields.a: 1`. */
static int level_merge(struct conf *into, const struct conf *level, struct arena *arena,
                       struct cxd_error *err)
{
    static const char front[] = "fields.";

    for (const struct conf *c = level != NULL ? level->first : NULL; c != NULL; c = c->next) {
        struct conf member = *c;
        int r = CXD_OK;
        if (strcmp(c->key, "fields") == 0) {
            if (c->kind != CONF_MAP && !conf_is_null(c)) {
                return conf_error(err, c, "fields: expected names and values");
            }
            r = map_merge(into, c, 0, arena, err);
        } else if (strncmp(c->key, front, sizeof front - 1) == 0) {
            member.key = c->key + sizeof front - 1;
            r = member_merge(into, &member, 0, arena, err);
        }
        if (r != CXD_OK) {
            return r;
        }
    }
    return CXD_OK;
}

static int fields_read(struct plan_stream *s, struct arena *arena, struct cxd_error *err)
{
    struct conf map = {.kind = CONF_MAP, .file = s->stream->file, .line = s->stream->line};
    int is_root = switch_read(s, "fields_under_root", err);
    int r = is_root < 0 ? is_root : level_merge(&map, s->input, arena, err);

    r = r != CXD_OK ? r : level_merge(&map, s->stream, arena, err);
    if (r != CXD_OK || map.first == NULL) {
        return r;
    }
    if (is_root && member_find(&map, "@timestamp", 10) != NULL) {
        return conf_error(err, member_find(&map, "@timestamp", 10),
                          "fields: \"@timestamp\" is the event's own, with fields_under_root");
    }
    return fields_write(s, &map, is_root, arena, err);
}

/* Beats writes the name in small letters. */
static int pipeline_read(struct plan_stream *s, struct arena *arena, struct cxd_error *err)
{
    const struct conf *node = either_find(s, "pipeline");
    char name[PIPELINE_MAX + 1];
    size_t len = 0;

    if (conf_is_null(node)) {
        return CXD_OK;
    }
    for (; node->kind == CONF_SCALAR && len < node->len && len < PIPELINE_MAX; len++) {
        unsigned char c = (unsigned char)node->text[len];
        if (c <= ' ' || c == '"' || c == '\\' || c == 0x7f) {
            break;
        }
        name[len] = (char)(c < 0x80 ? tolower(c) : c);
    }
    if (node->kind != CONF_SCALAR || len == 0 || len != node->len ||
        !text_is_utf8((struct cxd_bytes){name, len})) {
        return conf_error(err, node,
                          "pipeline: expected an ingest pipeline's name, 1 to %d bytes without "
                          "blanks, quotes and backslashes",
                          PIPELINE_MAX);
    }
    s->pipeline = arena_copy(arena, name, len);
    return s->pipeline != NULL ? CXD_OK : conf_error(err, node, "out of memory");
}

int plan_fields_read(struct plan_stream *s, struct arena *arena, struct cxd_error *err)
{
    const struct conf *index = either_find(s, "index");
    int r = switch_read(s, "keep_null", err);

    if (r < 0) {
        return r;
    }
    s->is_null_kept = r;
    if (!conf_is_null(index)) {
        if (index->kind != CONF_SCALAR) {
            return conf_error(err, index, "index: expected a name");
        }
        s->index_override = index;
    }
    r = pipeline_read(s, arena, err);
    return r != CXD_OK ? r : fields_read(s, arena, err);
}
