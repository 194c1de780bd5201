/* move.c: rename, copy_fields, move_fields: values that change their place. */
#include "lib/edit.h"

#include <string.h>

/* --- rename, copy_fields ------------------------------------------------------------------------------ */

struct rename {
    struct base base;
    struct path_pair *pairs;
    size_t count;
};

static int rename_open(struct base *b, struct cxd_bytes options, struct cxd_error *err)
{
    struct rename *p = (struct rename *)b;

    return path_pairs(b, options, "fields", true, &p->pairs, &p->count, err);
}

/* What both need: the source is there, the target is not. 1: go on. */
static int pair_look(struct edit *e, const struct path_pair *pair, struct edit_spot *ret_from)
{
    struct edit_spot there;
    int r = edit_find(e, &pair->to, &there);

    if (r == 1) {
        return edit_fail(e, "field %.140s is there already; drop or rename it first",
                         pair->to.name.ptr);
    }
    r = r < 0 ? r : edit_find(e, &pair->from, ret_from);
    return r != 0 ? r : edit_missing(e, &pair->from);
}

static int pair_rename(struct edit *e, const struct path_pair *pair)
{
    struct edit_spot from;
    struct cxd_node content;
    int r = pair_look(e, pair, &from);

    if (r != 1) {
        return r;
    }
    content = *from.node;
    r = edit_remove(e, &from);
    r = r != CXD_OK ? r : edit_put(e, &pair->to, &content);
    return r;
}

static int rename_run(struct edit *e)
{
    struct rename *p = (struct rename *)e->base;
    int r = CXD_OK;

    for (size_t i = 0; i < p->count && r == CXD_OK; i++) {
        r = edit_next(e, pair_rename(e, &p->pairs[i]));
    }
    return r;
}

static const struct cxd_option pair_options[] = {
    {.name = "from",
     .type = CXD_OPTION_STRING,
     .flags = CXD_OPTION_REQUIRED,
     .help = "Field that is there."},
    {.name = "to",
     .type = CXD_OPTION_STRING,
     .flags = CXD_OPTION_REQUIRED,
     .help = "Field to be; must not be there yet."},
    {.name = NULL},
};

static const struct cxd_option rename_options[] = {
    {.name = "fields",
     .type = CXD_OPTION_GROUP_LIST,
     .flags = CXD_OPTION_REQUIRED,
     .help = "Fields with their new names.",
     .children = pair_options},
    OPTION_IGNORE_MISSING,
    OPTION_FAIL_ON_ERROR,
    {.name = NULL},
};

BASE_MODULE(rename, NULL, "gives fields other names", NULL)

struct copy_fields {
    struct rename shared;
};

static int copy_fields_open(struct base *b, struct cxd_bytes options, struct cxd_error *err)
{
    return rename_open(b, options, err);
}

static int pair_copy(struct edit *e, const struct path_pair *pair)
{
    struct edit_spot from;
    struct cxd_node content;
    int r = pair_look(e, pair, &from);

    if (r != 1) {
        return r;
    }
    r = edit_copy(e, from.node, &content);
    return r == CXD_OK ? edit_put(e, &pair->to, &content) : r;
}

static int copy_fields_run(struct edit *e)
{
    struct rename *p = (struct rename *)e->base;
    int r = CXD_OK;

    for (size_t i = 0; i < p->count && r == CXD_OK; i++) {
        r = edit_next(e, pair_copy(e, &p->pairs[i]));
    }
    return r;
}

static const struct cxd_option copy_fields_options[] = {
    {.name = "fields",
     .type = CXD_OPTION_GROUP_LIST,
     .flags = CXD_OPTION_REQUIRED,
     .help = "Fields with the names of their copies.",
     .children = pair_options},
    OPTION_IGNORE_MISSING,
    OPTION_FAIL_ON_ERROR,
    {.name = NULL},
};

BASE_MODULE(copy_fields, NULL, "copies fields under other names", NULL)

/* --- move_fields -------------------------------------------------------------------------------------- */

#define MOVED_MAX 4096
#define NAME_MAX_LEN 4096

struct move_fields {
    struct base base;
    struct path from; /* without parts: the document */
    struct path *fields;
    struct path *targets; /* of fields, one each */
    size_t count;         /* 0: all of them */
    struct cxd_bytes *excluded;
    size_t excluded_count;
    struct cxd_bytes to; /* as in JSON */
};

static int targets_open(struct move_fields *p, struct cxd_bytes to, struct cxd_error *err)
{
    char name[NAME_MAX_LEN];
    int r = CXD_OK;

    p->targets = base_alloc(&p->base, p->count * sizeof *p->targets);
    if (p->targets == NULL) {
        return base_lack(err);
    }
    for (size_t i = 0; i < p->count && r == CXD_OK; i++) {
        int len = snprintf(name, sizeof name, "%s%s", to.ptr, p->fields[i].name.ptr);
        r = len > 0 && (size_t)len < sizeof name
                ? path_read(&p->base, (struct cxd_bytes){name, (size_t)len}, &p->targets[i], err)
                : cxd_error_set(err, CXD_CONFIG, "to: too long");
    }
    return r;
}

