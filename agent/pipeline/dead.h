/*
 * dead.h: the dead-letter store: what can never be delivered, kept with its reason, so that nothing is lost silently.
 *
 * One NDJSON file, dead_letter/dead.ndjson in the state folder (mode 0600): {"@timestamp", "stage", "status", "reason",
 * "stream", "data_stream", "id", and "document" (the mapped document) or "message" (the raw record; "message_base64" when it
 * is not UTF-8) with "fields"}. A torn last line of a crash is cut at open. Bounded; full counts as CXD_FULL. Any thread.
 */
#pragma once

#include "cxd/abi.h"
#include "cxd/status.h"

#include <stdbool.h>
#include <stdint.h>

struct dead;

struct dead_letter {
    const char *stage; /* "input", "processor", "output" */
    const char *stream;
    struct cxd_bytes data_stream;
    struct cxd_bytes id;       /* {NULL,0}: none */
    int status;                /* enum cxd_status */
    struct cxd_bytes reason;   /* a sentence */
    struct cxd_bytes document; /* JSON object: what would have been sent; or {NULL,0} */
    struct cxd_bytes message;  /* raw record, any bytes; or {NULL,0} */
    struct cxd_bytes fields;   /* JSON object: where it came from; or {NULL,0} */
};

/* max_bytes: of the file. */
int dead_open(const char *folder, uint64_t max_bytes, struct dead **ret_dead,
              struct cxd_error *err);
/* Appends in one write; on failure the file is as before. CXD_FULL, CXD_IO, CXD_NOMEM. */
int dead_put(struct dead *d, const struct dead_letter *letter, struct cxd_error *err);
/*
 * Somebody who keeps letters elsewhere: take gets whole lines, and gives 0 when all of them are safe. Called within dead_sync, one thread at
 * a time; what it was given is not given again, but after a crash.
 */
struct dead_shipper {
    int (*take)(void *owner, struct cxd_bytes lines, struct cxd_error *err);
    void *owner;
    bool is_bound; /* dead_sync fails as long as take does; else letters only wait in the file */
};
/* Before the first letter. */
void dead_ship_to(struct dead *d, const struct dead_shipper *shipper);
/* What was put is safe on the disk after 0, and handed over where there is a shipper. Costs nothing when nothing is new. */
int dead_sync(struct dead *d, struct cxd_error *err);
/* Appends a line that was taken from a store, newline included, as it is. */
int dead_put_line(struct dead *d, struct cxd_bytes line, struct cxd_error *err);
/* Gives the file the name `to` and goes on with an empty one; both durable. 0 also when there is nothing in it: *ret_bytes 0, and
 * no such file. */
int dead_take(struct dead *d, const char *to, uint64_t *ret_bytes, struct cxd_error *err);
const char *dead_path(const struct dead *d);
void dead_close(struct dead *d); /* accepts NULL */
