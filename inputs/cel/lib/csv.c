/* csv.c: CSV as Go's encoding/csv reads it: all rows of one length, quotes doubled inside quoted fields. */
#include "../lang/dict.h"
#include "media.h"

#define FIELDS_MAX 4096u

struct csv {
    struct run *run;
    struct cxd_bytes data;
    size_t at;
    uint32_t line;
    struct value fields[FIELDS_MAX];
    uint32_t count;
};

static struct value fail(struct csv *c, const char *what)
{
    return run_fail(c->run, "parse error on line %u: %s", c->line, what);
}

static bool is_end(const struct csv *c)
{
    return c->at >= c->data.len || c->data.ptr[c->at] == '\n' ||
           (c->data.ptr[c->at] == '\r' && c->at + 1 < c->data.len &&
            c->data.ptr[c->at + 1] == '\n');
}

/* at is behind the opening quote. A value or an error. */
static struct value quoted_field(struct csv *c)
{
    struct sink out = sink_on(c->run->pool);

    for (;; c->at++) {
        if (c->at >= c->data.len) {
            return fail(c, "extraneous or missing \" in quoted-field");
        }
        char ch = c->data.ptr[c->at];
        if (ch == '"') {
            if (c->at + 1 >= c->data.len || c->data.ptr[c->at + 1] != '"') {
                break;
            }
            c->at++;
        }
        c->line += ch == '\n' ? 1 : 0;
        sink_char(&out, ch);
    }
    c->at++;
    if (!is_end(c) && c->data.ptr[c->at] != ',') {
        return fail(c, "extraneous or missing \" in quoted-field");
    }
    return run_text(c->run, &out);
}

static struct value field(struct csv *c)
{
    size_t start = c->at;

    if (c->at < c->data.len && c->data.ptr[c->at] == '"') {
        c->at++;
        return quoted_field(c);
    }
    while (!is_end(c) && c->data.ptr[c->at] != ',') {
        if (c->data.ptr[c->at] == '"') {
            return fail(c, "bare \" in non-quoted-field");
        }
        c->at++;
    }
    return value_string(c->data.ptr + start, c->at - start);
}

static void line_end(struct csv *c)
{
    if (c->at < c->data.len && c->data.ptr[c->at] == '\r') {
        c->at++;
    }
    c->at += c->at < c->data.len ? 1 : 0;
    c->line++;
}

/* The next row into c->fields: 1, 0 at the end, or -1 and *ret_problem. Empty lines are skipped. */
static int row(struct csv *c, struct value *ret_problem)
{
    while (c->at < c->data.len && is_end(c)) {
        line_end(c);
    }
    if (c->at >= c->data.len) {
        return 0;
    }
    for (c->count = 0;;) {
        struct value v = c->count < FIELDS_MAX ? field(c) : fail(c, "too many fields");
        if (value_is_error(v)) {
            *ret_problem = v;
            return -1;
        }
        c->fields[c->count++] = v;
        if (is_end(c)) {
            line_end(c);
            return 1;
        }
        c->at++; /* the comma */
    }
}

/* A row as a list, or as a map by the names. */
static struct value row_value(struct csv *c, const struct value *names)
{
    struct value *items;
    struct dict *dict;

    if (names == NULL) {
        items = run_items(c->run, c->count);
        if (items == NULL) {
            return run_fatal(c->run);
        }
        memcpy(items, c->fields, c->count * sizeof *items);
        return value_list(items, c->count);
    }
    dict = run_spend(c->run, c->count) ? dict_new(c->run->pool, c->count) : NULL;
    if (dict == NULL) {
        return c->run->fatal != NULL ? run_fatal(c->run) : run_out_of_memory(c->run);
    }
    for (uint32_t i = 0; i < c->count; i++) {
        (void)dict_put(dict, names[i], c->fields[i]);
    }
    return value_map(dict);
}

static struct value rows(struct csv *c, const struct value *names, uint32_t width)
{
    struct value *items = NULL;
    struct value problem = value_null();
    size_t count = 0;
    size_t room = 0;
    int found;

    while ((found = row(c, &problem)) == 1) {
        if (width > 0 && c->count != width) {
            return run_fail(c->run, "record on line %u: wrong number of fields", c->line - 1);
        }
        width = c->count;
        if (count == room) {
            struct value *more = run_items(c->run, room = room * 2 + 16);
            if (more == NULL) {
                return run_fatal(c->run);
            }
            if (count > 0) {
                memcpy(more, items, count * sizeof *items);
            }
            items = more;
        }
        items[count] = row_value(c, names);
        if (value_is_error(items[count++])) {
            return items[count - 1];
        }
    }
    return found < 0 ? problem : value_list(items, count);
}

struct value media_csv(struct run *run, struct cxd_bytes data, bool with_header)
{
    struct csv *c = pool_alloc(run->pool, sizeof *c);
    struct value problem = value_null();
    struct value names;
    int found;

    if (c == NULL) {
        return run_out_of_memory(run);
    }
    c->run = run;
    c->data = data;
    c->at = 0;
    c->line = 1;
    c->count = 0;
    if (!with_header) {
        return rows(c, NULL, 0);
    }
    found = row(c, &problem);
    if (found <= 0) {
        return found < 0 ? problem : value_list(NULL, 0);
    }
    names = row_value(c, NULL);
    return value_is_error(names) ? names : rows(c, names.items, names.len);
}
