/* json_read.c: a recursive reader; members and elements wait on a stack until their container is complete. */
#include "../lang/dict.h"
#include "json_inner.h"

#include <stdlib.h>

static void skip_blank(struct json_reader *r)
{
    while (r->at < r->end &&
           (*r->at == ' ' || *r->at == '\n' || *r->at == '\t' || *r->at == '\r')) {
        r->at++;
    }
}

static bool push(struct json_reader *r, struct value v)
{
    if (r->top == r->room) {
        size_t room = r->room == 0 ? 64 : r->room * 2;
        struct value *stack = NULL;
        if (room * sizeof *stack <= r->run->pool->limit) {
            stack = realloc(r->stack, room * sizeof *stack);
        }
        if (stack == NULL) {
            return json_inner_no_memory(r);
        }
        r->stack = stack;
        r->room = room;
    }
    r->stack[r->top++] = v;
    return true;
}

static bool read_value(struct json_reader *r, struct value *ret);

static bool read_list(struct json_reader *r, struct value *ret)
{
    size_t start = r->top;
    struct value v = value_null();
    struct value *items;

    r->at++;
    skip_blank(r);
    while (r->at < r->end && *r->at != ']') {
        if (!read_value(r, &v) || !push(r, v)) {
            return false;
        }
        skip_blank(r);
        if (r->at < r->end && *r->at == ',') {
            r->at++;
            skip_blank(r);
            if (r->at < r->end && *r->at == ']') {
                return json_inner_fail(r, "looking for beginning of value");
            }
        } else if (r->at >= r->end || *r->at != ']') {
            return json_inner_fail(r, "after array element");
        }
    }
    if (r->at >= r->end) {
        return json_inner_fail(r, "");
    }
    r->at++;
    items = run_items(r->run, r->top - start);
    if (items == NULL) {
        r->problem = run_fatal(r->run);
        return false;
    }
    if (r->top > start) {
        memcpy(items, r->stack + start, (r->top - start) * sizeof *items);
    }
    *ret = value_list(items, r->top - start);
    r->top = start;
    return true;
}

static bool read_member(struct json_reader *r)
{
    struct value key = value_null();
    struct value v = value_null();

    if (*r->at != '"') {
        return json_inner_fail(r, "looking for beginning of object key string");
    }
    if (!json_inner_string(r, &key)) {
        return false;
    }
    skip_blank(r);
    if (r->at >= r->end || *r->at != ':') {
        return json_inner_fail(r, "after object key");
    }
    r->at++;
    return read_value(r, &v) && push(r, key) && push(r, v);
}

static bool dict_make(struct json_reader *r, size_t start, struct value *ret)
{
    size_t count = (r->top - start) / 2;
    struct dict *dict;

    if (!run_spend(r->run, 1 + count)) {
        r->problem = run_fatal(r->run);
        return false;
    }
    dict = dict_new(r->run->pool, count);
    if (dict == NULL) {
        return json_inner_no_memory(r);
    }
    for (size_t i = start; i < r->top; i += 2) {
        (void)dict_put(dict, r->stack[i], r->stack[i + 1]); /* the last of one name counts */
    }
    r->top = start;
    *ret = value_map(dict);
    return true;
}

static bool read_map(struct json_reader *r, struct value *ret)
{
    size_t start = r->top;

    r->at++;
    skip_blank(r);
    while (r->at < r->end && *r->at != '}') {
        if (!read_member(r)) {
            return false;
        }
        skip_blank(r);
        if (r->at < r->end && *r->at == ',') {
            r->at++;
            skip_blank(r);
            if (r->at < r->end && *r->at == '}') {
                return json_inner_fail(r, "looking for beginning of object key string");
            }
        } else if (r->at >= r->end || *r->at != '}') {
            return json_inner_fail(r, "after object key:value pair");
        }
    }
    if (r->at >= r->end) {
        return json_inner_fail(r, "");
    }
    r->at++;
    return dict_make(r, start, ret);
}

static bool read_value(struct json_reader *r, struct value *ret)
{
    bool ok;

    skip_blank(r);
    if (r->at >= r->end) {
        return json_inner_fail(r, "");
    }
    switch (*r->at) {
    case '{':
    case '[':
        if (!run_down(r->run)) {
            r->problem = run_fatal(r->run);
            return false;
        }
        ok = *r->at == '{' ? read_map(r, ret) : read_list(r, ret);
        run_up(r->run);
        return ok;
    case '"':
        return json_inner_string(r, ret);
    case 't':
    case 'f':
    case 'n':
        return json_inner_word(r, ret);
    default:
        if (*r->at == '-' || (*r->at >= '0' && *r->at <= '9')) {
            return json_inner_number(r, ret);
        }
        return json_inner_fail(r, "looking for beginning of value");
    }
}

static struct value read_from(struct run *run, struct cxd_bytes text, size_t *at, uint32_t flags,
                              bool is_all)
{
    struct json_reader r = {
        .run = run, .at = text.ptr + *at, .end = text.ptr + text.len, .flags = flags};
    struct value v = value_null();
    bool ok;

    if (!run_spend(run, 1 + (text.len - *at) / 64)) {
        return run_fatal(run);
    }
    ok = read_value(&r, &v);
    if (ok && is_all) {
        skip_blank(&r);
        ok = r.at == r.end || json_inner_fail(&r, "after top-level value");
    }
    free(r.stack);
    *at = (size_t)(r.at - text.ptr);
    return ok ? v : r.problem;
}

struct value json_text_read(struct run *run, struct cxd_bytes text, size_t *at, uint32_t flags)
{
    return read_from(run, text, at, flags, false);
}

struct value json_text_read_all(struct run *run, struct cxd_bytes text, uint32_t flags)
{
    size_t at = 0;

    if (text.ptr == NULL) {
        text.ptr = "";
    }
    return read_from(run, text, &at, flags, true);
}
