/*
 * gzip.h: gzip as a stream, by ISA-L where it was found at build time, else by zlib. Both give the same results.
 *
 * Reading: members one after another are one stream; zero bytes between or behind them are padding; checksum and length of
 * each member are checked. Memory does not grow with the data. One thread at a time per object.
 *
 * Levels for writing: 0 stores (always by zlib), 1 to 9 compress. ISA-L has three levels: 1 -> 1, 2 -> 2, 3 to 9 -> 3.
 */
#pragma once

#include "cxd/host.h"

enum gzip_engine {
    GZIP_BEST = 0, /* ISA-L where built in */
    GZIP_ZLIB,
    GZIP_ISAL
};

/* level: -1 to read, 0 to 9 to write. CXD_INVALID for others. */
int gzip_new(int level, struct cxd_gzip **ret_gzip, struct cxd_error *err);
/* The same with one engine; CXD_UNSUPPORTED when it is not built in, or cannot (ISA-L at level 0). */
int gzip_new_with(enum gzip_engine engine, int level, struct cxd_gzip **ret_gzip,
                  struct cxd_error *err);
/*
 * One step: reads from *in (moved forward), writes at most room bytes to out; *ret_len is always set. finish: no more input
 * will come (writing). Goes on until the input is used up or the room is full.
 * 0: go on. CXD_END, possibly with bytes: reading, all input is used and it ended with a whole member; more input may follow
 * and is then another member or padding. Writing, the stream is complete. CXD_MALFORMED: not gzip, a bad checksum, or
 * garbage behind the last member; what could be read before it was delivered by this or earlier steps that returned 0.
 * Input that ends without CXD_END was truncated: only the caller knows that.
 */
int gzip_step(struct cxd_gzip *z, struct cxd_bytes *in, void *out, size_t room, size_t *ret_len,
              int finish, struct cxd_error *err);
int gzip_reset(struct cxd_gzip *z); /* ready for another stream, memory kept */
void gzip_free(struct cxd_gzip *z); /* accepts NULL */
/* Bytes of memory this object holds. */
size_t gzip_memory(const struct cxd_gzip *z);
const char *gzip_engine_name(const struct cxd_gzip *z); /* "isal" or "zlib" */
