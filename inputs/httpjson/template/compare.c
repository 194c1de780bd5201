/*
 * compare.c: eq and lt as Go's templates have them; numbers by value. Thread: the run's.
 */
#include "template/func.h"

/* Kinds that compare with each other. */
enum basic {
    BASIC_NONE,
    BASIC_BOOL,
    BASIC_INT,
    BASIC_FLOAT,
    BASIC_NUMBER,
    BASIC_STRING,
    BASIC_TIME,
    BASIC_OTHER
};

static enum basic basic_of(const struct value *v)
{
    switch (v->kind) {
    case VALUE_NONE:
        return BASIC_NONE;
    case VALUE_BOOL:
        return BASIC_BOOL;
    case VALUE_INT:
    case VALUE_DURATION:
    case VALUE_MONTH:
    case VALUE_WEEKDAY:
        return BASIC_INT;
    case VALUE_FLOAT:
        return BASIC_FLOAT;
    case VALUE_NUMBER:
        return BASIC_NUMBER;
    case VALUE_STRING:
        return BASIC_STRING;
    case VALUE_TIME:
        return BASIC_TIME;
    default:
        return BASIC_OTHER;
    }
}

/* -1, 0, 1, or 2: not ordered (a NaN). Exact where both are whole. */
static int number_order(const struct value *a, const struct value *b)
{
    int64_t left;
    int64_t right;
    double x = 0;
    double y = 0;

    if (value_as_int(a, &left) && value_as_int(b, &right)) {
        return left < right ? -1 : left > right;
    }
    (void)value_as_real(a, &x);
    (void)value_as_real(b, &y);
    return x < y ? -1 : x > y ? 1 : x == y ? 0 : 2;
}

/* Plain integers beyond int64 differ in text though their doubles may be the same. */
static bool number_same_text(const struct value *a, const struct value *b)
{
    int64_t ignored;

    if (a->kind != VALUE_NUMBER || b->kind != VALUE_NUMBER || value_as_int(a, &ignored)) {
        return true;
    }
    for (size_t i = 0; i < a->bytes.len; i++) {
        if (strchr("0123456789-", a->bytes.ptr[i]) == NULL) {
            return true;
        }
    }
    return a->bytes.len == b->bytes.len && memcmp(a->bytes.ptr, b->bytes.ptr, a->bytes.len) == 0;
}

static bool basic_is_number(enum basic basic)
{
    return basic == BASIC_INT || basic == BASIC_FLOAT || basic == BASIC_NUMBER;
}

/* Go keeps integers and floats apart; a JSON number is at home on both sides. */
static bool basic_match(enum basic a, enum basic b)
{
    return a == b ||
           (basic_is_number(a) && basic_is_number(b) && (a == BASIC_NUMBER || b == BASIC_NUMBER));
}

static int string_order(const struct value *a, const struct value *b)
{
    size_t len = a->bytes.len < b->bytes.len ? a->bytes.len : b->bytes.len;
    int order = len > 0 ? memcmp(a->bytes.ptr, b->bytes.ptr, len) : 0;

    return order != 0 ? order : a->bytes.len < b->bytes.len ? -1 : a->bytes.len > b->bytes.len;
}

static int compare_bad(struct call *c, const char *why)
{
    (void)call_fail(c, CXD_MALFORMED, "%s", why);
    return -1;
}

int compare_equal(struct call *c, const struct value *a, const struct value *b)
{
    enum basic left = basic_of(a);
    enum basic right = basic_of(b);

    if (left == BASIC_NONE || right == BASIC_NONE) {
        return left == right;
    }
    if (!basic_match(left, right)) {
        return compare_bad(c, "incompatible types for comparison");
    }
    if (basic_is_number(left)) {
        return number_order(a, b) == 0 && number_same_text(a, b);
    }
    switch (left) {
    case BASIC_BOOL:
        return a->flag == b->flag;
    case BASIC_STRING:
        return string_order(a, b) == 0;
    case BASIC_TIME:
        return gotime_compare(&a->time, &b->time) == 0;
    default:
        return compare_bad(c, "non-comparable types");
    }
}

int compare_less(struct call *c, const struct value *a, const struct value *b)
{
    enum basic left = basic_of(a);
    enum basic right = basic_of(b);

    if (left == BASIC_NONE || right == BASIC_NONE || left == BASIC_OTHER || right == BASIC_OTHER ||
        left == BASIC_TIME || right == BASIC_TIME) {
        return compare_bad(c, "invalid type for comparison");
    }
    if (!basic_match(left, right)) {
        return compare_bad(c, "incompatible types for comparison");
    }
    if (basic_is_number(left)) {
        return number_order(a, b) == -1;
    }
    if (left == BASIC_STRING) {
        return string_order(a, b) < 0;
    }
    return compare_bad(c, "invalid type for comparison");
}
