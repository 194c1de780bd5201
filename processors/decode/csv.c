/* csv.c: decode_csv_fields: a line of comma-separated values as a list. Quotes as lazy writers put them are understood. */
#include "lib/edit.h"
#include "lib/template.h"

#include <string.h>

#define SEPARATOR_MAX 4 /* bytes of one character */

struct csv_field {
    struct path from;
    struct path to;
    bool is_in_place;
};

struct decode_csv_fields {
    struct base base;
    struct csv_field *fields;
    size_t count;
    struct cxd_bytes separator;
    bool trims;
};

static int csv_fields_read(struct decode_csv_fields *p, const struct cxd_node *content,
                           struct cxd_error *err)
{
    struct base *b = &p->base;
    size_t count = 0;
    int r = CXD_OK;

    for (const struct cxd_node *at = content->first; at != NULL; at = at->next) {
        count++;
    }
    p->fields = base_alloc(b, count * sizeof *p->fields);
    if (p->fields == NULL) {
        return base_lack(err);
    }
    for (const struct cxd_node *at = content->first; at != NULL && r == CXD_OK; at = at->next) {
        struct csv_field *field = &p->fields[p->count++];
        if (at->value.kind != CXD_KIND_STRING) {
            return cxd_error_set(err, CXD_CONFIG, "fields: expected source: target");
        }
        r = path_read(b, (struct cxd_bytes){at->key, at->key_len}, &field->from, err);
        r = r != CXD_OK
                ? r
                : path_read(b, (struct cxd_bytes){at->value.ptr, at->value.len}, &field->to, err);
        field->is_in_place = r == CXD_OK && strcmp(field->from.name.ptr, field->to.name.ptr) == 0;
    }
    return r;
}

static int decode_csv_fields_open(struct base *b, struct cxd_bytes options, struct cxd_error *err)
{
    struct decode_csv_fields *p = (struct decode_csv_fields *)b;
    struct cxd_scalar fields = b->host->doc_get(options, "fields");
    struct cxd_bytes separator = base_text(b, options, "separator");
    struct cxd_node content;
    int r;

    if (fields.type != CXD_DOCUMENT || fields.count == 0) {
        return cxd_error_set(err, CXD_CONFIG, "fields: expected source: target");
    }
    if (separator.len == 0 || separator.len > SEPARATOR_MAX || separator.ptr[0] == '"' ||
        separator.ptr[0] == '\n' || separator.ptr[0] == '\r' ||
        (separator.len > 1 && ((unsigned char)separator.ptr[0] < 0xc0))) {
        return cxd_error_set(err, CXD_CONFIG, "separator: expected one character, no quote");
    }
    p->trims = base_bool(b, options, "trim_leading_space");
    p->separator = (struct cxd_bytes){base_copy(b, separator), separator.len};
    if (p->separator.ptr == NULL) {
        return base_lack(err);
    }
    r = template_flatten(b, fields.bytes, &content, err);
    return r != CXD_OK ? r : csv_fields_read(p, &content, err);
}

struct csv {
    struct edit *e;
    const struct decode_csv_fields *p;
    struct cxd_bytes text;
    size_t at;
    struct cxd_node list;
    bool is_over; /* the record's end was seen */
};

static bool is_separator(const struct csv *csv, size_t at)
{
    return csv->text.len - at >= csv->p->separator.len &&
           memcmp(csv->text.ptr + at, csv->p->separator.ptr, csv->p->separator.len) == 0;
}

/* \n, \r\n, or the end of the text: its length; SIZE_MAX: none of them. */
static size_t line_end(const struct csv *csv, size_t at)
{
    if (at == csv->text.len) {
        return 0;
    }
    if (csv->text.ptr[at] == '\n') {
        return 1;
    }
    return csv->text.ptr[at] == '\r' && (at + 1 == csv->text.len || csv->text.ptr[at + 1] == '\n')
               ? 1
               : SIZE_MAX;
}

/* Behind a value: a separator, or the end of the record. */
static bool value_end(struct csv *csv)
{
    if (line_end(csv, csv->at) != SIZE_MAX) {
        csv->is_over = true;
        return true;
    }
    if (is_separator(csv, csv->at)) {
        csv->at += csv->p->separator.len;
        return true;
    }
    return false;
}

