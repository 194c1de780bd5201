/*
 * replies.h: recorded HTTP replies, for programs that are tried out offline. Control's thread only.
 *
 * A file has one reply a line, an object: status (200), headers (name: text or list of texts), body (a text as it is, or any
 * JSON), or error (the request fails with that text). Lines whose `event` is "request" are passed over, so the trace of a
 * running input is such a file. A folder has one body a file, in the order of their names; NAME-503.json comes with status
 * 503, the ending tells the Content-Type.
 */
#pragma once

#include "base/buf.h"
#include "cxd/abi.h"
#include "cxd/status.h"

#define REPLIES_FIELDS_MAX 64

struct replies_field {
    struct cxd_bytes name;
    struct cxd_bytes value;
};

struct reply {
    int status;
    const char *failure; /* NULL: none */
    struct cxd_bytes body;
    struct replies_field fields[REPLIES_FIELDS_MAX];
    uint32_t field_count;
};

struct replies;

/* err names file and line. */
int replies_open(const char *path, struct replies **ret_replies, struct cxd_error *err);
void replies_close(struct replies *r); /* accepts NULL */
/* The next one, or NULL: there are no more. Borrowed. */
const struct reply *replies_take(struct replies *r);
size_t replies_left(const struct replies *r);
