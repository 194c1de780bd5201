/*
 * eql.c: reads and computes a condition in one pass: what `and` and `or` would not need is read all the same, so that a mistake
 * is found wherever it stands. Depth, length and number of values are bounded.
 */
#include "config/eql.h"

#include "base/buf.h"
#include "base/cleanup.h"
#include "config/eql_value.h"
#include "config/number.h"
#include "config/vars.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

static int or_read(struct eql *e, struct eql_value **ret_value);
static int compare_read(struct eql *e, struct eql_value **ret_value);

static void space_skip(struct eql *e)
{
    while (e->at < e->end && isspace((unsigned char)*e->at)) {
        e->at++;
    }
}

/* A sign of one or two letters. */
static bool sign_take(struct eql *e, const char *sign)
{
    size_t len = strlen(sign);

    space_skip(e);
    if ((size_t)(e->end - e->at) < len || memcmp(e->at, sign, len) != 0) {
        return false;
    }
    e->at += len;
    return true;
}

static bool is_name(char c)
{
    return isalnum((unsigned char)c) || c == '_';
}

/* A word such as `and`, in either case. */
static bool word_take(struct eql *e, const char *word)
{
    size_t len = strlen(word);

    space_skip(e);
    if ((size_t)(e->end - e->at) < len || strncasecmp(e->at, word, len) != 0 ||
        (e->at + len < e->end && is_name(e->at[len]))) {
        return false;
    }
    e->at += len;
    return true;
}

static int text_read(struct eql *e, struct eql_value **ret_value)
{
    _cleanup_(buf_done) struct buf out;
    char quote = *e->at;
    const char *start = ++e->at;
    int r;

    buf_init(&out, EQL_MAX_LEN);
    while (e->at < e->end && *e->at != quote) {
        e->at += *e->at == '\\' && e->at + 1 < e->end ? 2 : 1;
    }
    if (e->at >= e->end) {
        e->at = start - 1;
        return eql_fail(e, CXD_CONFIG, "a text without its closing %c", quote);
    }
    r = vars_unquote(start, (size_t)(e->at - start), &out);
    if (r != CXD_OK) {
        return eql_fail(e, r, "out of memory");
    }
    e->at++;
    *ret_value = eql_text(e, out.ptr != NULL ? out.ptr : "", out.len);
    return *ret_value != NULL ? CXD_OK : e->err->status;
}

static int variable_read(struct eql *e, struct eql_value **ret_value)
{
    struct cxd_error why = CXD_ERROR_INIT;
    struct var var;
    const char *inside = e->at + 2;
    const char *close = vars_close(inside, e->end);
    int r;

    if (close == NULL) {
        return eql_fail(e, CXD_CONFIG, "\"${\" without \"}\"");
    }
    r = vars_find(inside, (size_t)(close - inside), e->arena, &var, &why);
    if (r != CXD_OK && r != CXD_NOT_FOUND) {
        return eql_fail(e, r, "%s", why.text[0] != '\0' ? why.text : "value too long");
    }
    e->at = close + 1;
    if (r == CXD_OK && var.node != NULL) {
        return eql_node(e, var.node, ret_value);
    }
    *ret_value = r == CXD_NOT_FOUND ? eql_new(e, EQL_NULL) : eql_text(e, var.ptr, var.len);
    return *ret_value != NULL ? CXD_OK : e->err->status;
}

static int number_read(struct eql *e, struct eql_value **ret_value)
{
    char text[64];
    size_t len = 0;
    double number = 0;

    while (e->at + len < e->end && len < sizeof text - 1 &&
           (is_name(e->at[len]) || e->at[len] == '.')) {
        text[len] = e->at[len];
        len++;
    }
    text[len] = '\0';
    if (number_double(text, &number) != CXD_OK) {
        return eql_fail(e, CXD_CONFIG, "\"%s\" is no number", text);
    }
    e->at += len;
    *ret_value = eql_new(e, EQL_NUMBER);
    if (*ret_value == NULL) {
        return e->err->status;
    }
    (*ret_value)->number = number;
    return CXD_OK;
}

