/*
 * scan.h: the data plane's JSON scanner. One pass over raw bytes checks everything and yields slices.
 *
 * Strict RFC 8259: grammar, numbers, escapes, UTF-8 (no overlong forms, no surrogates), no control character in a string, nothing
 * but white space behind the value. Escaped surrogates need not come in pairs here, as in the RFC; who decodes such a text
 * (text_unescape) refuses it. Limits: 64 containers inside each other, 65,536 members or elements of the scanned container,
 * UINT32_MAX bytes. Never reads outside the given bytes. Any thread, one thread per struct scan.
 *
 * Numbers and strings keep their text. A container is CXD_VALUE_DIRTY when it is empty, or when anywhere inside is a null, "",
 * {} or []: a sweep has to look into dirty containers only.
 */
#pragma once

#include "cxd/event.h"
#include "cxd/status.h"

#include <stddef.h>
#include <stdint.h>

struct arena;

#define SCAN_DEPTH_MAX 64
#define SCAN_MEMBERS_MAX 65536

/* Why a text was refused. */
struct scan_fault {
    int status;       /* CXD_MALFORMED, CXD_TOO_DEEP, CXD_TOO_LARGE or CXD_NOMEM */
    size_t offset;    /* of the byte that does not fit, from the start of the text */
    const char *text; /* constant: what was expected there, or which limit was passed */
};

/* A table of members that is used again and again; grows by doubling, never shrinks. Zeroed is empty. */
struct scan {
    struct cxd_field *fields; /* owned; valid until the next call with this struct */
    uint32_t count;
    uint32_t cap;
};

/* Members of one object. Names with escapes are written anew into arena, in their shortest form; all else points into text.
 * 0 or fault->status; fault must not be NULL and is set on failure only. */
int scan_record(struct scan *s, struct cxd_bytes text, struct arena *arena,
                struct scan_fault *fault);
/* The same for an object or a list; elements of a list have key NULL. */
int scan_members(struct scan *s, struct cxd_bytes text, struct arena *arena,
                 struct scan_fault *fault);
/* One value of any kind, white space around it allowed. */
int scan_value(struct cxd_bytes text, struct cxd_value *ret_value, struct scan_fault *fault);
/* Last member of that name, or NULL. */
const struct cxd_field *scan_find(const struct cxd_field *fields, uint32_t count,
                                  struct cxd_bytes key);
/* The fault as an error: "byte 17: expected ':' after a name". Returns its status. */
int scan_error(const struct scan_fault *fault, struct cxd_error *err);
void scan_done(struct scan *s); /* memory released; empty again */
