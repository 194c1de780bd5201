/* number.h: numbers as text, and numbers compared. Pure; no locale changes the result. */
#pragma once

#include "sink.h"
#include "value.h"

/* Decimal text (digits, point, exponent; a sign in front) as the nearest double. False: not all of it is a number. */
bool number_read(struct cxd_bytes text, double *ret_number);
/* Decimal integer with an optional sign; false: not an integer, or beyond 64 bits. */
bool number_read_int(struct cxd_bytes text, int64_t *ret_number);
bool number_read_uint(struct cxd_bytes text, uint64_t *ret_number);

/* The fewest digits that read back as d (finite). Its value is 0.DIGITS times ten to the power of *ret_point. */
struct number_digits {
    char text[20];
    int count;
    int point;
    bool negative;
};
struct number_digits number_shortest(double d);

/* As %g does with the fewest digits: 100, 1e+06, 1.5, NaN, +Inf. An exponent from ten to the power of exponent_from up. */
void number_put_general(struct sink *sink, double d, int exponent_from);
/* Without an exponent, with the fewest digits. */
void number_put_plain(struct sink *sink, double d);
/* As in JSON: an exponent from 1e21 up and below 1e-6; whole doubles without a fraction. d is finite. */
void number_put_json(struct sink *sink, double d);
/* With a fixed number of decimals; verb 'f' or 'e'. */
void number_put_fixed(struct sink *sink, double d, char verb, int decimals);

/* Order of two numbers of any kind: -1, 0, 1, or 2 when one is NaN. */
int number_compare(struct value a, struct value b);
static inline bool number_is(struct value v)
{
    return value_is(v, VALUE_MASK(VALUE_INT) | VALUE_MASK(VALUE_UINT) | VALUE_MASK(VALUE_DOUBLE));
}
