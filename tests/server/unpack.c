/*
 * Streaming gunzip of request bodies, multi-member streams included. Bounded by one output window; what the plain bytes may
 * amount to is the caller's limit.
 */
#include <stdlib.h>
#include <string.h>

#include "pack.h"
#ifdef SIM_ISAL
#include <isa-l/igzip_lib.h>
#else
#include <zlib.h>
#endif

enum { UNPACK_OUT_BYTES = 128 * 1024 };

struct unpack {
    bool failed;
    bool in_member; /* bytes of a member were seen and its end was not */
    bool seen;
#ifdef SIM_ISAL
    struct inflate_state stream;
#else
    z_stream stream;
#endif
    char out[UNPACK_OUT_BYTES];
};

#ifdef SIM_ISAL
static bool unpack_begin(struct unpack *unpack)
{
    isal_inflate_init(&unpack->stream);
    unpack->stream.crc_flag = ISAL_GZIP;
    return true;
}

static void unpack_input(struct unpack *unpack, const void *data, size_t len)
{
    unpack->stream.next_in = (unsigned char *)data;
    unpack->stream.avail_in = (uint32_t)len;
}

/* -1 failed, 0 go on, 1 end of member. */
static int unpack_step(struct unpack *unpack, size_t *ret_len)
{
    unpack->stream.next_out = (unsigned char *)unpack->out;
    unpack->stream.avail_out = sizeof unpack->out;
    int rc = isal_inflate(&unpack->stream);
    *ret_len = sizeof unpack->out - unpack->stream.avail_out;
    if (rc != ISAL_DECOMP_OK && rc != ISAL_END_INPUT) {
        return -1;
    }
    return unpack->stream.block_state == ISAL_BLOCK_FINISH;
}
#else
static bool unpack_begin(struct unpack *unpack)
{
    if (unpack->stream.state) {
        return inflateReset(&unpack->stream) == Z_OK;
    }
    return inflateInit2(&unpack->stream, 15 + 16) == Z_OK;
}

static void unpack_input(struct unpack *unpack, const void *data, size_t len)
{
    unpack->stream.next_in = (unsigned char *)data;
    unpack->stream.avail_in = (uInt)len;
}

static int unpack_step(struct unpack *unpack, size_t *ret_len)
{
    unpack->stream.next_out = (unsigned char *)unpack->out;
    unpack->stream.avail_out = sizeof unpack->out;
    int rc = inflate(&unpack->stream, Z_NO_FLUSH);
    *ret_len = sizeof unpack->out - unpack->stream.avail_out;
    if (rc != Z_OK && rc != Z_STREAM_END && rc != Z_BUF_ERROR) {
        return -1;
    }
    return rc == Z_STREAM_END;
}
#endif

struct unpack *unpack_new(void)
{
    struct unpack *unpack = malloc(sizeof *unpack);
    if (unpack) {
        memset(unpack, 0, offsetof(struct unpack, out));
    }
    return unpack;
}

void unpack_free(struct unpack *unpack)
{
    if (!unpack) {
        return;
    }
#ifndef SIM_ISAL
    inflateEnd(&unpack->stream);
#endif
    free(unpack);
}

bool unpack_feed(struct unpack *unpack, const void *data, size_t len, unpack_fn fn, void *owner)
{
    if (unpack->failed) {
        return false;
    }
    unpack_input(unpack, data, len);
    bool more = false;
    while (unpack->stream.avail_in || more) {
        if (!unpack->in_member) {
            size_t left = unpack->stream.avail_in;
            if (!unpack_begin(unpack)) {
                unpack->failed = true;
                return false;
            }
            unpack_input(unpack, (const char *)data + len - left, left);
        }
        unpack->in_member = true;
        size_t out_len = 0;
        int rc = unpack_step(unpack, &out_len);
        if (rc < 0 || (out_len && !fn(owner, unpack->out, out_len))) {
            unpack->failed = true;
            return false;
        }
        unpack->seen = true;
        unpack->in_member = rc == 0;
        more = rc == 0 && unpack->stream.avail_out == 0;
    }
    return true;
}

bool unpack_is_complete(const struct unpack *unpack)
{
    return unpack->seen && !unpack->in_member && !unpack->failed;
}
