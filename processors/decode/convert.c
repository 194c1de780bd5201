/* convert.c: convert: fields as other kinds, in their place or under another name. */
#include "lib/cast.h"

struct conversion {
    struct path from;
    struct path to;
    bool has_to;
    enum cast_type type;
};

struct convert {
    struct base base;
    struct conversion *list;
    size_t count;
    bool is_rename;
};

/* What a conversion came to, before any of them is written. */
struct converted {
    struct cxd_node content;
    bool is_done;
};

static int conversion_read(struct base *b, struct cxd_bytes group, struct conversion *c,
                           struct cxd_error *err)
{
    struct cxd_bytes type = base_text(b, group, "type");
    int r = path_option(b, group, "from", &c->from, err);

    c->has_to = base_text(b, group, "to").len > 0;
    if (r == CXD_OK && c->has_to) {
        r = path_option(b, group, "to", &c->to, err);
    }
    if (r == CXD_OK && type.len > 0) {
        c->type = cast_find(type);
        if (c->type == CAST_NONE) {
            return cxd_error_set(
                err, CXD_CONFIG,
                "type \"%.40s\": expected integer, long, float, double, string, boolean or ip",
                type.ptr);
        }
    }
    return r;
}

static int convert_open(struct base *b, struct cxd_bytes options, struct cxd_error *err)
{
    static const char *const modes[] = {"copy", "rename", NULL};
    struct convert *p = (struct convert *)b;
    struct cxd_scalar list = b->host->doc_get(options, "fields");
    int mode = base_word(b, options, "mode", modes, err);
    int r = mode >= 0 ? CXD_OK : CXD_CONFIG;

    p->is_rename = mode == 1;
    p->count = list.count;
    p->list = base_alloc(b, p->count * sizeof *p->list);
    if (p->list == NULL) {
        return base_lack(err);
    }
    for (uint32_t i = 0; i < list.count && r == CXD_OK; i++) {
        struct cxd_bytes ignored;
        r = conversion_read(b, b->host->doc_at(list.bytes, i, &ignored).bytes, &p->list[i], err);
    }
    return r;
}

static int field_convert(struct edit *e, const struct conversion *c, struct converted *out)
{
    struct edit_spot spot;
    int r = edit_find(e, &c->from, &spot);

    if (r <= 0) {
        return r < 0 ? r : edit_missing(e, &c->from);
    }
    if (c->type == CAST_NONE) {
        r = edit_copy(e, spot.node, &out->content);
    } else {
        r = cast_value(e, c->type, &spot.node->value, &out->content.value);
    }
    out->is_done = r == CXD_OK;
    return r == EDIT_FAILED ? edit_fail(e, "field %.200s cannot be converted", c->from.name.ptr)
                            : r;
}

static int field_write(struct edit *e, const struct convert *p, const struct conversion *c,
                       const struct converted *done)
{
    struct edit_spot spot;
    int r = edit_put(e, c->has_to ? &c->to : &c->from, &done->content);

    if (r != CXD_OK || !c->has_to || !p->is_rename) {
        return r;
    }
    r = edit_find(e, &c->from, &spot);
    return r == 1 ? edit_remove(e, &spot) : r;
}

static int convert_run(struct edit *e)
{
    struct convert *p = (struct convert *)e->base;
    struct converted *done = edit_alloc(e, (p->count + 1) * sizeof *done);
    int r = done != NULL ? CXD_OK : edit_lack(e);

    for (size_t i = 0; i < p->count && r == CXD_OK; i++) {
        done[i] = (struct converted){.is_done = false};
        r = edit_next(e, field_convert(e, &p->list[i], &done[i]));
    }
    for (size_t i = 0; i < p->count && r == CXD_OK; i++) {
        if (done[i].is_done) {
            r = edit_next(e, field_write(e, p, &p->list[i], &done[i]));
        }
    }
    return r;
}

static const struct cxd_option conversion_options[] = {
    {.name = "from",
     .type = CXD_OPTION_STRING,
     .flags = CXD_OPTION_REQUIRED,
     .help = "Field to convert."},
    {.name = "to",
     .type = CXD_OPTION_STRING,
     .help = "Where the result goes; absent: into the field itself."},
    {.name = "type",
     .type = CXD_OPTION_STRING,
     .help = "integer, long, float, double, string, boolean or ip; absent: as it is."},
    {.name = NULL},
};

static const struct cxd_option convert_options[] = {
    {.name = "fields",
     .type = CXD_OPTION_GROUP_LIST,
     .flags = CXD_OPTION_REQUIRED,
     .help = "Fields with their types.",
     .children = conversion_options},
    {.name = "mode",
     .type = CXD_OPTION_STRING,
     .default_value = "copy",
     .help = "copy or rename: what becomes of a field whose result goes elsewhere."},
    OPTION_TAG,
    OPTION_IGNORE_MISSING,
    OPTION_FAIL_ON_ERROR,
    {.name = NULL},
};

BASE_MODULE(convert, NULL, "converts fields to other types", NULL)
