/* eql_call.c: the functions of conditions, as a table. Pure but for the arena. */
#include "config/eql_value.h"

#include "base/buf.h"
#include "base/cleanup.h"
#include "config/number.h"
#include "io/regex.h"

#include <string.h>

#define TEXT_MAX 65536

static int give_number(struct eql *e, double number, struct eql_value **ret_value)
{
    struct eql_value *v = eql_new(e, EQL_NUMBER);

    if (v == NULL) {
        return e->err->status;
    }
    v->number = number;
    *ret_value = v;
    return CXD_OK;
}

typedef int (*function_fn)(struct eql *e, const char *name, const struct eql_value *a,
                           struct eql_value **ret_value);

static int call_array_contains(struct eql *e, const char *name, const struct eql_value *a,
                               struct eql_value **ret_value)
{
    bool is_in = false;

    if (a->kind != EQL_LIST && a->kind != EQL_NULL) {
        return eql_fail(e, CXD_CONFIG, "%s needs a list first, not %s", name,
                        eql_kind_name(a->kind));
    }
    for (const struct eql_value *x = a->first; x != NULL && !is_in; x = x->next) {
        for (const struct eql_value *wanted = a->next; wanted != NULL; wanted = wanted->next) {
            is_in = is_in || eql_is_same(x, wanted, 32);
        }
    }
    return eql_bool(e, is_in, ret_value);
}

static int call_has_key(struct eql *e, const char *name, const struct eql_value *a,
                        struct eql_value **ret_value)
{
    bool is_in = false;

    if (a->kind != EQL_MAP && a->kind != EQL_NULL) {
        return eql_fail(e, CXD_CONFIG, "%s needs a dictionary first, not %s", name,
                        eql_kind_name(a->kind));
    }
    for (const struct eql_value *key = a->next; key != NULL && !is_in; key = key->next) {
        is_in = key->kind == EQL_TEXT && eql_member(a, key->text) != NULL;
    }
    return eql_bool(e, is_in, ret_value);
}

static int call_length(struct eql *e, const char *name, const struct eql_value *a,
                       struct eql_value **ret_value)
{
    if (a->kind == EQL_BOOL || a->kind == EQL_NUMBER) {
        return eql_fail(e, CXD_CONFIG, "%s of %s", name, eql_kind_name(a->kind));
    }
    return give_number(e, a->kind == EQL_TEXT ? (double)a->len : (double)eql_count(a->first),
                       ret_value);
}

static int call_calculate(struct eql *e, const char *name, const struct eql_value *a,
                          struct eql_value **ret_value)
{
    return eql_calculate(e,
                         name[0] == 'a'   ? '+'
                         : name[0] == 's' ? '-'
                         : name[0] == 'd' ? '/'
                         : name[1] == 'u' ? '*'
                                          : '%',
                         a, a->next, ret_value);
}

static int text_add(struct buf *out, const struct eql_value *v)
{
    switch (v->kind) {
    case EQL_NULL:
        return buf_add_text(out, "null");
    case EQL_BOOL:
        return buf_add_text(out, v->is_true ? "true" : "false");
    case EQL_NUMBER:
        return buf_add_format(out, "%.15g", v->number);
    case EQL_TEXT:
        return buf_add(out, v->text, v->len);
    default:
        return CXD_CONFIG;
    }
}

static int call_concat(struct eql *e, const char *name, const struct eql_value *a,
                       struct eql_value **ret_value)
{
    _cleanup_(buf_done) struct buf out;

    buf_init(&out, TEXT_MAX);
    for (; a != NULL; a = a->next) {
        int r = text_add(&out, a);
        if (r != CXD_OK) {
            return eql_fail(e, r,
                            r == CXD_CONFIG ? "%s: lists and dictionaries are no texts"
                                            : "%s: more than 64 KiB, or out of memory",
                            name);
        }
    }
    *ret_value = eql_text(e, out.ptr != NULL ? out.ptr : "", out.len);
    return *ret_value != NULL ? CXD_OK : e->err->status;
}

static const char *found(const struct eql_value *a, const struct eql_value *b)
{
    return b->len == 0 ? a->text : memmem(a->text, a->len, b->text, b->len);
}

/* startsWith, endsWith, stringContains, indexOf: two texts; null has nothing in it. */
static int call_search(struct eql *e, const char *name, const struct eql_value *a,
                       struct eql_value **ret_value)
{
    const struct eql_value *b = a->next;
    bool has_text = a->kind == EQL_TEXT;
    bool fits;
    const char *at;

