/* rows.h: what a reply says: rows and their number, or an error in the vendor's envelope. Pure. */
#pragma once

#include "profile.h"

struct rows {
    struct tree *list; /* a list node */
    int64_t count;     /* rows in it */
    int64_t total;     /* matches without paging; -1: not said */
};

/*
 * Reads a checked reply body. CXD_MALFORMED: no JSON, or not of the shape (err says what is missing). An error envelope, also
 * one that came with status 200, gives the status that its code means (rows_status).
 */
int rows_read(struct region *r, const struct profile *profile, struct cxd_bytes body,
              struct rows *ret_rows, struct cxd_error *err);
/* The status and text for an HTTP status of 300 and up, or an envelope's code; body may be anything. */
int rows_refused(struct region *r, int code, struct cxd_bytes body, struct cxd_error *err);
/* The row's time in ms; false: it has none. */
bool rows_time(struct region *r, const struct profile *profile, struct tree *row, int64_t *ret_ms);
