/* number.h: the scalars of a policy as a person writes them. 0, or CXD_CONFIG; ret_ untouched on failure. */
#pragma once

#include <stddef.h>
#include <stdint.h>

int number_int(const char *text, int64_t *ret_value);
int number_double(const char *text, double *ret_value);
/* "10s", "1m30s", "250ms", "2h", "1.5s", or a number of seconds. 0 to 100 years. */
int number_duration_ms(const char *text, int64_t *ret_ms);
/* "4096", "16MiB", "10MB", "512k": binary for KiB, MiB, GiB and the bare letters, decimal for kB, MB, GB. */
int number_size(const char *text, int64_t *ret_bytes);
