/* json.c: decode_json_fields: JSON inside texts. The scanner is the host's: what is decoded stays slices of the text. */
#include "lib/edit.h"

#include <string.h>

struct decode_json_fields {
    struct base base;
    struct path *fields;
    size_t count;
    struct path target;
    bool has_target; /* "": the document */
    bool processes_arrays;
    bool expands_keys;
    bool adds_error;
    int64_t max_depth;
    struct cxd_bytes id_key; /* as in JSON; len 0: none */
    struct path error_message, error_data, error_field;
};

static int errors_open(struct decode_json_fields *p, struct cxd_error *err)
{
    int r = path_read(&p->base, CXD_LIT("error.message"), &p->error_message, err);

    r = r != CXD_OK ? r : path_read(&p->base, CXD_LIT("error.data"), &p->error_data, err);
    return r != CXD_OK ? r : path_read(&p->base, CXD_LIT("error.field"), &p->error_field, err);
}

static int decode_json_fields_open(struct base *b, struct cxd_bytes options, struct cxd_error *err)
{
    struct decode_json_fields *p = (struct decode_json_fields *)b;
    struct cxd_bytes target = base_text(b, options, "target");
    int r = path_list(b, options, "fields", &p->fields, &p->count, err);

    p->has_target = target.ptr != NULL;
    if (r == CXD_OK && target.len > 0) {
        r = path_option(b, options, "target", &p->target, err);
    }
    p->processes_arrays = base_bool(b, options, "process_array");
    p->expands_keys = base_bool(b, options, "expand_keys");
    p->adds_error = base_bool(b, options, "add_error_key");
    p->max_depth = base_int(b, options, "max_depth");
    if (r == CXD_OK && (p->max_depth < 1 || p->max_depth > 64)) {
        return cxd_error_set(err, CXD_CONFIG, "max_depth: expected 1 to 64");
    }
    if (r == CXD_OK && base_text(b, options, "document_id").len > 0) {
        p->id_key = path_quote(b, base_text(b, options, "document_id"));
        r = p->id_key.ptr != NULL ? r : base_lack(err);
    }
    return r != CXD_OK ? r : errors_open(p, err);
}

