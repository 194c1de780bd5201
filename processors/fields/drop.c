/* drop.c: drop_fields, include_fields: which fields stay. Names in /slashes/ are regular expressions over whole dotted names. */
#include "lib/edit.h"

#include <string.h>

#define NAME_MAX_LEN 4096
#define WALK_DEPTH_MAX 64

struct drop_fields {
    struct base base;
    struct path *fields;
    size_t count;
    struct cxd_regex **patterns;
    size_t pattern_count;
};

/* These cannot be dropped, and are included always. */
static const struct cxd_bytes fixed[] = {{"@timestamp", 10}, {"type", 4}};
/* What the agent says of itself is not the source's, so including some of the source's fields leaves it. */
static const struct cxd_bytes own[] = {
    {"@timestamp", 10}, {"type", 4}, {"agent", 5}, {"ecs", 3}, {"data_stream", 11}};

static bool is_among(const struct cxd_bytes *names, size_t count, struct cxd_bytes name)
{
    for (size_t i = 0; i < count; i++) {
        if (names[i].len == name.len && memcmp(names[i].ptr, name.ptr, name.len) == 0) {
            return true;
        }
    }
    return false;
}

static bool is_fixed(struct cxd_bytes name)
{
    return is_among(fixed, sizeof fixed / sizeof fixed[0], name);
}

/* An option's text is a name or /pattern/. */
static int name_add(struct drop_fields *p, struct cxd_bytes name, struct cxd_error *err)
{
    struct base *b = &p->base;
    char *pattern;
    int r;

    if (name.len < 2 || name.ptr[0] != '/' || name.ptr[name.len - 1] != '/') {
        return path_read(b, name, &p->fields[p->count++], err);
    }
    pattern = base_copy(b, (struct cxd_bytes){name.ptr + 1, name.len - 2});
    if (pattern == NULL) {
        return base_lack(err);
    }
    r = b->host->regex_new(b->self, pattern, &p->patterns[p->pattern_count], err);
    p->pattern_count += r == CXD_OK;
    return r;
}

static int drop_fields_open(struct base *b, struct cxd_bytes options, struct cxd_error *err)
{
    struct drop_fields *p = (struct drop_fields *)b;
    struct cxd_bytes *names = NULL;
    size_t count = 0;
    int r = base_texts(b, options, "fields", &names, &count, err);

    if (r != CXD_OK) {
        return r;
    }
    p->fields = base_alloc(b, count * sizeof *p->fields);
    p->patterns = base_alloc(b, count * sizeof(struct cxd_regex *));
    if (p->fields == NULL || p->patterns == NULL) {
        return base_lack(err);
    }
    for (size_t i = 0; i < count && r == CXD_OK; i++) {
        r = name_add(p, names[i], err);
    }
    return r;
}

static void drop_fields_close(struct base *b)
{
    struct drop_fields *p = (struct drop_fields *)b;

    for (size_t i = 0; i < p->pattern_count; i++) {
        b->host->regex_free(p->patterns[i]);
    }
}

/* 1, 0, negative. */
static int is_matched(struct edit *e, const struct drop_fields *p, struct cxd_bytes name)
{
    int r = 0;

    for (size_t i = 0; i < p->pattern_count && r == 0; i++) {
        r = e->host->regex_match(p->patterns[i], name);
        if (r == CXD_TIMEOUT) {
            e->host->count(e->base->self, "processor_failures_total", 1);
            r = 0;
        }
    }
    return r;
}

/* Every object's members with their dotted names. found: 1: the node was taken, do not look inside. */
struct walk {
    struct edit *e;
    const struct drop_fields *p;
    int (*found)(struct walk *w, const struct edit_spot *spot, struct cxd_bytes name);
    struct cxd_node *into; /* include_fields */
    char name[NAME_MAX_LEN];
};

