/*
 * decode_zip.c: the JSON values of all files in a ZIP archive, as one list. Stored and deflated files; the host's gunzip reads
 * the latter behind a head and a tail of our making, which also checks their CRC. Thread: the instance's.
 */
#include "decode.h"

#define ZIP_END 22u
#define ZIP_ENTRY 46u
#define ZIP_LOCAL 30u

static uint32_t zip_u16(const char *at)
{
    return (uint32_t)(unsigned char)at[0] | (uint32_t)(unsigned char)at[1] << 8;
}

static uint32_t zip_u32(const char *at)
{
    return zip_u16(at) | zip_u16(at + 2) << 16;
}

struct zip {
    struct cxd_bytes in;
    const struct heap *heap;
    size_t max;
    size_t count; /* values so far */
    struct text *out;
    struct cxd_error *err;
};

static int zip_bad(struct zip *z, const char *why)
{
    return cxd_error_set(z->err, CXD_MALFORMED, "ZIP: %s", why);
}

/* One piece of input through gunzip into plain. */
static int zip_feed(struct zip *z, struct cxd_gzip *gzip, struct cxd_bytes piece,
                    struct text *plain)
{
    char room[16384];
    int status = 0;

    do {
        size_t len = 0;

        status = z->heap->host->gzip_step(gzip, &piece, room, sizeof room, &len, 0, z->err);
        text_add(plain, room, len);
    } while (status == 0 && piece.len > 0 && plain->status == 0);
    return status == CXD_END ? 0 : status;
}

static int zip_inflate(struct zip *z, struct cxd_bytes data, uint32_t crc, uint32_t size,
                       struct text *plain)
{
    static const char head[10] = {'\x1f', '\x8b', 8, 0, 0, 0, 0, 0, 0, '\xff'};
    char tail[8];
    struct cxd_gzip *gzip = NULL;
    int status = z->heap->host->gzip_new(z->heap->self, -1, &gzip, z->err);

    if (status < 0) {
        return status;
    }
    for (int i = 0; i < 4; i++) {
        tail[i] = (char)(crc >> (i * 8));
        tail[i + 4] = (char)(size >> (i * 8));
    }
    status = zip_feed(z, gzip, (struct cxd_bytes){head, sizeof head}, plain);
    status = status < 0 ? status : zip_feed(z, gzip, data, plain);
    status = status < 0 ? status : zip_feed(z, gzip, (struct cxd_bytes){tail, sizeof tail}, plain);
    z->heap->host->gzip_free(gzip);
    if (status == 0 && (plain->status != 0 || plain->len != size)) {
        return plain->status != 0 ? cxd_error_set(z->err, plain->status, "ZIP: a file is too large")
                                  : zip_bad(z, "a file is not as long as it says");
    }
    return status;
}

/* The file of a directory entry. */
static int zip_file(struct zip *z, const char *entry)
{
    uint32_t method = zip_u16(entry + 10);
    uint32_t packed = zip_u32(entry + 20);
    uint32_t size = zip_u32(entry + 24);
    size_t at = zip_u32(entry + 42);
    struct cxd_bytes data;
    struct text plain;
    int status;

    if ((zip_u16(entry + 8) & 1) != 0 || (method != 0 && method != 8)) {
        return zip_bad(z, "encrypted, or compressed in an unusual way");
    }
    if (at > z->in.len || z->in.len - at < ZIP_LOCAL || zip_u32(z->in.ptr + at) != 0x04034b50) {
        return zip_bad(z, "a file is not where the directory says");
    }
    at += ZIP_LOCAL + zip_u16(z->in.ptr + at + 26) + zip_u16(z->in.ptr + at + 28);
    if (at > z->in.len || z->in.len - at < packed) {
        return zip_bad(z, "a file ends outside of the archive");
    }
    data = (struct cxd_bytes){z->in.ptr + at, packed};
    if (method == 0) {
        return decode_values(data, &z->count, z->out, z->err);
    }
    text_init(&plain, z->heap, z->max);
    status = zip_inflate(z, data, zip_u32(entry + 16), size, &plain);
    status = status < 0 ? status : decode_values(text_bytes(&plain), &z->count, z->out, z->err);
    text_done(&plain);
    return status;
}

static const char *zip_find_end(struct cxd_bytes in)
{
    size_t back = ZIP_END;

    for (; back <= in.len && back <= ZIP_END + 65535; back++) {
        if (zip_u32(in.ptr + in.len - back) == 0x06054b50) {
            return in.ptr + in.len - back;
        }
    }
    return NULL;
}

int decode_zip(struct cxd_bytes in, struct text *out, struct cxd_error *err)
{
    struct zip z = {in, out->heap, out->max, 0, out, err};
    const char *end = in.len >= ZIP_END ? zip_find_end(in) : NULL;
    uint32_t files = end != NULL ? zip_u16(end + 10) : 0;
    size_t at = end != NULL ? zip_u32(end + 16) : 0;

    if (end == NULL) {
        return zip_bad(&z, "no directory at its end");
    }
    text_put(out, "[");
    for (uint32_t i = 0; i < files; i++) {
        int status;

        if (at > in.len || in.len - at < ZIP_ENTRY || zip_u32(in.ptr + at) != 0x02014b50) {
            return zip_bad(&z, "the directory is damaged");
        }
        status = zip_u32(in.ptr + at + 24) > 0 ? zip_file(&z, in.ptr + at) : 0;
        if (status < 0) {
            return status;
        }
        at += ZIP_ENTRY + zip_u16(in.ptr + at + 28) + zip_u16(in.ptr + at + 30) +
              zip_u16(in.ptr + at + 32);
    }
    text_put(out, "]");
    return 0;
}
