/*
 * number.h: whole and broken numbers as a Java program reads and writes them, for that is what the indices hold already.
 *
 * Pure; any thread. Texts are not terminated. ret_ values are set on success only.
 */
#pragma once

#include <locale.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NUMBER_LONG_ROOM 24
#define NUMBER_DOUBLE_ROOM 40
#define NUMBER_DOUBLE_TEXT_MAX 400 /* longer texts are no doubles */

/* Decimal with an optional sign. False: anything else, or beyond 64 bits. */
bool number_parse_decimal(const char *text, size_t len, int64_t *ret_number);
/* As decimal, and 0x.. or -0x.. in hex digits. */
bool number_parse_long(const char *text, size_t len, int64_t *ret_number);
/* Decimal with fraction and exponent, blanks around it, a final d or f. Not NaN, not infinite. `plain` is the "C" locale. */
bool number_parse_double(const char *text, size_t len, locale_t plain, double *ret_number);

/* Whether the text is what number_print_double would print, as most numbers with a fraction are: "0.25", not "1e3" or "0.50". */
bool number_is_printed_double(const char *text, size_t len);

/* Both return the length; out has the room named above. */
size_t number_print_long(int64_t number, char *out);
/* Always with a fraction: 512.0; below 0.001 and from ten million on 1.5E10. Shortest digits that read back equal. */
size_t number_print_double(double number, locale_t plain, char *out);