static int object_walk(struct walk *w, struct cxd_node *object, size_t front, int depth)
{
    struct cxd_node *before = NULL;
    int r = edit_expand(w->e, object);

    for (struct cxd_node *at = object->first, *next; r == CXD_OK && at != NULL; at = next) {
        size_t len = front + (front > 0) + at->key_len;
        struct edit_spot spot = {object, before, at};
        int is_taken = 0;
        next = at->next;
        if (len < sizeof w->name && depth < WALK_DEPTH_MAX) {
            struct cxd_bytes name = {w->name, len};
            w->name[front] = '.';
            memcpy(w->name + len - at->key_len, at->key, at->key_len);
            is_taken = is_fixed(name) ? 0 : is_matched(w->e, w->p, name);
            if (is_taken == 1) {
                is_taken = w->found(w, &spot, name);
            } else if (is_taken == 0 && at->value.kind == CXD_KIND_OBJECT) {
                r = object_walk(w, at, len, depth + 1);
            }
        }
        r = is_taken < 0 ? is_taken : r;
        before = is_taken == 1 && w->into == NULL ? before : at;
    }
    return r;
}

static int found_drop(struct walk *w, const struct edit_spot *spot, struct cxd_bytes name)
{
    int r = edit_remove(w->e, spot);

    (void)name;
    return r == CXD_OK ? 1 : r;
}

static int drop_fields_run(struct edit *e)
{
    struct drop_fields *p = (struct drop_fields *)e->base;
    struct walk walk = {.e = e, .p = p, .found = found_drop};

    e->is_undoable = false;
    for (size_t i = 0; i < p->count; i++) {
        struct edit_spot spot;
        int r = is_fixed(p->fields[i].name) ? 0 : edit_find(e, &p->fields[i], &spot);
        r = r == 1 ? edit_remove(e, &spot) : r;
        if (r < 0) {
            return r;
        }
    }
    return p->pattern_count > 0 ? object_walk(&walk, e->root, 0, 0) : CXD_OK;
}

static const struct cxd_option drop_fields_options[] = {
    {.name = "fields",
     .type = CXD_OPTION_STRING_LIST,
     .flags = CXD_OPTION_REQUIRED,
     .help = "Fields to drop; /TEXT/ is a regular expression over dotted names."},
    {.name = "ignore_missing",
     .type = CXD_OPTION_BOOL,
     .default_value = "false",
     .help = "Absent fields are no failure either way."},
    {.name = NULL},
};

BASE_MODULE(drop_fields, NULL, "drops fields", drop_fields_close)

struct include_fields {
    struct drop_fields shared;
};

static int include_fields_open(struct base *b, struct cxd_bytes options, struct cxd_error *err)
{
    return drop_fields_open(b, options, err);
}

static int found_include(struct walk *w, const struct edit_spot *spot, struct cxd_bytes name)
{
    struct path path;
    int r = edit_path(w->e, name, &path);

    r = r != CXD_OK ? r : edit_put_in(w->e, w->into, &path, spot->node);
    return r == CXD_OK || r == EDIT_FAILED ? 1 : r;
}

static int own_include(struct edit *e, struct cxd_node *into)
{
    for (size_t i = 0; i < sizeof own / sizeof own[0]; i++) {
        struct edit_spot spot;
        int r = edit_member(e, e->root, own[i], &spot);
        r = r == 1 ? edit_append(e, into, own[i], spot.node) : r;
        if (r < 0) {
            return r;
        }
    }
    return CXD_OK;
}

static int include_fields_run(struct edit *e)
{
    struct drop_fields *p = (struct drop_fields *)e->base;
    struct cxd_node into = {.value = {.kind = CXD_KIND_OBJECT, .flags = CXD_VALUE_TREE}};
    struct walk walk = {.e = e, .p = p, .found = found_include, .into = &into};
    int r;

    e->is_undoable = false; /* nothing is changed before the end */
    r = own_include(e, &into);
    for (size_t i = 0; i < p->count && r >= 0; i++) {
        struct edit_spot spot;
        r = edit_find(e, &p->fields[i], &spot);
        if (r == 1) {
            r = edit_put_in(e, &into, &p->fields[i], spot.node);
        }
    }
    if (r >= 0 && p->pattern_count > 0) {
        r = object_walk(&walk, e->root, 0, 0);
    }
    if (r >= 0) {
        r = edit_set(e, e->root, &into);
    }
    return r < 0 ? r : CXD_KEEP;
}

static const struct cxd_option include_fields_options[] = {
    {.name = "fields",
     .type = CXD_OPTION_STRING_LIST,
     .flags = CXD_OPTION_REQUIRED,
     .help = "Fields that stay; /TEXT/ is a regular expression over dotted names."},
    {.name = NULL},
};

BASE_MODULE(include_fields, NULL, "drops all fields but those named", drop_fields_close)
