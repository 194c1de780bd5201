/*
 * deflate_zlib.c: gzip members by zlib. Knows zlib and nothing of streams of several members. Its memory is counted, as zlib
 * takes some of it only when data comes.
 */
#include "engine.h"

#include <stdlib.h>
#include <zlib.h>

enum { GZIP_WRAP = 15 + 16, MEMORY_LEVEL = 8, CHUNK_MAX = 1 << 30 };

struct state {
    z_stream z;
    int is_reading;
    size_t memory;
};

/* Length in front of each piece, so that it can be counted off again. 16: keeps the alignment of malloc. */
static void *piece_take(void *arg, unsigned count, unsigned size)
{
    struct state *s = arg;
    size_t len = (size_t)count * size + 16;
    char *ptr = malloc(len);

    if (ptr == NULL) {
        return NULL;
    }
    *(size_t *)(void *)ptr = len;
    s->memory += len;
    return ptr + 16;
}

static void piece_free(void *arg, void *ptr)
{
    struct state *s = arg;
    char *start = (char *)ptr - 16;

    s->memory -= *(size_t *)(void *)start;
    free(start);
}

static void *zlib_open(int level, const size_t **ret_memory)
{
    struct state *s = calloc(1, sizeof *s);
    int r;

    if (s == NULL) {
        return NULL;
    }
    s->memory = sizeof *s;
    s->is_reading = level < 0;
    s->z.zalloc = piece_take;
    s->z.zfree = piece_free;
    s->z.opaque = s;
    r = s->is_reading
            ? inflateInit2(&s->z, GZIP_WRAP)
            : deflateInit2(&s->z, level, Z_DEFLATED, GZIP_WRAP, MEMORY_LEVEL, Z_DEFAULT_STRATEGY);
    if (r != Z_OK) {
        free(s);
        return NULL;
    }
    *ret_memory = &s->memory;
    return s;
}

static void zlib_close(void *state)
{
    struct state *s = state;

    if (s != NULL) {
        (void)(s->is_reading ? inflateEnd(&s->z) : deflateEnd(&s->z)); /* unfinished is fine */
        free(s);
    }
}

static void zlib_reset(void *state)
{
    struct state *s = state;

    (void)(s->is_reading ? inflateReset(&s->z) : deflateReset(&s->z)); /* state is sound */
}

static int zlib_step(void *state, struct cxd_bytes *in, char *out, size_t room, size_t *len,
                     int finish, const char **ret_why)
{
    struct state *s = state;
    unsigned in_len = in->len < CHUNK_MAX ? (unsigned)in->len : CHUNK_MAX;
    unsigned out_len = room - *len < CHUNK_MAX ? (unsigned)(room - *len) : CHUNK_MAX;
    int r;

    s->z.next_in =
        (z_const Bytef *)(uintptr_t)in->ptr; /* older zlib lacks the const, not the care */
    s->z.avail_in = in_len;
    s->z.next_out = (Bytef *)out + *len;
    s->z.avail_out = out_len;
    if (s->is_reading) {
        r = inflate(&s->z, Z_NO_FLUSH);
    } else {
        r = deflate(&s->z, finish && in_len == in->len ? Z_FINISH : Z_NO_FLUSH);
    }
    if (in_len > 0) {
        in->ptr += in_len - s->z.avail_in;
        in->len -= in_len - s->z.avail_in;
    }
    *len += out_len - s->z.avail_out;
    switch (r) {
    case Z_OK:
    case Z_BUF_ERROR: /* no input or no room */
        return ENGINE_ON;
    case Z_STREAM_END:
        return ENGINE_MEMBER_END;
    case Z_MEM_ERROR:
        *ret_why = "out of memory";
        return CXD_NOMEM;
    case Z_DATA_ERROR:
        *ret_why = s->z.msg != NULL ? s->z.msg : "data error";
        return CXD_MALFORMED;
    default:
        *ret_why = "zlib refuses its state";
        return CXD_BUG;
    }
}

const struct engine engine_zlib = {
    .name = "zlib",
    .min_level = 0,
    .open = zlib_open,
    .close = zlib_close,
    .reset = zlib_reset,
    .step = zlib_step,
};