    if ((!has_text && a->kind != EQL_NULL) || b->kind != EQL_TEXT) {
        return eql_fail(e, CXD_CONFIG, "%s needs two texts, not %s and %s", name,
                        eql_kind_name(a->kind), eql_kind_name(b->kind));
    }
    fits = has_text && b->len <= a->len;
    at = fits ? found(a, b) : NULL;
    switch (name[0]) {
    case 'i':
        return give_number(e, at != NULL ? (double)(at - a->text) : -1, ret_value);
    case 'e':
        return eql_bool(e, fits && memcmp(a->text + a->len - b->len, b->text, b->len) == 0,
                        ret_value);
    default:
        return eql_bool(e,
                        name[3] == 'r' && name[2] == 'a' ? at != NULL && at == a->text : at != NULL,
                        ret_value);
    }
}

static int match_one(struct eql *e, const struct eql_value *text, const struct eql_value *pattern)
{
    struct cxd_error why = CXD_ERROR_INIT;
    struct cxd_regex *re = NULL;
    int r;

    if (pattern->kind != EQL_TEXT) {
        return eql_fail(e, CXD_CONFIG, "match: a pattern is a text");
    }
    r = regex_new(pattern->text, &re, &why);
    if (r != CXD_OK) {
        return eql_fail(e, CXD_CONFIG, "match: %s", why.text);
    }
    r = regex_match(re, (struct cxd_bytes){text->text, text->len});
    regex_free(re);
    return r >= 0 ? r : eql_fail(e, CXD_CONFIG, "match: the pattern takes too long");
}

static int call_match(struct eql *e, const char *name, const struct eql_value *a,
                      struct eql_value **ret_value)
{
    int r = 0;

    if (a->kind != EQL_TEXT && a->kind != EQL_NULL) {
        return eql_fail(e, CXD_CONFIG, "%s needs a text first, not %s", name,
                        eql_kind_name(a->kind));
    }
    for (const struct eql_value *p = a->next; p != NULL && r == 0 && a->kind == EQL_TEXT;
         p = p->next) {
        r = match_one(e, a, p);
    }
    return r < 0 ? r : eql_bool(e, r == 1, ret_value);
}

static int call_number(struct eql *e, const char *name, const struct eql_value *a,
                       struct eql_value **ret_value)
{
    double number = 0;

    if (a->kind == EQL_NUMBER) {
        return give_number(e, a->number, ret_value);
    }
    if (a->kind != EQL_TEXT || number_double(a->text, &number) != CXD_OK) {
        return eql_fail(e, CXD_CONFIG, "%s of %s that is none", name, eql_kind_name(a->kind));
    }
    return give_number(e, number, ret_value);
}

struct function {
    const char *name;
    unsigned min;
    unsigned max;
    function_fn call;
};

static const struct function functions[] = {
    {"arrayContains", 2, 100, call_array_contains},
    {"hasKey", 2, 100, call_has_key},
    {"length", 1, 1, call_length},
    {"add", 2, 2, call_calculate},
    {"subtract", 2, 2, call_calculate},
    {"multiply", 2, 2, call_calculate},
    {"divide", 2, 2, call_calculate},
    {"modulo", 2, 2, call_calculate},
    {"concat", 2, 100, call_concat},
    {"startsWith", 2, 2, call_search},
    {"endsWith", 2, 2, call_search},
    {"indexOf", 2, 2, call_search},
    {"stringContains", 2, 2, call_search},
    {"match", 2, 100, call_match},
    {"number", 1, 1, call_number},
    {"string", 1, 1, call_concat},
};

int eql_call(struct eql *e, const char *name, size_t len, const struct eql_value *args,
             struct eql_value **ret_value)
{
    for (size_t i = 0; i < sizeof functions / sizeof functions[0]; i++) {
        const struct function *f = &functions[i];
        if (strlen(f->name) != len || memcmp(f->name, name, len) != 0) {
            continue;
        }
        if (eql_count(args) < f->min || eql_count(args) > f->max) {
            return eql_fail(e, CXD_CONFIG, "%s: expected %u%s argument%s, not %zu", f->name, f->min,
                            f->max > f->min ? " or more" : "", f->min > 1 ? "s" : "",
                            eql_count(args));
        }
        return f->call(e, f->name, args, ret_value);
    }
    return eql_fail(e, CXD_CONFIG, "there is no function \"%.*s\"", (int)(len > 60 ? 60 : len),
                    name);
}
