/*
 * registry.h: the cursors of all streams on disk, and the keeper thread that writes them.
 *
 * File: registry.bson in the state folder, a record file (io/record.h) with one BSON record per stream: {id, cursor,
 * updated}. Written whole beside the old one, synced, renamed; so it is always one moment's truth. A damaged record is
 * skipped and named; a newer format is refused. Before each write the dead letters are synced, as cursors stand on them.
 */
#pragma once

#include "cxd/abi.h"
#include "cxd/status.h"

#include <stdint.h>

struct buf;
struct cxd_version;
struct registry;
struct dead;

/*
 * Cursors somewhere else, for agents without a disk: read and written one by one, called by one thread at a time (a stream's that starts, or
 * the keeper). read: *cursor stays empty and the version -1 when there is none. write: only over that version, which it moves on;
 * CXD_EXISTS: somebody else has written. An empty cursor is written as none.
 */
struct registry_store {
    int (*read)(void *owner, const char *id, struct buf *cursor, struct cxd_version *ret_version,
                struct cxd_error *err);
    int (*write)(void *owner, const char *id, struct cxd_bytes cursor, struct cxd_version *version,
                 struct cxd_error *err);
    void *owner;
};

/* Reads folder/registry.bson (absent: empty). flush_ms: how long a cursor may wait to be written. dead may be NULL. */
int registry_open(const char *folder, int64_t flush_ms, struct dead *dead,
                  struct registry **ret_registry, struct cxd_error *err);
/* The same in a store; borrowed but for the struct. Nothing is read yet. */
int registry_open_store(const struct registry_store *store, int64_t flush_ms, struct dead *dead,
                        struct registry **ret_registry, struct cxd_error *err);
/* 1: another run has moved this stream's cursor (NULL: some stream's), which is not written any more. Any thread. */
int registry_is_lost(struct registry *r, const char *id);
/* The stored cursor, copied to the caller (free); {NULL,0} when there is none. Of a store it is asked for at
 * the first time, and what that says is given back. */
int registry_get(struct registry *r, const char *id, struct cxd_bytes *ret_cursor,
                 struct cxd_error *err);
/* Remembers it for the next write. Copied. Any thread. 0, CXD_NOMEM, or what doc_check says of a cursor that is no document;
 * the one before stays then. */
int registry_put(struct registry *r, const char *id, struct cxd_bytes cursor);
/* Calls each for every stored cursor, by id; updated_ms is since 1970. A result other than 0 ends it and is given back. What
 * each gets is borrowed for the call, which runs under the registry's lock and must not call it. */
int registry_each(struct registry *r,
                  int (*each)(void *owner, const char *id, struct cxd_bytes cursor,
                              int64_t updated_ms),
                  void *owner);
/* Forgets a stream: it starts anew. CXD_NOT_FOUND. For a registry whose streams do not run. */
int registry_drop(struct registry *r, const char *id);
/* Writes now what is new. 0 when it is safe on the disk. */
int registry_flush(struct registry *r, struct cxd_error *err);
/* Stops the keeper; does not flush. Accepts NULL. */
void registry_close(struct registry *r);
