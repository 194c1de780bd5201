/*
 * index_name.h: the name that an `index` key gives in place of type-dataset-namespace, as Beats writes it:
 * "%{[agent.name]}-alerts-%{+yyyy.MM.dd}". Pure functions.
 */
#pragma once

#include "cxd/status.h"

#include <stdint.h>

#define INDEX_NAME_MAX 255 /* bytes, the destination's limit */

struct index_name {
    int is_dated;                     /* differs from time to time */
    char pattern[2 * INDEX_NAME_MAX]; /* read; NUL at its end */
};

struct index_words {
    const char *name; /* %{[agent.name]} and %{[observer.name]} */
    const char *version;
};

/* Small letters, as the destination wants them. CXD_CONFIG: an unknown part, or a name that is not allowed. */
int index_name_read(const char *text, const struct index_words *words, struct index_name *ret_name,
                    struct cxd_error *err);
/* The name at that time (UTC), without NUL: its length, or 0 when it is too long. */
uint32_t index_name_write(const struct index_name *name, int64_t wall_ms, char out[INDEX_NAME_MAX]);
