/*
 * wire.h: protocol buffers by hand: a reader that never looks beyond its bytes, and a writer. Any thread.
 *
 * By hand because the generated readers of the C library descend as deep as a message says, and take memory for all of it before anyone
 * can object (decision 0024).
 */
#pragma once

#include "base/buf.h"
#include "cxd/abi.h"
#include "cxd/status.h"

#include <stdint.h>

enum wire_type { WIRE_VARINT = 0, WIRE_FIXED64 = 1, WIRE_BYTES = 2, WIRE_FIXED32 = 5 };

struct wire_field {
    uint32_t number;
    enum wire_type type;
    uint64_t value;         /* of varints and fixed ones */
    struct cxd_bytes bytes; /* points into the message */
};

/* The next field from the front of *in: 1, 0 at the end, or CXD_MALFORMED. */
int wire_next(struct cxd_bytes *in, struct wire_field *ret_field);
double wire_double(uint64_t fixed64);

/* 0, CXD_NOMEM or CXD_TOO_LARGE (out's limit). Zero and empty values are written too. */
int wire_put_varint(struct buf *out, uint32_t number, uint64_t value);
int wire_put_bytes(struct buf *out, uint32_t number, const void *ptr, size_t len);
int wire_put_text(struct buf *out, uint32_t number, const char *text);
