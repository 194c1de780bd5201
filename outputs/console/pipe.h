/*
 * pipe.h: bytes to a descriptor that may be a pipe, a terminal or a file, without ever blocking where stop cannot reach. One
 * owner, one thread; is_stopping is asked while the reader is slow.
 */
#pragma once

#include "cxd/host.h"

struct pipe_end {
    const struct cxd_host *host;
    struct cxd_self *self;
    int fd; /* borrowed */
};

/*
 * Writes len bytes; *ret_done says how many went out, also on failure. CXD_STOPPED when the reader does not take them and the
 * agent stops; CXD_CONFIG when there is no reader any more; CXD_FULL; CXD_IO.
 */
int pipe_write(const struct pipe_end *p, const char *ptr, size_t len, size_t *ret_done,
               struct cxd_error *err);
