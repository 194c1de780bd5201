/* crypto.c: digests, HMAC, base64, hex and uuid. */
#include "../lang/services.h"
#include "catalog.h"
#include "codec.h"
#include "digest.h"

#define DIGEST_MAX 32
#define BLOCK 64

struct digest {
    const char *name;
    size_t len;
};

static const struct digest digests[] = {{"md5", 16}, {"sha1", 20}, {"sha256", 32}};

/* False: not available. */
static bool digest_run(struct run *run, const struct digest *digest, const void *data, size_t len,
                       unsigned char *out)
{
    if (digest == &digests[0]) {
        digest_md5(data, len, out);
    } else if (digest == &digests[1]) {
        digest_sha1(data, len, out);
    } else if (run->services != NULL && run->services->sha256 != NULL) {
        run->services->sha256(data, len, out);
    } else {
        return false;
    }
    return true;
}

static struct value bytes_keep(struct run *run, const void *data, size_t len)
{
    char *copy = pool_copy(run->pool, data, len);

    return copy != NULL ? value_bytes(copy, len) : run_out_of_memory(run);
}

static struct value hash(struct run *run, struct value v, const struct digest *digest)
{
    unsigned char out[DIGEST_MAX];

    if (!run_spend(run, 4 + v.len / 16)) {
        return run_fatal(run);
    }
    if (!digest_run(run, digest, v.text != NULL ? v.text : "", v.len, out)) {
        return run_fail(run, "%s is not available here", digest->name);
    }
    return bytes_keep(run, out, digest->len);
}

static struct value md5(struct run *run, const struct value *args, uint32_t count)
{
    (void)count;
    return hash(run, args[0], &digests[0]);
}

static struct value sha1(struct run *run, const struct value *args, uint32_t count)
{
    (void)count;
    return hash(run, args[0], &digests[1]);
}

static struct value sha256(struct run *run, const struct value *args, uint32_t count)
{
    (void)count;
    return hash(run, args[0], &digests[2]);
}

/* RFC 2104, by one-shot digests over joined copies. */
static struct value hmac_with(struct run *run, struct value data, const struct digest *digest,
                              struct value key)
{
    unsigned char block[BLOCK] = {0};
    unsigned char inner[DIGEST_MAX];
    unsigned char outer[BLOCK + DIGEST_MAX];
    unsigned char *joined = pool_alloc(run->pool, BLOCK + (size_t)data.len);

    if (joined == NULL) {
        return run_out_of_memory(run);
    }
    if (key.len > BLOCK) {
        if (!digest_run(run, digest, key.text, key.len, block)) {
            return run_fail(run, "%s is not available here", digest->name);
        }
    } else if (key.len > 0) {
        memcpy(block, key.text, key.len);
    }
    for (size_t i = 0; i < BLOCK; i++) {
        joined[i] = block[i] ^ 0x36;
        outer[i] = block[i] ^ 0x5c;
    }
    if (data.len > 0) {
        memcpy(joined + BLOCK, data.text, data.len);
    }
    if (!digest_run(run, digest, joined, BLOCK + (size_t)data.len, inner)) {
        return run_fail(run, "%s is not available here", digest->name);
    }
    memcpy(outer + BLOCK, inner, digest->len);
    (void)digest_run(run, digest, outer, BLOCK + digest->len, inner); /* it was there before */
    return bytes_keep(run, inner, digest->len);
}

static struct value hmac(struct run *run, const struct value *args, uint32_t count)
{
    (void)count;
    if (args[1].kind != VALUE_STRING || args[2].kind != VALUE_BYTES) {
        return run_no_overload(run);
    }
    if (!run_spend(run, 8 + args[0].len / 16)) {
        return run_fatal(run);
    }
    for (size_t i = 1; i < sizeof digests / sizeof digests[0]; i++) {
        if (value_text_is(args[1], digests[i].name)) {
            return hmac_with(run, args[0], &digests[i], args[2]);
        }
    }
    return run_fail(run, "unsupported hash: %.*s", (int)args[1].len, args[1].text);
}

