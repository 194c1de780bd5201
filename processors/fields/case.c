/* case.c: lowercase, uppercase: names of fields, and values, in the other case. */
#include "lib/edit.h"
#include "lib/letter.h"

typedef void (*letters_fn)(const char *text, size_t len, bool has_escapes, char *out);

struct lowercase {
    struct base base;
    letters_fn turn;
    struct path *fields;
    size_t count;
    struct path *values;
    size_t value_count;
    bool is_full; /* every part of a name, not its last alone */
};

static int turn_open(struct lowercase *p, letters_fn turn, struct cxd_bytes options,
                     struct cxd_error *err)
{
    struct base *b = &p->base;
    int r = path_list(b, options, "fields", &p->fields, &p->count, err);

    p->turn = turn;
    p->is_full = base_bool(b, options, "alter_full_field");
    r = r != CXD_OK ? r : path_list(b, options, "values", &p->values, &p->value_count, err);
    return r == CXD_OK && p->count + p->value_count == 0
               ? cxd_error_set(err, CXD_CONFIG, "expected fields, values, or both")
               : r;
}

static int lowercase_open(struct base *b, struct cxd_bytes options, struct cxd_error *err)
{
    return turn_open((struct lowercase *)b, letter_lower, options, err);
}

/* The one member of that name in any case. */
static int member_find(struct edit *e, const struct path *field, struct cxd_node *object,
                       struct cxd_bytes part, struct cxd_node **ret_node)
{
    int r = object->value.kind == CXD_KIND_OBJECT ? edit_expand(e, object) : CXD_OK;

    *ret_node = NULL;
    if (r != CXD_OK || object->value.kind != CXD_KIND_OBJECT) {
        return r;
    }
    for (struct cxd_node *at = object->first; at != NULL; at = at->next) {
        if (!letter_is_same((struct cxd_bytes){at->key, at->key_len}, part)) {
            continue;
        }
        if (*ret_node != NULL) {
            return edit_fail(e, "field %.140s: two names differ in their case only",
                             field->name.ptr);
        }
        *ret_node = at;
    }
    return CXD_OK;
}

static int key_turn(struct edit *e, struct lowercase *p, struct cxd_node *node)
{
    char *key = edit_alloc(e, node->key_len + 1);
    int r = key != NULL ? edit_set(e, node, node) : edit_lack(e); /* remembered with its key */

    if (r == CXD_OK) {
        p->turn(node->key, node->key_len, true, key);
        node->key = key;
    }
    return r;
}

static int name_turn(struct edit *e, struct lowercase *p, const struct path *field)
{
    struct cxd_node *at = e->root;

    for (uint32_t i = 0; i < field->count; i++) {
        struct cxd_node *node;
        int r = member_find(e, field, at, field->parts[i], &node);
        if (r != CXD_OK) {
            return r;
        }
        if (node == NULL) {
            return edit_missing(e, field);
        }
        r = p->is_full || i + 1 == field->count ? key_turn(e, p, node) : CXD_OK;
        if (r != CXD_OK) {
            return r;
        }
        at = node;
    }
    return CXD_OK;
}

static int text_turn(struct edit *e, struct lowercase *p, const struct path *field,
                     struct cxd_value *value)
{
    struct cxd_bytes text;
    char *out;
    int r = edit_text(e, field, value, &text);

    if (r != CXD_OK) {
        return r;
    }
    out = edit_alloc(e, text.len + 1);
    if (out == NULL) {
        return edit_lack(e);
    }
    p->turn(text.ptr, text.len, false, out);
    *value = edit_text_value((struct cxd_bytes){out, text.len});
    return CXD_OK;
}

/* A text, or every text of a list. */
static int value_turn(struct edit *e, struct lowercase *p, const struct path *field)
{
    struct edit_spot spot;
    struct cxd_node content;
    int r = edit_find(e, field, &spot);

    if (r <= 0) {
        return r < 0 ? r : edit_missing(e, field);
    }
    r = edit_copy(e, spot.node, &content);
    if (r == CXD_OK && content.value.kind != CXD_KIND_LIST) {
        r = text_turn(e, p, field, &content.value);
    } else if (r == CXD_OK) {
        r = edit_expand(e, &content);
        for (struct cxd_node *at = content.first; at != NULL && r == CXD_OK; at = at->next) {
            r = text_turn(e, p, field, &at->value);
        }
    }
    return r == CXD_OK ? edit_set(e, spot.node, &content) : r;
}

static int lowercase_run(struct edit *e)
{
    struct lowercase *p = (struct lowercase *)e->base;
    int r = CXD_OK;

    for (size_t i = 0; i < p->count && r == CXD_OK; i++) {
        r = edit_next(e, name_turn(e, p, &p->fields[i]));
    }
    for (size_t i = 0; i < p->value_count && r == CXD_OK; i++) {
        r = edit_next(e, value_turn(e, p, &p->values[i]));
    }
    return r;
}

#define CASE_OPTIONS                                                                               \
    {.name = "fields",                                                                             \
     .type = CXD_OPTION_STRING_LIST,                                                               \
     .help = "Fields whose names are changed; found in any case."},                                \
        {.name = "values",                                                                         \
         .type = CXD_OPTION_STRING_LIST,                                                           \
         .help = "Fields whose texts are changed; lists of texts too."},                           \
        {.name = "alter_full_field",                                                               \
         .type = CXD_OPTION_BOOL,                                                                  \
         .default_value = "true",                                                                  \
         .help = "true: every part of a name; false: its last part."},                             \
        OPTION_IGNORE_MISSING, OPTION_FAIL_ON_ERROR,                                               \
    {                                                                                              \
        .name = NULL                                                                               \
    }

static const struct cxd_option lowercase_options[] = {CASE_OPTIONS};

BASE_MODULE(lowercase, NULL, "names or values of fields in lower case", NULL)

struct uppercase {
    struct lowercase shared;
};

static int uppercase_open(struct base *b, struct cxd_bytes options, struct cxd_error *err)
{
    return turn_open((struct lowercase *)b, letter_upper, options, err);
}

static int uppercase_run(struct edit *e)
{
    return lowercase_run(e);
}

static const struct cxd_option uppercase_options[] = {CASE_OPTIONS};

BASE_MODULE(uppercase, NULL, "names or values of fields in upper case", NULL)
