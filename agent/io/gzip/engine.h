/*
 * engine.h: what gzip.c asks of a compressor: one member in, one member out. Private to this folder's owner, gzip.c.
 */
#pragma once

#include "cxd/abi.h"
#include "cxd/status.h"

enum { ENGINE_ON = 0, ENGINE_MEMBER_END = 1 }; /* or a negative status */

struct engine {
    const char *name;
    int min_level; /* for writing */
    /* level -1: to read. NULL: no memory. *ret_memory: bytes held, kept up to date while the object lives. */
    void *(*open)(int level, const size_t **ret_memory);
    void (*close)(void *state); /* accepts NULL */
    void (*reset)(void *state); /* for another member or stream */
    /* Moves *in forward, adds to *len (room is what out has in all). *ret_why: text for a failure, static. */
    int (*step)(void *state, struct cxd_bytes *in, char *out, size_t room, size_t *len, int finish,
                const char **ret_why);
};

extern const struct engine engine_zlib;
#ifdef CXD_HAVE_ISAL
extern const struct engine engine_isal;
#endif