/* text is one JSON value: read as the only element of a list. */
static int text_decode(struct edit *e, struct cxd_bytes text, struct cxd_node *ret_content)
{
    struct cxd_node list = {.value = {.len = (uint32_t)text.len + 2, .kind = CXD_KIND_LIST}};
    char *copy = edit_alloc(e, text.len + 2);
    int r;

    if (copy == NULL) {
        return edit_lack(e);
    }
    copy[0] = '[';
    memcpy(copy + 1, text.ptr, text.len);
    copy[text.len + 1] = ']';
    list.value.ptr = copy;
    r = edit_expand(e, &list);
    if (r == CXD_MALFORMED || r == CXD_TOO_DEEP) {
        return edit_fail(e, "%s", r == CXD_MALFORMED ? "not JSON" : "JSON that is nested too deep");
    }
    if (r == CXD_OK && (list.first == NULL || list.first->next != NULL)) {
        return edit_fail(e, "not one JSON value");
    }
    if (r == CXD_OK) {
        *ret_content = (struct cxd_node){.value = list.first->value};
    }
    return r;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* Whether a text looks like an object or a list: then it is tried. */
static bool is_structured(struct cxd_bytes text)
{
    while (text.len > 0 && is_blank(text.ptr[0])) {
        text = (struct cxd_bytes){text.ptr + 1, text.len - 1};
    }
    while (text.len > 0 && is_blank(text.ptr[text.len - 1])) {
        text.len--;
    }
    return text.len >= 2 && ((text.ptr[0] == '{' && text.ptr[text.len - 1] == '}') ||
                             (text.ptr[0] == '[' && text.ptr[text.len - 1] == ']'));
}

/* Texts inside that are JSON in their turn; depth: how many levels are left. */
static int inner_decode(struct edit *e, struct decode_json_fields *p, struct cxd_node *content,
                        int64_t depth)
{
    bool is_walked = content->value.kind == CXD_KIND_OBJECT ||
                     (content->value.kind == CXD_KIND_LIST && p->processes_arrays);
    int r = depth > 0 && is_walked ? edit_expand(e, content) : CXD_OK;

    if (depth <= 0 || !is_walked || r != CXD_OK) {
        return r;
    }
    for (struct cxd_node *at = content->first; at != NULL && r >= 0; at = at->next) {
        struct cxd_node inner;
        struct cxd_bytes text;
        if (at->value.kind != CXD_KIND_STRING) {
            continue;
        }
        r = e->host->value_text(e->event, &at->value, &text);
        if (r == CXD_OK && is_structured(text)) {
            r = text_decode(e, text, &inner);
            r = r != CXD_OK ? r : inner_decode(e, p, &inner, depth - 1);
            if (r == CXD_OK) {
                at->value = inner.value;
                at->first = inner.first;
                at->last = inner.last;
            }
        }
        r = r == EDIT_FAILED || r == CXD_MALFORMED ? CXD_OK : r; /* it stays a text */
    }
    return r;
}

/* {"a.b": 1} becomes {a: {b: 1}}, all the way down. */
static int keys_expand(struct edit *e, struct cxd_node *content)
{
    struct cxd_node into = {.value = {.kind = CXD_KIND_OBJECT, .flags = CXD_VALUE_TREE}};
    int r;

    if (content->value.kind != CXD_KIND_OBJECT && content->value.kind != CXD_KIND_LIST) {
        return CXD_OK;
    }
    r = edit_expand(e, content);
    for (struct cxd_node *at = content->first; at != NULL && r == CXD_OK; at = at->next) {
        r = keys_expand(e, at);
        if (r == CXD_OK && content->value.kind == CXD_KIND_OBJECT) {
            struct cxd_bytes key = {at->key, at->key_len};
            struct edit_spot spot;
            struct path path;
            r = edit_path(e, key, &path);
            r = r != CXD_OK ? r : edit_find_in(e, &into, &path, &spot);
            if (r == 1 && spot.node->value.kind == CXD_KIND_OBJECT &&
                at->value.kind == CXD_KIND_OBJECT) {
                r = edit_merge(e, spot.node, at, true);
            } else if (r >= 0 && r != EDIT_FAILED) {
                r = edit_put_in(e, &into, &path, at);
            }
        }
    }
    if (r == CXD_OK && content->value.kind == CXD_KIND_OBJECT) {
        content->first = into.first;
        content->last = into.last;
    }
    return r;
}

static int id_take(struct edit *e, const struct decode_json_fields *p, struct cxd_node *content)
{
    struct edit_spot spot;
    struct cxd_bytes text;
    int r = content->value.kind == CXD_KIND_OBJECT && p->id_key.len > 0
                ? edit_member(e, content, p->id_key, &spot)
                : 0;

    if (r != 1 || spot.node->value.kind != CXD_KIND_STRING) {
        return r < 0 ? r : CXD_OK;
    }
    r = e->host->value_text(e->event, &spot.node->value, &text);
    if (r != CXD_OK) {
        return r == CXD_MALFORMED ? CXD_OK : r;
    }
    e->host->event_set_id(e->event, text);
    return edit_remove(e, &spot);
}

static int content_put(struct edit *e, struct decode_json_fields *p, const struct path *field,
                       const struct cxd_node *content)
{
    if (!p->has_target) {
        return edit_put(e, field, content);
    }
    if (p->target.count > 0) {
        return edit_put(e, &p->target, content);
    }
    return content->value.kind == CXD_KIND_OBJECT
               ? edit_merge(e, e->root, content, p->base.overwrites)
               : edit_fail(e, "no object, so it cannot be merged into the document");
}

static int field_decode(struct edit *e, struct decode_json_fields *p, const struct path *field,
                        struct cxd_bytes *ret_text)
{
    struct edit_spot spot;
    struct cxd_node content;
    int r = edit_find(e, field, &spot);

    if (r != 1 || spot.node->value.kind != CXD_KIND_STRING) {
        return r < 0 ? r : CXD_OK; /* absent, or decoded already */
    }
    r = edit_text(e, field, &spot.node->value, ret_text);
    r = r != CXD_OK ? r : text_decode(e, *ret_text, &content);
    r = r != CXD_OK ? r : inner_decode(e, p, &content, p->max_depth - 1);
    r = r != CXD_OK || !p->expands_keys ? r : keys_expand(e, &content);
    r = r != CXD_OK ? r : id_take(e, p, &content);
    return r != CXD_OK ? r : content_put(e, p, field, &content);
}

static int error_put(struct edit *e, struct decode_json_fields *p, const struct path *field,
                     struct cxd_bytes text)
{
    struct cxd_bytes why = {e->base->why, strlen(e->base->why)};
    int r = CXD_OK;

    e->host->count(e->base->self, "processor_failures_total", 1);
    if (!p->adds_error) {
        return CXD_OK;
    }
    why = edit_keep(e, why);
    if (why.ptr == NULL) {
        return edit_lack(e);
    }
    r = edit_put_value(e, &p->error_message, edit_text_value(why));
    r = r != CXD_OK ? r : edit_put_value(e, &p->error_data, edit_text_value(text));
    r = r != CXD_OK ? r : edit_put_value(e, &p->error_field, edit_text_value(field->name));
    return r == EDIT_FAILED ? CXD_OK : r;
}

static int decode_json_fields_run(struct edit *e)
{
    struct decode_json_fields *p = (struct decode_json_fields *)e->base;
    int r = CXD_OK;

    e->is_undoable = false; /* what fails has changed nothing yet */
    for (size_t i = 0; i < p->count && r == CXD_OK; i++) {
        struct cxd_bytes text = {"", 0};
        r = field_decode(e, p, &p->fields[i], &text);
        r = r == EDIT_FAILED ? error_put(e, p, &p->fields[i], text) : r;
    }
    return r;
}

static const struct cxd_option decode_json_fields_options[] = {
    {.name = "fields",
     .type = CXD_OPTION_STRING_LIST,
     .flags = CXD_OPTION_REQUIRED,
     .help = "Texts that hold JSON; absent ones are passed over."},
    {.name = "process_array",
     .type = CXD_OPTION_BOOL,
     .default_value = "false",
     .help = "true: JSON in texts of lists is decoded too, as deep as max_depth says."},
    {.name = "max_depth",
     .type = CXD_OPTION_INT,
     .default_value = "1",
     .help = "How many levels of JSON in texts of JSON are decoded, 1 to 64."},
    {.name = "target",
     .type = CXD_OPTION_STRING,
     .help = "Where the result goes; \"\": merged into the document; absent: into the field."},
    OPTION_OVERWRITE_KEYS,
    {.name = "expand_keys",
     .type = CXD_OPTION_BOOL,
     .default_value = "false",
     .help = "true: dotted keys of the JSON become objects."},
    {.name = "add_error_key",
     .type = CXD_OPTION_BOOL,
     .default_value = "false",
     .help = "true: what cannot be decoded is told in error.message, error.data and error.field."},
    {.name = "document_id",
     .type = CXD_OPTION_STRING,
     .help = "Key of the JSON whose text becomes the document's id, and is taken out."},
    {.name = NULL},
};

BASE_MODULE(decode_json_fields, NULL, "decodes JSON inside texts", NULL)