/* Key of a dictionary: a text or a name. */
static int key_read(struct eql *e, const char **ret_key)
{
    struct eql_value *key = NULL;
    const char *start;
    int r;

    space_skip(e);
    start = e->at;
    if (e->at < e->end && (*e->at == '\'' || *e->at == '"')) {
        r = text_read(e, &key);
    } else {
        while (e->at < e->end && is_name(*e->at)) {
            e->at++;
        }
        if (e->at == start) {
            return eql_fail(e, CXD_CONFIG, "expected a key");
        }
        key = eql_text(e, start, (size_t)(e->at - start));
        r = key != NULL ? CXD_OK : e->err->status;
    }
    if (r == CXD_OK) {
        *ret_key = key->text;
    }
    return r != CXD_OK || sign_take(e, ":") ? r : eql_fail(e, CXD_CONFIG, "expected : here");
}

/* Values between commas, up to the closing letter. */
static int values_read(struct eql *e, const char *close, bool has_keys, struct eql_value **end)
{
    bool is_first = true;

    while (!sign_take(e, close)) {
        const char *key = NULL;
        struct eql_value *copy;
        struct eql_value *v = NULL;
        int r = is_first || sign_take(e, ",")
                    ? CXD_OK
                    : eql_fail(e, CXD_CONFIG, "expected , or %s here", close);
        r = r != CXD_OK || !has_keys ? r : key_read(e, &key);
        r = r != CXD_OK ? r : or_read(e, &v);
        if (r != CXD_OK) {
            return r;
        }
        copy = eql_new(e, v->kind); /* a value may stand elsewhere already */
        if (copy == NULL) {
            return e->err->status;
        }
        *copy = *v;
        copy->key = key;
        copy->next = NULL;
        *end = copy;
        end = &copy->next;
        is_first = false;
    }
    return CXD_OK;
}

static int word_read(struct eql *e, struct eql_value **ret_value)
{
    const char *name = e->at;
    struct eql_value *args = NULL;
    size_t len;
    int r;

    if (word_take(e, "true") || word_take(e, "false")) {
        *ret_value = eql_new(e, EQL_BOOL);
        if (*ret_value != NULL) {
            (*ret_value)->is_true = e->at - name == 4;
        }
        return *ret_value != NULL ? CXD_OK : e->err->status;
    }
    if (word_take(e, "null")) {
        *ret_value = eql_new(e, EQL_NULL);
        return *ret_value != NULL ? CXD_OK : e->err->status;
    }
    while (e->at < e->end && is_name(*e->at)) {
        e->at++;
    }
    len = (size_t)(e->at - name);
    if (len == 0) {
        return eql_fail(e, CXD_CONFIG, "expected a value");
    }
    if (!sign_take(e, "(")) {
        e->at = name;
        return eql_fail(e, CXD_CONFIG, "\"%.*s\": a text needs quotes, a variable ${}",
                        (int)(len > 60 ? 60 : len), name);
    }
    r = values_read(e, ")", false, &args);
    return r != CXD_OK ? r : eql_call(e, name, len, args, ret_value);
}

static int collection_read(struct eql *e, bool is_map, struct eql_value **ret_value)
{
    *ret_value = eql_new(e, is_map ? EQL_MAP : EQL_LIST);
    return *ret_value == NULL ? e->err->status
                              : values_read(e, is_map ? "}" : "]", is_map, &(*ret_value)->first);
}

static int primary_read(struct eql *e, struct eql_value **ret_value)
{
    int r;

    space_skip(e);
    if (e->at >= e->end) {
        return eql_fail(e, CXD_CONFIG, "ends where a value is expected");
    }
    if (e->at + 1 < e->end && e->at[0] == '$' && e->at[1] == '{') {
        return variable_read(e, ret_value);
    }
    if (sign_take(e, "(")) {
        r = or_read(e, ret_value);
        return r != CXD_OK || sign_take(e, ")") ? r : eql_fail(e, CXD_CONFIG, "expected ) here");
    }
    if (sign_take(e, "[")) {
        return collection_read(e, false, ret_value);
    }
    if (sign_take(e, "{")) {
        return collection_read(e, true, ret_value);
    }
    if (*e->at == '\'' || *e->at == '"') {
        return text_read(e, ret_value);
    }
    return isdigit((unsigned char)*e->at) ? number_read(e, ret_value) : word_read(e, ret_value);
}

static int bool_check(struct eql *e, const char *word, const struct eql_value *v)
{
    return v->kind == EQL_BOOL ? CXD_OK
                               : eql_fail(e, CXD_CONFIG, "%s needs true or false, not %s", word,
                                          eql_kind_name(v->kind));
}

