/*
 * head.c: one byte at a time, as a head is short. Checksum by zlib.
 */
#include "head.h"

#include <zlib.h>

enum { FLAG_CRC = 2, FLAG_EXTRA = 4, FLAG_NAME = 8, FLAG_COMMENT = 16, FLAG_UNKNOWN = 0xe0 };

/* Which flag makes a part be there; parts come in this order. */
static const unsigned part_flags[] = {
    [HEAD_EXTRA_LEN] = FLAG_EXTRA, [HEAD_EXTRA] = FLAG_EXTRA, [HEAD_NAME] = FLAG_NAME,
    [HEAD_COMMENT] = FLAG_COMMENT, [HEAD_CRC] = FLAG_CRC,
};

void head_start(struct head *h)
{
    *h = (struct head){.place = HEAD_FIXED};
    h->crc = crc32(0, NULL, 0);
}

static void part_next(struct head *h)
{
    do {
        h->place++;
    } while (h->place != HEAD_DONE &&
             ((h->flags & part_flags[h->place]) == 0 || (h->place == HEAD_EXTRA && h->len == 0)));
    h->at = 0;
}

static int fixed_take(struct head *h, unsigned byte, const char **ret_why)
{
    static const unsigned char start[] = {0x1f, 0x8b, 8};

    if (h->at < 3 && byte != start[h->at]) {
        *ret_why = h->at < 2 ? "incorrect header check" : "unknown compression method";
        return CXD_MALFORMED;
    }
    if (h->at == 3) {
        h->flags = byte;
        if ((byte & FLAG_UNKNOWN) != 0) {
            *ret_why = "unknown header flags set";
            return CXD_MALFORMED;
        }
    }
    h->at++;
    if (h->at == 10) {
        part_next(h);
    }
    return CXD_OK;
}

static int crc_take(struct head *h, unsigned byte, const char **ret_why)
{
    h->wanted |= byte << (8 * h->at);
    h->at++;
    if (h->at == 2) {
        if (h->wanted != (h->crc & 0xffff)) {
            *ret_why = "header crc mismatch";
            return CXD_MALFORMED;
        }
        part_next(h);
    }
    return CXD_OK;
}

static int byte_take(struct head *h, unsigned byte, const char **ret_why)
{
    unsigned char one = (unsigned char)byte;

    if (h->place == HEAD_CRC) {
        return crc_take(h, byte, ret_why);
    }
    h->crc = crc32(h->crc, &one, 1);
    switch (h->place) {
    case HEAD_FIXED:
        return fixed_take(h, byte, ret_why);
    case HEAD_EXTRA_LEN:
        h->len |= byte << (8 * h->at);
        h->at++;
        if (h->at == 2) {
            part_next(h);
        }
        break;
    case HEAD_EXTRA:
        h->at++;
        if (h->at == h->len) {
            part_next(h);
        }
        break;
    default: /* name and comment end with a zero */
        if (byte == 0) {
            part_next(h);
        }
        break;
    }
    return CXD_OK;
}

int head_step(struct head *h, struct cxd_bytes *in, const char **ret_why)
{
    while (h->place != HEAD_DONE && in->len > 0) {
        int r = byte_take(h, (unsigned char)*in->ptr, ret_why);

        if (r < 0) {
            return r;
        }
        in->ptr++;
        in->len--;
    }
    return h->place == HEAD_DONE;
}
