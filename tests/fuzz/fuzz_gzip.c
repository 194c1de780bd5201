/*
 * fuzz_gzip.c: foreign bytes to both gzip engines: the same bytes come out of both when both find the stream whole, and input in
 * small pieces gives what input at once gives. The first byte chooses the size of the pieces.
 */
#include "fuzz.h"

#include "io/gzip.h"

#include <string.h>

enum { OUT_MAX = 1 << 20 };

static char outs[3][OUT_MAX];

static int unpack(enum gzip_engine engine, const uint8_t *data, size_t size, size_t piece,
                  char *out, size_t *ret_len)
{
    struct cxd_gzip *z = NULL;
    size_t at = 0;
    int r = gzip_new_with(engine, -1, &z, NULL);

    *ret_len = 0;
    while (r == CXD_OK || (r == CXD_END && at < size)) {
        size_t n = size - at < piece ? size - at : piece;
        struct cxd_bytes in = {(const char *)data + at, n};
        size_t room = OUT_MAX - *ret_len < piece * 3 ? OUT_MAX - *ret_len : piece * 3;
        size_t len = 0;

        r = gzip_step(z, &in, out + *ret_len, room, &len, 0, NULL);
        at += n - in.len;
        *ret_len += len;
        if (room == 0 || (r == CXD_OK && at == size && len == 0)) {
            r = CXD_TRUNCATED;
        }
    }
    gzip_free(z);
    return r;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t lens[3];
    int r[3];

    if (size < 2 || size > 1 << 16) {
        return 0;
    }
    r[0] = unpack(GZIP_ZLIB, data + 1, size - 1, size, outs[0], &lens[0]);
    r[1] = unpack(GZIP_BEST, data + 1, size - 1, size, outs[1], &lens[1]);
    r[2] = unpack(GZIP_BEST, data + 1, size - 1, 1 + data[0] % 64u, outs[2], &lens[2]);
    for (int i = 1; i < 3; i++) {
        FUZZ_CHECK((r[i] == CXD_END) == (r[0] == CXD_END));
        FUZZ_CHECK(r[i] != CXD_END ||
                   (lens[i] == lens[0] && memcmp(outs[i], outs[0], lens[0]) == 0));
    }
    return 0;
}