/* not X, -X, X: bounded in depth, and with it all that is nested. */
static int unary_read(struct eql *e, struct eql_value **ret_value)
{
    static const struct eql_value zero = {.kind = EQL_NUMBER};
    struct eql_value *v = NULL;
    int r;

    if (e->depth >= EQL_MAX_DEPTH) {
        return eql_fail(e, CXD_TOO_DEEP, "nested deeper than 32 levels");
    }
    e->depth++;
    space_skip(e);
    if (word_take(e, "not") || (e->at < e->end && *e->at == '!' &&
                                (e->at + 1 >= e->end || e->at[1] != '=') && sign_take(e, "!"))) {
        r = compare_read(e,
                         &v); /* not a == b: the comparison first; of booleans either way is one */
        r = r != CXD_OK ? r : bool_check(e, "not", v);
        r = r != CXD_OK ? r : eql_bool(e, !v->is_true, ret_value);
    } else if (sign_take(e, "-")) {
        r = unary_read(e, &v);
        r = r != CXD_OK ? r : eql_calculate(e, '-', &zero, v, ret_value);
    } else {
        r = primary_read(e, ret_value);
    }
    e->depth--;
    return r;
}

/* Left to right: * / % bind closer than + -. */
static int chain_read(struct eql *e, const char *signs, struct eql_value **ret_value)
{
    bool is_sum = signs[0] == '+';
    int r = is_sum ? chain_read(e, "*/%", ret_value) : unary_read(e, ret_value);

    for (;;) {
        struct eql_value *right = NULL;
        char op;
        space_skip(e);
        if (r != CXD_OK || e->at >= e->end || strchr(signs, *e->at) == NULL) {
            return r;
        }
        op = *e->at++;
        r = is_sum ? chain_read(e, "*/%", &right) : unary_read(e, &right);
        r = r != CXD_OK ? r : eql_calculate(e, op, *ret_value, right, ret_value);
    }
}

static int compare_read(struct eql *e, struct eql_value **ret_value)
{
    static const char *const signs[] = {"==", "!=", "<=", ">=", "<", ">"};
    int r = chain_read(e, "+-", ret_value);
    int sign = 0;

    for (; r == CXD_OK && sign < 6; sign++) {
        if (sign_take(e, signs[sign])) {
            struct eql_value *right = NULL;
            r = chain_read(e, "+-", &right);
            return r != CXD_OK ? r : eql_compare(e, sign, *ret_value, right, ret_value);
        }
    }
    return r;
}

/* X word X word X, also written with the sign; both sides are read in any case. */
static int logic_read(struct eql *e, const char *word, const char *sign,
                      int (*below)(struct eql *e, struct eql_value **ret_value),
                      struct eql_value **ret_value)
{
    bool is_or = sign[0] == '|';
    int r = below(e, ret_value);

    while (r == CXD_OK && (word_take(e, word) || sign_take(e, sign))) {
        struct eql_value *left = *ret_value;
        struct eql_value *right = NULL;
        r = below(e, &right);
        r = r != CXD_OK ? r : bool_check(e, word, left);
        r = r != CXD_OK ? r : bool_check(e, word, right);
        r = r != CXD_OK
                ? r
                : eql_bool(
                      e, is_or ? left->is_true || right->is_true : left->is_true && right->is_true,
                      ret_value);
    }
    return r;
}

static int and_read(struct eql *e, struct eql_value **ret_value)
{
    return logic_read(e, "and", "&&", compare_read, ret_value);
}

static int or_read(struct eql *e, struct eql_value **ret_value)
{
    return logic_read(e, "or", "||", and_read, ret_value);
}

int eql_test(const char *text, size_t len, struct arena *arena, bool *ret_is_true,
             struct cxd_error *err)
{
    struct cxd_error why = CXD_ERROR_INIT;
    struct eql e = {.start = text, .at = text, .end = text + len, .arena = arena, .err = &why};
    struct eql_value *v = NULL;
    int r =
        len <= EQL_MAX_LEN ? or_read(&e, &v) : eql_fail(&e, CXD_TOO_LARGE, "longer than 16 KiB");

    space_skip(&e);
    if (r == CXD_OK && e.at < e.end) {
        r = eql_fail(&e, CXD_CONFIG, "\"%.*s\": expected an operator here",
                     (int)(e.end - e.at > 20 ? 20 : e.end - e.at), e.at);
    }
    r = r != CXD_OK ? r : bool_check(&e, "a condition", v);
    if (r == CXD_OK) {
        *ret_is_true = v->is_true;
        return CXD_OK;
    }
    return cxd_error_set(err, r, "%s", why.text);
}
