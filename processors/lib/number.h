/* number.h: numbers and truth values as texts say them. Pure, any thread; the process is in the C locale. */
#pragma once

#include <cxd/abi.h>

#include <stdbool.h>

#define NUMBER_TEXT_MAX 32 /* of what is printed, with its NUL */

/* Decimal, or hexadecimal behind 0x; a sign; nothing else, all of 64 bits. */
bool number_read_int(struct cxd_bytes text, int64_t *ret_number);
/* Decimal with fraction and exponent, or nan, inf and hexadecimal as strtod has them; at most 63 bytes. */
bool number_read_double(struct cxd_bytes text, double *ret_number);
/* 1 t T true TRUE True, 0 f F false FALSE False. */
bool number_read_bool(struct cxd_bytes text, bool *ret_truth);
/* As JSON; the length. */
size_t number_print_int(int64_t number, char out[NUMBER_TEXT_MAX]);
/* The shortest text that is read back as the same; 0 for what JSON does not have. */
size_t number_print_double(double number, char out[NUMBER_TEXT_MAX]);
size_t number_print_float(float number, char out[NUMBER_TEXT_MAX]);
