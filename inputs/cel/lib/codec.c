/* codec.c: base64 and hex, and the encoders extension. */
#include "codec.h"

#include "catalog.h"

static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void codec_put_base64(struct sink *sink, struct cxd_bytes data, bool padded)
{
    const unsigned char *in = (const unsigned char *)data.ptr;
    char *out = sink_room(sink, (data.len + 2) / 3 * 4);
    size_t made = 0;

    for (size_t i = 0; out != NULL && i < data.len; i += 3) {
        size_t left = data.len - i;
        uint32_t word = (uint32_t)in[i] << 16 | (left > 1 ? (uint32_t)in[i + 1] << 8 : 0) |
                        (left > 2 ? in[i + 2] : 0);
        out[made++] = letters[word >> 18];
        out[made++] = letters[word >> 12 & 63];
        if (left > 1 || padded) {
            out[made++] = left > 1 ? letters[word >> 6 & 63] : '=';
        }
        if (left > 2 || padded) {
            out[made++] = left > 2 ? letters[word & 63] : '=';
        }
    }
    sink->len += out != NULL ? made : 0;
}

static int letter_value(char c)
{
    return c >= 'A' && c <= 'Z'   ? c - 'A'
           : c >= 'a' && c <= 'z' ? c - 'a' + 26
           : c >= '0' && c <= '9' ? c - '0' + 52
           : c == '+'             ? 62
           : c == '/'             ? 63
                                  : -1;
}

bool codec_read_base64(struct sink *sink, struct cxd_bytes text, int padded, size_t *ret_at)
{
    uint32_t word = 0;
    size_t count = 0; /* letters of the current four */
    size_t padding = 0;

    for (size_t i = 0; i < text.len; i++) {
        int value = letter_value(text.ptr[i]);
        *ret_at = i;
        if (text.ptr[i] == '\n' || text.ptr[i] == '\r') {
            continue;
        }
        if (text.ptr[i] == '=' && padded != 0 && count + padding >= 2 && padding < 2 &&
            count + padding < 4) {
            padding++;
            continue;
        }
        if (value < 0 || padding > 0) {
            return false;
        }
        word = word << 6 | (uint32_t)value;
        if (++count == 4) {
            char three[3] = {(char)(word >> 16), (char)(word >> 8), (char)word};
            sink_put(sink, three, 3);
            count = 0;
            word = 0;
        }
    }
    *ret_at = text.len;
    if (count == 1 || (padded > 0 && count > 0 && count + padding != 4) ||
        (padding > 0 && count + padding != 4)) {
        return false;
    }
    word <<= 6 * (4 - count);
    if (count >= 2) {
        sink_char(sink, (char)(word >> 16));
    }
    if (count == 3) {
        sink_char(sink, (char)(word >> 8));
    }
    return true;
}

void codec_put_hex(struct sink *sink, struct cxd_bytes data)
{
    static const char digits[] = "0123456789abcdef";
    char *out = data.len <= SIZE_MAX / 2 ? sink_room(sink, data.len * 2) : NULL;

    for (size_t i = 0; out != NULL && i < data.len; i++) {
        out[2 * i] = digits[(unsigned char)data.ptr[i] >> 4];
        out[2 * i + 1] = digits[(unsigned char)data.ptr[i] & 15];
    }
    sink->len += out != NULL ? data.len * 2 : 0;
}

static int hex_value(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

bool codec_read_hex(struct sink *sink, struct cxd_bytes text)
{
    for (size_t i = 0; i + 1 < text.len; i += 2) {
        int high = hex_value(text.ptr[i]);
        int low = hex_value(text.ptr[i + 1]);
        if (high < 0 || low < 0) {
            return false;
        }
        sink_char(sink, (char)(high << 4 | low));
    }
    return text.len % 2 == 0;
}

static struct value encode(struct run *run, const struct value *args, uint32_t count)
{
    struct sink out = sink_on(run->pool);

    (void)count;
    codec_put_base64(&out, value_range(args[0]), true);
    return run_text(run, &out);
}

static struct value decode(struct run *run, const struct value *args, uint32_t count)
{
    struct sink out = sink_on(run->pool);
    size_t at = 0;

    (void)count;
    if (!codec_read_base64(&out, value_range(args[0]), -1, &at)) {
        return run_fail(run, "illegal base64 data at input byte %zu", at);
    }
    return run_bytes(run, &out);
}

const struct function codec_ext_functions[] = {
    {"base64.encode", FUNCTION_FREE, 1, 1, VALUE_MASK(VALUE_BYTES), encode},
    {"base64.decode", FUNCTION_FREE, 1, 1, VALUE_MASK(VALUE_STRING), decode},
    {NULL}};
