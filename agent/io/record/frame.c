/* frame.c: little endian numbers, magics and checksums. */
#include "frame.h"

#include "base/crc.h"
#include "base/little.h"

static const char file_magic[8] = {'C', 'X', 'D', 'R', 'E', 'C', '\r', '\n'};
static const char magic[4] = {'\xc5', 'R', 'e', '\x1a'};

void frame_put_file_head(char out[RECORD_FILE_HEAD])
{
    memcpy(out, file_magic, 8);
    little_put(out + 8, RECORD_VERSION, 4);
    little_put(out + 12, crc32c(0, out, 12), 4);
}

int frame_check_file_head(const char *ptr, size_t len)
{
    char good[RECORD_FILE_HEAD];

    if (len < RECORD_FILE_HEAD) {
        frame_put_file_head(good);
        return memcmp(ptr, good, len) == 0 ? CXD_TRUNCATED : CXD_CORRUPT;
    }
    if (memcmp(ptr, file_magic, 8) != 0 || little_get32(ptr + 12) != crc32c(0, ptr, 12)) {
        return CXD_CORRUPT;
    }
    return little_get32(ptr + 8) <= RECORD_VERSION ? CXD_OK : CXD_UNSUPPORTED;
}

int frame_check_bson(struct cxd_bytes bson)
{
    if (bson.len > RECORD_SIZE_MAX) {
        return CXD_TOO_LARGE;
    }
    return bson.ptr != NULL && bson.len >= 5 && little_get32(bson.ptr) == bson.len &&
                   bson.ptr[bson.len - 1] == '\0'
               ? CXD_OK
               : CXD_INVALID;
}

void frame_put_head(struct cxd_bytes bson, char out[RECORD_HEAD])
{
    memcpy(out, magic, 4);
    little_put(out + 4, (uint32_t)bson.len, 4);
    little_put(out + 8, crc32c(0, bson.ptr, bson.len), 4);
    little_put(out + 12, crc32c(0, out, 12), 4);
}

int frame_get_head(const char ptr[RECORD_HEAD], uint32_t *ret_len)
{
    uint32_t len = little_get32(ptr + 4);

    if (memcmp(ptr, magic, 4) != 0 || little_get32(ptr + 12) != crc32c(0, ptr, 12) ||
        len > RECORD_SIZE_MAX) {
        return 0;
    }
    *ret_len = len;
    return 1;
}

int frame_is_good(const char ptr[RECORD_HEAD], const char *bytes, uint32_t len)
{
    return little_get32(ptr + 8) == crc32c(0, bytes, len) &&
           frame_check_bson((struct cxd_bytes){.ptr = bytes, .len = len}) == CXD_OK;
}

const char *frame_scan(const char *ptr, const char *end)
{
    while (ptr < end) {
        size_t left = (size_t)(end - ptr);

        ptr = memchr(ptr, magic[0], left);
        if (ptr == NULL) {
            return end;
        }
        left = (size_t)(end - ptr);
        if (memcmp(ptr, magic, left < 4 ? left : 4) == 0) {
            return ptr;
        }
        ptr++;
    }
    return end;
}
