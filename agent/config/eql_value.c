/* eql_value.c: values of conditions, compared and computed. Pure but for the arena. */
#include "config/eql_value.h"

#include "config/number.h"

#include "config/eql.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int eql_fail(struct eql *e, int status, const char *format, ...)
{
    char text[240];
    va_list args;

    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args); /* a cut message is still a message */
    va_end(args);
    return cxd_error_set(e->err, status, "condition, at byte %td: %s", e->at - e->start + 1, text);
}

struct eql_value *eql_new(struct eql *e, enum eql_kind kind)
{
    struct eql_value *v = NULL;

    if (++e->steps > EQL_MAX_STEPS) {
        (void)eql_fail(e, CXD_TOO_LARGE, "more than 10000 values");
        return NULL;
    }
    v = arena_alloc(e->arena, sizeof *v);
    if (v == NULL) {
        (void)eql_fail(e, CXD_NOMEM, "out of memory");
        return NULL;
    }
    *v = (struct eql_value){.kind = kind};
    return v;
}

struct eql_value *eql_text(struct eql *e, const char *ptr, size_t len)
{
    struct eql_value *v = eql_new(e, EQL_TEXT);

    if (v == NULL) {
        return NULL;
    }
    v->text = arena_copy(e->arena, ptr, len);
    v->len = len;
    if (v->text == NULL) {
        (void)eql_fail(e, CXD_NOMEM, "out of memory");
        return NULL;
    }
    return v;
}

const char *eql_kind_name(enum eql_kind kind)
{
    static const char *const names[] = {"null",   "a boolean", "a number",
                                        "a text", "a list",    "a dictionary"};

    return names[kind];
}

const struct eql_value *eql_member(const struct eql_value *map, const char *key)
{
    for (const struct eql_value *v = map->first; v != NULL; v = v->next) {
        if (strcmp(v->key, key) == 0) {
            return v;
        }
    }
    return NULL;
}

size_t eql_count(const struct eql_value *v)
{
    size_t n = 0;

    for (; v != NULL; v = v->next) {
        n++;
    }
    return n;
}

static bool is_same_inside(const struct eql_value *a, const struct eql_value *b, int depth)
{
    if (eql_count(a->first) != eql_count(b->first) || depth <= 0) {
        return false;
    }
    for (const struct eql_value *x = a->first, *y = b->first; x != NULL; x = x->next) {
        const struct eql_value *other = a->kind == EQL_MAP ? eql_member(b, x->key) : y;
        if (other == NULL || !eql_is_same(x, other, depth - 1)) {
            return false;
        }
        y = y->next;
    }
    return true;
}

bool eql_is_same(const struct eql_value *a, const struct eql_value *b, int depth)
{
    if (a->kind != b->kind) {
        return false;
    }
    switch (a->kind) {
    case EQL_NULL:
        return true;
    case EQL_BOOL:
        return a->is_true == b->is_true;
    case EQL_NUMBER:
        return !(a->number < b->number) && !(a->number > b->number);
    case EQL_TEXT:
        return a->len == b->len && memcmp(a->text, b->text, a->len) == 0;
    default:
        return is_same_inside(a, b, depth);
    }
}

int eql_calculate(struct eql *e, char op, const struct eql_value *a, const struct eql_value *b,
                  struct eql_value **ret_value)
{
    struct eql_value *v;

    if (a->kind != EQL_NUMBER || b->kind != EQL_NUMBER) {
        return eql_fail(e, CXD_CONFIG, "%c needs two numbers, not %s and %s", op,
                        eql_kind_name(a->kind), eql_kind_name(b->kind));
    }
    if ((op == '/' || op == '%') && fpclassify(b->number) == FP_ZERO) {
        return eql_fail(e, CXD_CONFIG, "division by zero");
    }
    v = eql_new(e, EQL_NUMBER);
    if (v == NULL) {
        return e->err->status;
    }
    v->number = op == '+'   ? a->number + b->number
                : op == '-' ? a->number - b->number
                : op == '*' ? a->number * b->number
                : op == '/' ? a->number / b->number
                            : fmod(a->number, b->number);
    /* whole numbers divide as whole numbers do */
    if (op == '/' && trunc(a->number) - a->number >= 0 && trunc(b->number) - b->number >= 0) {
        v->number = trunc(v->number);
    }
    *ret_value = v;
    return CXD_OK;
}

int eql_bool(struct eql *e, bool is_true, struct eql_value **ret_value)
{
    struct eql_value *v = eql_new(e, EQL_BOOL);

    if (v == NULL) {
        return e->err->status;
    }
    v->is_true = is_true;
    *ret_value = v;
    return CXD_OK;
}

/* Less than zero, zero, or more, by number or by bytes. */
static int order(struct eql *e, const struct eql_value *a, const struct eql_value *b,
                 int *ret_order)
{
    if (a->kind == EQL_NUMBER && b->kind == EQL_NUMBER) {
        *ret_order = (a->number > b->number) - (a->number < b->number);
        return CXD_OK;
    }
    if (a->kind == EQL_TEXT && b->kind == EQL_TEXT) {
        *ret_order = strcmp(a->text, b->text);
        return CXD_OK;
    }
    return eql_fail(e, CXD_CONFIG, "%s and %s have no order", eql_kind_name(a->kind),
                    eql_kind_name(b->kind));
}

int eql_compare(struct eql *e, int sign, const struct eql_value *a, const struct eql_value *b,
                struct eql_value **ret_value)
{
    int o = 0;
    int r;

    if (sign < 2) {
        return eql_bool(e, eql_is_same(a, b, 32) == (sign == 0), ret_value);
    }
    r = order(e, a, b, &o);
    return r != CXD_OK ? r
                       : eql_bool(e,
                                  sign == 2   ? o <= 0
                                  : sign == 3 ? o >= 0
                                  : sign == 4 ? o < 0
                                              : o > 0,
                                  ret_value);
}

static int scalar_take(struct eql *e, const struct conf *node, struct eql_value **ret_value)
{
    struct eql_value *value;
    double number = 0;
    bool is_number = !node->quoted && number_double(node->text, &number) == CXD_OK;
    bool is_bool =
        !node->quoted && (strcmp(node->text, "true") == 0 || strcmp(node->text, "false") == 0);

    value = conf_is_null(node) ? eql_new(e, EQL_NULL)
            : is_number        ? eql_new(e, EQL_NUMBER)
            : is_bool          ? eql_new(e, EQL_BOOL)
                               : eql_text(e, node->text, node->len);
    if (value == NULL) {
        return e->err->status;
    }
    value->number = number;
    value->is_true = is_bool && node->text[0] == 't';
    *ret_value = value;
    return CXD_OK;
}

int eql_node(struct eql *e, const struct conf *node, struct eql_value **ret_value)
{
    struct eql_value **end;

    if (node->kind == CONF_SCALAR) {
        return scalar_take(e, node, ret_value);
    }
    *ret_value = eql_new(e, node->kind == CONF_MAP ? EQL_MAP : EQL_LIST);
    if (*ret_value == NULL) {
        return e->err->status;
    }
    end = &(*ret_value)->first;
    for (const struct conf *c = node->first; c != NULL; c = c->next) {
        int r = eql_node(e, c, end);
        if (r != CXD_OK) {
            return r;
        }
        (*end)->key = c->key;
        end = &(*end)->next;
    }
    return CXD_OK;
}