static struct value hex(struct run *run, const struct value *args, uint32_t count)
{
    struct sink out = sink_on(run->pool);

    (void)count;
    codec_put_hex(&out, value_range(args[0]));
    return run_text(run, &out);
}

static struct value hex_decode(struct run *run, const struct value *args, uint32_t count)
{
    struct sink out = sink_on(run->pool);

    (void)count;
    return codec_read_hex(&out, value_range(args[0])) ? run_bytes(run, &out)
                                                      : run_fail(run, "invalid hex encoding");
}

static struct value base64(struct run *run, const struct value *args, uint32_t count)
{
    struct sink out = sink_on(run->pool);

    (void)count;
    codec_put_base64(&out, value_range(args[0]), true);
    return run_text(run, &out);
}

static struct value base64_raw(struct run *run, const struct value *args, uint32_t count)
{
    struct sink out = sink_on(run->pool);

    (void)count;
    codec_put_base64(&out, value_range(args[0]), false);
    return run_text(run, &out);
}

static struct value from_base64(struct run *run, struct value v, int padded)
{
    struct sink out = sink_on(run->pool);
    size_t at = 0;

    if (!codec_read_base64(&out, value_range(v), padded, &at)) {
        return run_fail(run, "invalid base64 encoding: illegal base64 data at input byte %zu", at);
    }
    return run_bytes(run, &out);
}

static struct value base64_decode(struct run *run, const struct value *args, uint32_t count)
{
    (void)count;
    return from_base64(run, args[0], 1);
}

static struct value base64_raw_decode(struct run *run, const struct value *args, uint32_t count)
{
    (void)count;
    return from_base64(run, args[0], 0);
}

static struct value uuid(struct run *run, const struct value *args, uint32_t count)
{
    struct sink out = sink_on(run->pool);
    unsigned char b[16];

    (void)args;
    (void)count;
    if (run->services == NULL || run->services->random == NULL) {
        return run_fail(run, "random numbers are not available here");
    }
    run->services->random(run->services->ctx, b, sizeof b);
    b[6] = (unsigned char)((b[6] & 0x0f) | 0x40); /* version 4 */
    b[8] = (unsigned char)((b[8] & 0x3f) | 0x80);
    for (size_t i = 0; i < sizeof b; i++) {
        sink_print(&out, i == 4 || i == 6 || i == 8 || i == 10 ? "-%02x" : "%02x", b[i]);
    }
    return run_text(run, &out);
}

#define TEXTUAL (VALUE_MASK(VALUE_STRING) | VALUE_MASK(VALUE_BYTES))
#define STRING VALUE_MASK(VALUE_STRING)

const struct function crypto_functions[] = {
    {"md5", FUNCTION_BOTH, 1, 1, TEXTUAL, md5},
    {"sha1", FUNCTION_BOTH, 1, 1, TEXTUAL, sha1},
    {"sha256", FUNCTION_BOTH, 1, 1, TEXTUAL, sha256},
    {"hmac", FUNCTION_BOTH, 3, 3, TEXTUAL, hmac},
    {"hex", FUNCTION_BOTH, 1, 1, TEXTUAL, hex},
    {"hex_decode", FUNCTION_BOTH, 1, 1, STRING, hex_decode},
    {"base64", FUNCTION_BOTH, 1, 1, TEXTUAL, base64},
    {"base64_raw", FUNCTION_BOTH, 1, 1, TEXTUAL, base64_raw},
    {"base64_decode", FUNCTION_BOTH, 1, 1, STRING, base64_decode},
    {"base64_raw_decode", FUNCTION_BOTH, 1, 1, STRING, base64_raw_decode},
    {"uuid", FUNCTION_FREE, 0, 0, 0, uuid},
    {NULL}};
