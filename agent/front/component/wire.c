/* wire.c: see the header. */
#include "front/component/wire.h"

#include <string.h>

#define VARINT_BYTES 10
#define NUMBER_MAX 536870911u

static int varint_take(struct cxd_bytes *in, uint64_t *ret)
{
    uint64_t value = 0;

    for (int i = 0; i < VARINT_BYTES; i++) {
        unsigned char byte;
        if (in->len == 0) {
            return CXD_MALFORMED;
        }
        byte = (unsigned char)*in->ptr;
        in->ptr++;
        in->len--;
        if (i == VARINT_BYTES - 1 && byte > 1) {
            return CXD_MALFORMED;
        }
        value |= (uint64_t)(byte & 0x7f) << (7 * i);
        if (byte < 0x80) {
            *ret = value;
            return CXD_OK;
        }
    }
    return CXD_MALFORMED;
}

static int fixed_take(struct cxd_bytes *in, unsigned size, uint64_t *ret)
{
    uint64_t value = 0;

    if (in->len < size) {
        return CXD_MALFORMED;
    }
    for (unsigned i = 0; i < size; i++) {
        value |= (uint64_t)(unsigned char)in->ptr[i] << (8 * i);
    }
    in->ptr += size;
    in->len -= size;
    *ret = value;
    return CXD_OK;
}

int wire_next(struct cxd_bytes *in, struct wire_field *ret_field)
{
    struct wire_field f = {.number = 0};
    uint64_t key = 0;
    int r;

    if (in->len == 0) {
        return 0;
    }
    r = varint_take(in, &key);
    if (r != CXD_OK || key >> 3 == 0 || key >> 3 > NUMBER_MAX) {
        return CXD_MALFORMED;
    }
    f.number = (uint32_t)(key >> 3);
    f.type = (enum wire_type)(key & 7);
    switch (f.type) {
    case WIRE_VARINT:
        r = varint_take(in, &f.value);
        break;
    case WIRE_FIXED64:
        r = fixed_take(in, 8, &f.value);
        break;
    case WIRE_FIXED32:
        r = fixed_take(in, 4, &f.value);
        break;
    case WIRE_BYTES:
        r = varint_take(in, &f.value);
        if (r == CXD_OK && f.value > in->len) {
            r = CXD_MALFORMED;
        }
        if (r == CXD_OK) {
            f.bytes = (struct cxd_bytes){in->ptr, (size_t)f.value};
            in->ptr += f.bytes.len;
            in->len -= f.bytes.len;
        }
        break;
    default: /* groups are of a time before this protocol */
        return CXD_MALFORMED;
    }
    *ret_field = f;
    return r == CXD_OK ? 1 : r;
}

double wire_double(uint64_t fixed64)
{
    double value;

    memcpy(&value, &fixed64, sizeof value);
    return value;
}

static int varint_add(struct buf *out, uint64_t value)
{
    char bytes[VARINT_BYTES];
    size_t len = 0;

    do {
        bytes[len] = (char)(value & 0x7f);
        value >>= 7;
        bytes[len] = (char)(bytes[len] | (value != 0 ? 0x80 : 0));
        len++;
    } while (value != 0);
    return buf_add(out, bytes, len);
}

int wire_put_varint(struct buf *out, uint32_t number, uint64_t value)
{
    int r = varint_add(out, (uint64_t)number << 3 | WIRE_VARINT);

    return r != CXD_OK ? r : varint_add(out, value);
}

int wire_put_bytes(struct buf *out, uint32_t number, const void *ptr, size_t len)
{
    int r = varint_add(out, (uint64_t)number << 3 | WIRE_BYTES);

    r = r != CXD_OK ? r : varint_add(out, len);
    return r != CXD_OK || len == 0 ? r : buf_add(out, ptr, len);
}

int wire_put_text(struct buf *out, uint32_t number, const char *text)
{
    return wire_put_bytes(out, number, text, strlen(text));
}
