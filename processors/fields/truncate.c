/* truncate.c: truncate_fields: texts cut to a length in bytes or characters; log.flags says so. */
#include "lib/edit.h"

struct truncate_fields {
    struct base base;
    struct path *fields;
    size_t count;
    size_t max;
    bool is_bytes;
    struct path flags;
};

static int truncate_fields_open(struct base *b, struct cxd_bytes options, struct cxd_error *err)
{
    struct truncate_fields *p = (struct truncate_fields *)b;
    int64_t bytes = base_int(b, options, "max_bytes");
    int64_t characters = base_int(b, options, "max_characters");
    int r;

    if (bytes < 0 || characters < 0 || (bytes > 0) == (characters > 0)) {
        return cxd_error_set(err, CXD_CONFIG,
                             "expected either max_bytes or max_characters, above 0");
    }
    p->is_bytes = bytes > 0;
    p->max = (size_t)(p->is_bytes ? bytes : characters);
    r = path_list(b, options, "fields", &p->fields, &p->count, err);
    return r != CXD_OK ? r : path_read(b, CXD_LIT("log.flags"), &p->flags, err);
}

static bool is_inner(char c)
{
    return ((unsigned char)c & 0xc0) == 0x80;
}

/* Where to cut; never inside a character. */
static size_t cut_at(const struct truncate_fields *p, struct cxd_bytes text)
{
    size_t at = 0;
    size_t count = 0;

    if (p->is_bytes) {
        at = p->max < text.len ? p->max : text.len;
        while (at > 0 && at < text.len && is_inner(text.ptr[at])) {
            at--;
        }
        return at;
    }
    for (; at < text.len; at++) {
        if (!is_inner(text.ptr[at]) && count++ == p->max) {
            break;
        }
    }
    return at;
}

static int field_cut(struct edit *e, struct truncate_fields *p, const struct path *field)
{
    static const struct cxd_value flag = {.ptr = "truncated", .len = 9, .kind = CXD_KIND_STRING};
    struct edit_spot spot;
    struct cxd_bytes text;
    int r = edit_find(e, field, &spot);

    if (r <= 0) {
        return r < 0 ? r : edit_missing(e, field);
    }
    r = edit_text(e, field, &spot.node->value, &text);
    if (r != CXD_OK || cut_at(p, text) == text.len) {
        return r;
    }
    text.len = cut_at(p, text);
    r = edit_set(e, spot.node, &(struct cxd_node){.value = edit_text_value(text)});
    return r != CXD_OK ? r : edit_tag(e, &p->flags, &flag, 1);
}

static int truncate_fields_run(struct edit *e)
{
    struct truncate_fields *p = (struct truncate_fields *)e->base;
    int r = CXD_OK;

    for (size_t i = 0; i < p->count && r == CXD_OK; i++) {
        r = edit_next(e, field_cut(e, p, &p->fields[i]));
    }
    return r;
}

static const struct cxd_option truncate_fields_options[] = {
    {.name = "fields",
     .type = CXD_OPTION_STRING_LIST,
     .flags = CXD_OPTION_REQUIRED,
     .help = "Texts to cut."},
    {.name = "max_bytes",
     .type = CXD_OPTION_SIZE,
     .help = "Length in bytes; a character is never cut in two."},
    {.name = "max_characters", .type = CXD_OPTION_INT, .help = "Length in characters."},
    OPTION_IGNORE_MISSING,
    OPTION_FAIL_ON_ERROR,
    {.name = NULL},
};

BASE_MODULE(truncate_fields, NULL, "cuts texts to a length", NULL)
