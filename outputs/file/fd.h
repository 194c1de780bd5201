/*
 * fd.h: whole reads and writes on file descriptors, and what errno means for an output. Stateless.
 */
#pragma once

#include "cxd/status.h"

#include <sys/types.h>
#include <sys/uio.h>

/* Fills err from errno: "cannot WHAT NAME: reason". CXD_FULL, CXD_CONFIG (rights, paths), CXD_NOMEM, else CXD_IO. */
int fd_error(struct cxd_error *err, const char *what, const char *name);
/* Exactly len bytes from offset; CXD_TRUNCATED when the file is shorter. */
int fd_read(int fd, void *out, size_t len, off_t offset, const char *name, struct cxd_error *err);
int fd_write(int fd, const void *ptr, size_t len, off_t offset, const char *name,
             struct cxd_error *err);
/* Writes all pieces at the file's end (opened for appending), in as few calls as the kernel allows. Changes parts. */
int fd_append(int fd, struct iovec *parts, int count, const char *name, struct cxd_error *err);
void fd_close(int *fd); /* accepts -1, leaves -1 */
