/*
 * address.h: is this text an IP address? Bare: no zone, no brackets, no mask, no blanks. Pure; any thread.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* Four decimal numbers up to 255 without leading zeros. */
bool address_is_v4(const char *text, size_t len);
/* Up to eight groups of hex digits, one run of zero groups as ::, the last two perhaps as an IPv4 address. */
bool address_is_v6(const char *text, size_t len);
bool address_is_valid(const char *text, size_t len);
