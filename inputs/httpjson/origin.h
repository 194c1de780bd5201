/*
 * origin.h: where a URL leads: scheme, host and port. Pure. Strict: an authority that two readers might understand differently
 * is none.
 */
#pragma once

#include <cxd/abi.h>

#include <stdbool.h>

/* Slices of the URL. */
struct origin {
    struct cxd_bytes scheme;
    struct cxd_bytes host; /* without brackets */
    unsigned port;         /* the scheme's own when the URL names none */
};

/* False: not http or https, no host, or letters in it that belong in none. */
bool origin_read(struct cxd_bytes url, struct origin *ret);
bool origin_is_same(const struct origin *a, const struct origin *b);
