/* cast.h: a scalar as another kind. */
#pragma once

#include "lib/edit.h"

enum cast_type {
    CAST_NONE, /* as it is */
    CAST_INTEGER,
    CAST_LONG,
    CAST_FLOAT,
    CAST_DOUBLE,
    CAST_STRING,
    CAST_BOOLEAN,
    CAST_IP
};

/* "integer", ..; CAST_NONE for none of them. */
enum cast_type cast_find(struct cxd_bytes word);
/*
 * 0; EDIT_FAILED, without words: it cannot be; or negative. Whole numbers have 32 (integer) or 64 bits; a fraction is cut off;
 * texts may be hexadecimal (0x). The result's text is in the event's memory.
 */
int cast_value(struct edit *e, enum cast_type type, const struct cxd_value *value,
               struct cxd_value *ret_value);
