/*
 * gofloat.c: floating point numbers as Go writes them. Thread: any (the C locale is assumed).
 */
#include "template/func.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define FLOAT_DIGITS_MAX 1100 /* printf of a double with any precision that we allow */

/* The fewest digits that read back as the same number: 1 to 17. */
static int float_shortest(double real)
{
    char probe[40];

    for (int digits = 1; digits < 17; digits++) {
        (void)snprintf(probe, sizeof probe, "%.*e", digits - 1, real);
        if (strtod(probe, NULL) == real) {
            return digits;
        }
    }
    return 17;
}

static int float_exponent(double real, int digits)
{
    char probe[64];
    const char *at;

    (void)snprintf(probe, sizeof probe, "%.*e", digits - 1, real);
    at = strchr(probe, 'e');
    return at != NULL ? atoi(at + 1) : 0;
}

/* Shortest digits with %e or %f. */
static void float_shortest_as(double real, char verb, int digits, struct text *out)
{
    char room[400];
    int exponent = float_exponent(real, digits);
    int len;

    if (verb == 'f') {
        int decimals = digits - 1 - exponent;

        len = snprintf(room, sizeof room, "%.*f", decimals > 0 ? decimals : 0, real);
    } else {
        len = snprintf(room, sizeof room, verb == 'E' ? "%.*E" : "%.*e", digits - 1, real);
    }
    text_add(out, room, (size_t)len);
}

void float_format(double real, char verb, int precision, struct text *out)
{
    char room[FLOAT_DIGITS_MAX];
    char form[8] = {'%', '.', '*', verb, '\0'};
    int digits;
    int exponent;
    int len;

    if (isnan(real) || isinf(real)) {
        text_put(out, isnan(real) ? "NaN" : real > 0 ? "+Inf" : "-Inf");
        return;
    }
    if (precision < 0 || verb == 'v') {
        digits = real == 0 ? 1 : float_shortest(real);
        exponent = real == 0 ? 0 : float_exponent(real, digits);
        if (verb == 'v' || verb == 'g' || verb == 'G') {
            int wide = 6; /* Go's choice when the digits are the shortest */

            verb = exponent < -4 || exponent >= wide ? (verb == 'G' ? 'E' : 'e') : 'f';
        }
        float_shortest_as(real, verb == 'F' ? 'f' : verb, digits, out);
        return;
    }
    precision = precision < 700 ? precision : 700;
    form[3] = verb == 'F' ? 'f' : verb;
    if (verb == 'g' || verb == 'G') {
        precision = precision > 0 ? precision : 1;
    }
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    len = snprintf(room, sizeof room, form, precision, real); /* form is one of six, made above */
#pragma GCC diagnostic pop
    text_add(out, room, (size_t)len);
}