/* Behind the opening quote. A quote that nothing but text follows is one of the text's own. */
static int quoted_read(struct csv *csv, struct edit_out *out)
{
    int r = CXD_OK;

    while (r == CXD_OK && csv->at < csv->text.len) {
        const char *quote = memchr(csv->text.ptr + csv->at, '"', csv->text.len - csv->at);
        size_t end = quote != NULL ? (size_t)(quote - csv->text.ptr) : csv->text.len;
        r = edit_out_add(csv->e, out, (struct cxd_bytes){csv->text.ptr + csv->at, end - csv->at});
        if (r != CXD_OK || quote == NULL) {
            csv->at = end;
            break;
        }
        csv->at = end + 1;
        if (csv->at < csv->text.len && csv->text.ptr[csv->at] == '"') {
            csv->at++;
        } else if (value_end(csv)) {
            return r;
        }
        r = edit_out_add(csv->e, out, CXD_LIT("\""));
    }
    csv->is_over = true;
    return r;
}

static void plain_read(struct csv *csv, struct edit_out *out)
{
    size_t start = csv->at;

    while (line_end(csv, csv->at) == SIZE_MAX && !is_separator(csv, csv->at)) {
        csv->at++;
    }
    *out =
        (struct edit_out){.ptr = (char *)(uintptr_t)csv->text.ptr + start, .len = csv->at - start};
    (void)value_end(csv);
}

static int value_read(struct csv *csv)
{
    static const struct cxd_bytes none = {NULL, 0};
    struct edit_out out = {0};
    struct cxd_node content = {0};
    int r = CXD_OK;

    while (csv->p->trims && csv->at < csv->text.len &&
           (csv->text.ptr[csv->at] == ' ' || csv->text.ptr[csv->at] == '\t')) {
        csv->at++;
    }
    if (csv->at < csv->text.len && csv->text.ptr[csv->at] == '"') {
        csv->at++;
        r = quoted_read(csv, &out);
    } else {
        plain_read(csv, &out);
    }
    content.value = edit_text_value((struct cxd_bytes){out.ptr, out.len});
    return r == CXD_OK ? edit_append(csv->e, &csv->list, none, &content) : r;
}

/* The first line that is not empty. The list is made beside the event: what is done to it needs no way back. */
static int record_read(struct csv *csv)
{
    bool is_undoable = csv->e->is_undoable;
    int r = CXD_OK;

    while (csv->at < csv->text.len && line_end(csv, csv->at) != SIZE_MAX) {
        csv->at++;
    }
    if (csv->at == csv->text.len) {
        return edit_fail(csv->e, "nothing in it");
    }
    csv->e->is_undoable = false;
    while (r == CXD_OK && !csv->is_over) {
        r = value_read(csv);
    }
    csv->e->is_undoable = is_undoable;
    return r;
}

static int csv_field_decode(struct edit *e, struct decode_csv_fields *p,
                            const struct csv_field *field)
{
    struct csv csv = {
        .e = e, .p = p, .list = {.value = {.kind = CXD_KIND_LIST, .flags = CXD_VALUE_TREE}}};
    struct edit_spot spot;
    struct edit_spot there;
    int r = edit_find(e, &field->from, &spot);

    if (r <= 0) {
        return r < 0 ? r : edit_missing(e, &field->from);
    }
    r = edit_text(e, &field->from, &spot.node->value, &csv.text);
    r = r != CXD_OK ? r : record_read(&csv);
    if (r != CXD_OK) {
        return r;
    }
    r = p->base.overwrites || field->is_in_place ? 0 : edit_find(e, &field->to, &there);
    if (r == 1) {
        return edit_fail(e, "field %.200s is there already", field->to.name.ptr);
    }
    return r < 0 ? r : edit_put(e, &field->to, &csv.list);
}

static int decode_csv_fields_run(struct edit *e)
{
    struct decode_csv_fields *p = (struct decode_csv_fields *)e->base;
    int r = CXD_OK;

    for (size_t i = 0; i < p->count && r == CXD_OK; i++) {
        r = edit_next(e, csv_field_decode(e, p, &p->fields[i]));
    }
    return r;
}

static const struct cxd_option decode_csv_fields_options[] = {
    {.name = "fields",
     .type = CXD_OPTION_ANY,
     .flags = CXD_OPTION_REQUIRED,
     .help = "Fields with a line of values, each with the field for its list."},
    {.name = "separator",
     .type = CXD_OPTION_STRING,
     .default_value = ",",
     .help = "Character between values."},
    {.name = "trim_leading_space",
     .type = CXD_OPTION_BOOL,
     .default_value = "false",
     .help = "true: blanks before a value do not belong to it."},
    OPTION_IGNORE_MISSING,
    OPTION_OVERWRITE_KEYS,
    OPTION_FAIL_ON_ERROR,
    {.name = NULL},
};

BASE_MODULE(decode_csv_fields, NULL, "makes lists of comma-separated values", NULL)
