/* challenge.c: see the header. */
#include "challenge.h"

#include "lib/digest.h"

#include <stdio.h>
#include <strings.h>

#define HASH_TEXT 65

struct hasher {
    bool is_sha256;
    void (*sha256)(const void *data, size_t len, unsigned char out[32]);
};

static void hash(const struct hasher *h, const struct text *of, char out[HASH_TEXT])
{
    static const char digits[] = "0123456789abcdef";
    const char *ptr = of->ptr != NULL ? of->ptr : "";
    unsigned char digest[32];
    size_t len = h->is_sha256 ? 32 : 16;

    if (h->is_sha256) {
        h->sha256(ptr, of->len, digest);
    } else {
        digest_md5(ptr, of->len, digest);
    }
    for (size_t i = 0; i < len; i++) {
        out[i * 2] = digits[digest[i] >> 4];
        out[i * 2 + 1] = digits[digest[i] & 15];
    }
    out[len * 2] = '\0';
}

/* name=value or name="value" at *at, moved behind it and its comma. False: the end, or no parameter. */
static bool parameter(const char **at, char name[32], char value[512])
{
    const char *c = *at + strspn(*at, " \t,");
    size_t len = strcspn(c, "= \t,");
    size_t put = 0;

    if (len == 0 || len >= 32 || c[len] != '=') {
        return false;
    }
    (void)snprintf(name, 32, "%.*s", (int)len, c);
    c += len + 1;
    if (*c == '"') {
        for (c++; *c != '\0' && *c != '"'; c++) {
            c += *c == '\\' && c[1] != '\0';
            value[put] = *c;
            put += put + 1 < 512;
        }
        c += *c == '"';
    } else {
        for (; *c != '\0' && *c != ',' && *c != ' '; c++) {
            value[put] = *c;
            put += put + 1 < 512;
        }
    }
    value[put] = '\0';
    *at = c;
    return true;
}

static bool has_auth(const char *qop)
{
    while (*qop != '\0') {
        size_t len;

        qop += strspn(qop, ", ");
        len = strcspn(qop, ", ");
        if (len == 4 && strncasecmp(qop, "auth", 4) == 0) {
            return true;
        }
        qop += len;
    }
    return false;
}

bool challenge_read(struct challenge *c, const char *value)
{
    struct challenge next = {.is_set = true};
    char name[32];
    char text[512];
    bool is_good = true;

    if (value == NULL || strncasecmp(value, "Digest ", 7) != 0) {
        return false;
    }
    value += 7;
    while (parameter(&value, name, text)) {
        if (strcasecmp(name, "realm") == 0) {
            (void)snprintf(next.realm, sizeof next.realm, "%.255s", text);
        } else if (strcasecmp(name, "nonce") == 0) {
            (void)snprintf(next.nonce, sizeof next.nonce, "%s", text);
        } else if (strcasecmp(name, "opaque") == 0) {
            (void)snprintf(next.opaque, sizeof next.opaque, "%.255s", text);
            next.has_opaque = true;
        } else if (strcasecmp(name, "qop") == 0) {
            next.has_qop = true;
            is_good &= has_auth(text);
        } else if (strcasecmp(name, "algorithm") == 0) {
            next.is_sha256 = strcasecmp(text, "SHA-256") == 0;
            is_good &= next.is_sha256 || strcasecmp(text, "MD5") == 0;
        }
    }
    if (!is_good || next.nonce[0] == '\0') {
        return false;
    }
    *c = next;
    return true;
}

static void quoted(struct text *out, const char *name, struct cxd_bytes value)
{
    text_put(out, name);
    text_put(out, "=\"");
    for (size_t i = 0; i < value.len; i++) {
        if (value.ptr[i] == '"' || value.ptr[i] == '\\') {
            text_put(out, "\\");
        }
        text_add(out, value.ptr + i, 1);
    }
    text_put(out, "\"");
}

/* A1, A2 and what is hashed of both. */
static void response(const struct challenge *c, const struct challenge_ask *ask,
                     const struct hasher *h, const char *count, struct text *work,
                     char out[HASH_TEXT])
{
    char first[HASH_TEXT];
    char second[HASH_TEXT];

    text_clear(work);
    text_add(work, ask->user.ptr, ask->user.len);
    text_put(work, ":");
    text_put(work, c->realm);
    text_put(work, ":");
    text_add(work, ask->password.ptr, ask->password.len);
    hash(h, work, first);
    text_clear(work);
    text_add(work, ask->method.ptr, ask->method.len);
    text_put(work, ":");
    text_add(work, ask->uri.ptr, ask->uri.len);
    hash(h, work, second);
    text_clear(work);
    text_put(work, first);
    text_put(work, ":");
    text_put(work, c->nonce);
    if (c->has_qop) {
        text_put(work, ":");
        text_put(work, count);
        text_put(work, ":");
        text_put(work, ask->cnonce);
        text_put(work, ":auth");
    }
    text_put(work, ":");
    text_put(work, second);
    hash(h, work, out);
    heap_wipe(first, sizeof first);
}

void challenge_answer(struct challenge *c, const struct challenge_ask *ask,
                      void (*sha256)(const void *data, size_t len, unsigned char out[32]),
                      struct text *out)
{
    struct hasher h = {c->is_sha256, sha256};
    struct text work;
    char count[16];
    char answer[HASH_TEXT];

    (void)snprintf(count, sizeof count, "%08x", ++c->count);
    text_init(&work, out->heap, 65536);
    work.secret = true;
    response(c, ask, &h, count, &work, answer);
    if (work.status != 0) {
        out->status = work.status;
    }
    text_done(&work);
    quoted(out, "Digest username", ask->user);
    quoted(out, ", realm", bytes_of(c->realm));
    quoted(out, ", nonce", bytes_of(c->nonce));
    quoted(out, ", uri", ask->uri);
    quoted(out, ", response", bytes_of(answer));
    text_put(out, c->is_sha256 ? ", algorithm=SHA-256" : ", algorithm=MD5");
    if (c->has_opaque) {
        quoted(out, ", opaque", bytes_of(c->opaque));
    }
    if (c->has_qop) {
        text_put(out, ", qop=auth, nc=");
        text_put(out, count);
        quoted(out, ", cnonce", bytes_of(ask->cnonce));
    }
}
