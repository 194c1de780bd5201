/* jwk.c: see the header. Thread: the instance's, at open. */
#include "jwk.h"

static int url64_digit(char letter)
{
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    const char *found = letter != '\0' ? strchr(letters, letter) : NULL;

    return found != NULL ? (int)(found - letters) : -1;
}

/* Base64url into out; the length, or 0. */
static size_t url64_decode(struct cxd_bytes text, unsigned char *out)
{
    uint32_t bits = 0;
    size_t len = 0;

    for (size_t i = 0; i < text.len; i++) {
        int digit = url64_digit(text.ptr[i]);

        if (digit < 0) {
            return 0;
        }
        bits = bits << 6 | (uint32_t)digit;
        if (i % 4 != 0) {
            out[len++] = (unsigned char)(bits >> (6 - i % 4 * 2));
        }
    }
    return len;
}

static size_t der_length(size_t len, unsigned char *out)
{
    if (len < 128) {
        out[0] = (unsigned char)len;
        return 1;
    }
    if (len < 256) {
        out[0] = 0x81;
        out[1] = (unsigned char)len;
        return 2;
    }
    out[0] = 0x82;
    out[1] = (unsigned char)(len >> 8);
    out[2] = (unsigned char)len;
    return 3;
}

static size_t der_integer(const unsigned char *bytes, size_t len, unsigned char *out)
{
    size_t at = 1;
    bool pad;

    while (len > 1 && bytes[0] == 0) {
        bytes++;
        len--;
    }
    pad = (bytes[0] & 0x80) != 0;
    out[0] = 0x02;
    at += der_length(len + pad, out + at);
    if (pad) {
        out[at++] = 0;
    }
    memcpy(out + at, bytes, len);
    return at + len;
}

/* The numbers of the key behind each other; 0: one is missing. */
static size_t jwk_numbers(struct region *r, struct tree *key, unsigned char *out, size_t room)
{
    static const char *const names[] = {"n", "e", "d", "p", "q", "dp", "dq", "qi"};
    static const unsigned char version[] = {0x02, 0x01, 0x00};
    unsigned char bytes[2100];
    size_t at = sizeof version;

    memcpy(out, version, sizeof version);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        struct cxd_bytes text = optree_text(r, key, names[i]);
        size_t len = text.len > 0 && text.len <= 2748 ? url64_decode(text, bytes) : 0;

        if (len == 0 || at + len + 8 > room) {
            return 0;
        }
        at += der_integer(bytes, len, out + at);
    }
    heap_wipe(bytes, sizeof bytes);
    return at;
}

int jwk_to_pem(struct region *r, struct cxd_bytes json, struct cxd_bytes *ret_pem,
               struct cxd_bytes *ret_key_id, struct cxd_error *err)
{
    static const char front[] = "-----BEGIN RSA PRIVATE KEY-----\n";
    static const char back[] = "\n-----END RSA PRIVATE KEY-----\n";
    enum { ROOM = 12000 };
    unsigned char *der = region_alloc(r, ROOM);
    unsigned char *body = region_alloc(r, ROOM);
    char *pem = region_alloc(r, ROOM * 2);
    struct tree *key = NULL;
    size_t len;
    size_t head;

    if (der == NULL || body == NULL || pem == NULL) {
        return cxd_error_set(err, CXD_NOMEM, "JWK: out of memory");
    }
    if (tree_parse(r, json, &key, NULL) < 0) {
        return cxd_error_set(err, CXD_CONFIG, "auth.oauth2.okta: the JWK is not JSON");
    }
    len = jwk_numbers(r, key, body, ROOM - 8);
    if (len == 0) {
        return cxd_error_set(err, CXD_CONFIG, "auth.oauth2.okta: the JWK is no RSA private key");
    }
    der[0] = 0x30;
    head = 1 + der_length(len, der + 1);
    memcpy(der + head, body, len);
    memcpy(pem, front, sizeof front - 1);
    /* one long line would do for some readers, not for all */
    {
        size_t at = sizeof front - 1;

        for (size_t i = 0; i < head + len; i += 48) {
            size_t piece = head + len - i < 48 ? head + len - i : 48;

            at += r->heap->host->base64(der + i, piece, 0, pem + at, ROOM * 2 - at);
            pem[at++] = '\n';
        }
        memcpy(pem + at - 1, back, sizeof back);
        *ret_pem = (struct cxd_bytes){pem, at - 1 + sizeof back - 1};
    }
    *ret_key_id = optree_text(r, key, "kid");
    return 0;
}