static int move_fields_open(struct base *b, struct cxd_bytes options, struct cxd_error *err)
{
    struct move_fields *p = (struct move_fields *)b;
    struct cxd_bytes to = base_text(b, options, "to");
    int r = CXD_OK;

    p->from.name = (struct cxd_bytes){"", 0};
    if (base_text(b, options, "from").len > 0) {
        r = path_option(b, options, "from", &p->from, err);
    }
    r = r != CXD_OK ? r : path_list(b, options, "fields", &p->fields, &p->count, err);
    r = r != CXD_OK ? r : base_texts(b, options, "exclude", &p->excluded, &p->excluded_count, err);
    if (r != CXD_OK) {
        return r;
    }
    p->to = path_quote(b, to);
    return p->to.ptr != NULL ? targets_open(p, to, err) : base_lack(err);
}

static bool is_excluded(const struct move_fields *p, const char *name, size_t len)
{
    for (size_t i = 0; i < p->excluded_count; i++) {
        if (p->excluded[i].len == len && memcmp(p->excluded[i].ptr, name, len) == 0) {
            return true;
        }
    }
    return false;
}

/* `to` with the event's own key behind it. */
static int target_make(struct edit *e, const struct move_fields *p, const struct cxd_node *node,
                       struct path *ret_path)
{
    struct edit_out name = {0};
    int r = edit_out_add(e, &name, p->to);

    r = r != CXD_OK ? r : edit_out_add(e, &name, (struct cxd_bytes){node->key, node->key_len});
    return r != CXD_OK ? r : edit_path(e, (struct cxd_bytes){name.ptr, name.len}, ret_path);
}

static int spot_move(struct edit *e, const struct edit_spot *spot, const struct path *to)
{
    struct cxd_node content = *spot->node;
    int r = edit_remove(e, spot);

    return r == CXD_OK ? edit_put(e, to, &content) : r;
}

/* All members that are there now; what a move puts into the same object is not looked at. */
static int all_move(struct edit *e, struct move_fields *p, struct cxd_node *parent)
{
    struct cxd_node **nodes;
    size_t count = 0;
    int r = CXD_OK;

    for (struct cxd_node *at = parent->first; at != NULL; at = at->next) {
        count++;
    }
    nodes = edit_alloc(e, count * sizeof(struct cxd_node *));
    if (nodes == NULL) {
        return edit_lack(e);
    }
    count = 0;
    for (struct cxd_node *at = parent->first; at != NULL; at = at->next) {
        if (!is_excluded(p, at->key, at->key_len)) {
            nodes[count++] = at;
        }
    }
    for (size_t i = 0; i < count && r == CXD_OK; i++) {
        struct cxd_bytes key = {nodes[i]->key, nodes[i]->key_len};
        struct edit_spot spot;
        struct path to;
        r = target_make(e, p, nodes[i], &to);
        r = r != CXD_OK ? r : edit_member(e, parent, key, &spot);
        r = r == 1 ? spot_move(e, &spot, &to) : r; /* 0: a twin of one that is moved */
    }
    return r;
}

static int listed_move(struct edit *e, struct move_fields *p, struct cxd_node *parent)
{
    int r = CXD_OK;

    for (size_t i = 0; i < p->count && r == CXD_OK; i++) {
        struct edit_spot spot;
        if (is_excluded(p, p->fields[i].name.ptr, p->fields[i].name.len)) {
            continue;
        }
        r = edit_find_in(e, parent, &p->fields[i], &spot);
        r = r == 1   ? spot_move(e, &spot, &p->targets[i])
            : r == 0 ? edit_missing(e, &p->fields[i])
                     : r;
    }
    return r;
}

static int move_fields_run(struct edit *e)
{
    struct move_fields *p = (struct move_fields *)e->base;
    struct edit_spot from = {.node = e->root};
    int r = p->from.count > 0 ? edit_find(e, &p->from, &from) : 1;

    if (r <= 0) {
        return r < 0 ? r : edit_missing(e, &p->from);
    }
    if (from.node->value.kind != CXD_KIND_OBJECT) {
        return edit_fail(e, "field %.200s is no object", p->from.name.ptr);
    }
    r = edit_expand(e, from.node);
    if (r != CXD_OK) {
        return r;
    }
    return p->count > 0 ? listed_move(e, p, from.node) : all_move(e, p, from.node);
}

static const struct cxd_option move_fields_options[] = {
    {.name = "from",
     .type = CXD_OPTION_STRING,
     .help = "Object whose fields move; absent: the document itself."},
    {.name = "fields", .type = CXD_OPTION_STRING_LIST, .help = "Which of them; absent: all."},
    {.name = "exclude", .type = CXD_OPTION_STRING_LIST, .help = "Which of them stay."},
    {.name = "to",
     .type = CXD_OPTION_STRING,
     .flags = CXD_OPTION_REQUIRED,
     .help = "What is put before each name; with a dot at its end, an object."},
    OPTION_IGNORE_MISSING,
    {.name = NULL},
};

BASE_MODULE(move_fields, NULL, "moves fields into another object, or gives them a prefix", NULL)
