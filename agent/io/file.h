/*
 * file.h: whole files, folders and the lock on a state folder. Errors name the path. Any thread.
 */
#pragma once

#include "base/buf.h"
#include "cxd/abi.h"
#include "cxd/status.h"

#include <stdint.h>
#include <sys/types.h>

/* Who may touch a file, as found by file_read. */
struct file_access {
    uint32_t mode; /* permission bits */
    uid_t uid;
    gid_t gid;
    int64_t modified_ms; /* since 1970 */
    int is_own;          /* owner is root or this process' user */
    int is_group_readable;
    int is_world_readable;
    int is_foreign_writable; /* group (unless the group is root's or ours) or world may write */
};

/*
 * Appends the file's content to *content, of at most its limit; ret_access may be NULL. Regular files only (also through
 * links). CXD_NOT_FOUND, CXD_FORBIDDEN, CXD_TOO_LARGE, CXD_INVALID (not a regular file), CXD_IO, CXD_NOMEM.
 */
int file_read(const char *path, struct buf *content, struct file_access *ret_access,
              struct cxd_error *err);
/* Puts a whole file in place or leaves the old one: new file beside it, fsync, rename, fsync of the folder. */
int file_replace(const char *path, struct cxd_bytes content, mode_t mode, struct cxd_error *err);
/* Makes the folder and those above it, each with mode; 0 when it is there. CXD_EXISTS: something else has that name. */
int file_make_folder(const char *path, mode_t mode, struct cxd_error *err);
/* Removes the file; 0 also when there is none. */
int file_remove(const char *path, struct cxd_error *err);

/*
 * One process per folder: takes the lock file `path`, writes its pid there. CXD_EXISTS with the other's pid in the text when
 * it is taken. The lock goes with the process, however it ends.
 */
struct file_lock;
int file_lock_take(const char *path, struct file_lock **ret_lock, struct cxd_error *err);
void file_lock_free(struct file_lock *lock); /* accepts NULL; the file stays, empty */
