/* fingerprint.c: fingerprint: a digest of some fields, in the order of their names. */
#include "hash.h"
#include "lib/edit.h"

#include <string.h>

#define DIGEST_MAX 64
#define XXHASH 6 /* behind enum cxd_digest */

enum encoding { ENCODING_HEX, ENCODING_BASE32, ENCODING_BASE64 };

struct fingerprint {
    struct base base;
    struct path *fields; /* sorted, each once */
    size_t count;
    struct path target;
    int method;
    int encoding;
};

static int path_compare(const struct path *a, const struct path *b)
{
    return strcmp(a->name.ptr, b->name.ptr);
}

/* Few fields: each is put before those behind which it does not belong. */
static void fields_sort(struct fingerprint *p)
{
    size_t count = 0;

    for (size_t i = 0; i < p->count; i++) {
        struct path path = p->fields[i];
        size_t at = count;
        while (at > 0 && path_compare(&p->fields[at - 1], &path) > 0) {
            at--;
        }
        if (at > 0 && path_compare(&p->fields[at - 1], &path) == 0) {
            continue;
        }
        memmove(&p->fields[at + 1], &p->fields[at], (count - at) * sizeof path);
        p->fields[at] = path;
        count++;
    }
    p->count = count;
}

static int fingerprint_open(struct base *b, struct cxd_bytes options, struct cxd_error *err)
{
    static const char *const methods[] = {"md5",    "sha1",   "sha256", "sha384",
                                          "sha512", "xxhash", NULL};
    static const char *const encodings[] = {"hex", "base32", "base64", NULL};
    struct fingerprint *p = (struct fingerprint *)b;
    int r = path_list(b, options, "fields", &p->fields, &p->count, err);

    r = r != CXD_OK ? r : path_option(b, options, "target_field", &p->target, err);
    if (r != CXD_OK) {
        return r;
    }
    if (!CXD_HAS(b->host, digest) || b->host->digest == NULL) {
        return cxd_error_set(err, CXD_MISFIT, "this host makes no digests");
    }
    p->method = base_word(b, options, "method", methods, err) + 1;
    p->encoding = p->method > 0 ? base_word(b, options, "encoding", encodings, err) : -1;
    fields_sort(p);
    return p->method > 0 && p->encoding >= 0 ? CXD_OK : CXD_CONFIG;
}

/* |name|value for each, and a last bar. */
static int source_make(struct edit *e, struct fingerprint *p, struct edit_out *out)
{
    int r = CXD_OK;

    for (size_t i = 0; i < p->count && r == CXD_OK; i++) {
        struct edit_spot spot;
        struct cxd_bytes text = CXD_LIT("<nil>");
        r = edit_find(e, &p->fields[i], &spot);
        if (r <= 0) {
            r = r < 0 ? r : edit_missing(e, &p->fields[i]);
            continue;
        }
        r = spot.node->value.kind == CXD_KIND_NULL
                ? CXD_OK
                : edit_print(e, &p->fields[i], &spot.node->value, &text);
        r = r != CXD_OK ? r : edit_out_add(e, out, CXD_LIT("|"));
        r = r != CXD_OK ? r : edit_out_add(e, out, p->fields[i].name);
        r = r != CXD_OK ? r : edit_out_add(e, out, CXD_LIT("|"));
        r = r != CXD_OK ? r : edit_out_add(e, out, text);
    }
    return r != CXD_OK ? r : edit_out_add(e, out, CXD_LIT("|"));
}

static size_t digest_make(struct edit *e, const struct fingerprint *p, const struct edit_out *out,
                          unsigned char digest[DIGEST_MAX])
{
    uint64_t hash;

    if (p->method < XXHASH) {
        return e->host->digest(p->method, out->ptr, out->len, digest);
    }
    hash = hash_xx64(out->ptr, out->len, 0);
    for (int i = 0; i < 8; i++) {
        digest[i] = (unsigned char)(hash >> (56 - 8 * i));
    }
    return 8;
}

static size_t hex_write(const unsigned char *digest, size_t len, char *out)
{
    static const char letters[] = "0123456789abcdef";

    for (size_t i = 0; i < len; i++) {
        out[2 * i] = letters[digest[i] >> 4];
        out[2 * i + 1] = letters[digest[i] & 15];
    }
    return 2 * len;
}

/* Five bits a letter, filled up with = to eight letters. */
static size_t base32_write(const unsigned char *digest, size_t len, char *out)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    size_t written = 0;
    unsigned bits = 0;
    unsigned held = 0;

    for (size_t i = 0; i < len; i++) {
        held = held << 8 | digest[i];
        for (bits += 8; bits >= 5; bits -= 5) {
            out[written++] = letters[held >> (bits - 5) & 31];
        }
    }
    if (bits > 0) {
        out[written++] = letters[held << (5 - bits) & 31];
    }
    while (written % 8 != 0) {
        out[written++] = '=';
    }
    return written;
}

static int fingerprint_run(struct edit *e)
{
    struct fingerprint *p = (struct fingerprint *)e->base;
    unsigned char digest[DIGEST_MAX];
    struct edit_out source = {0};
    char *text;
    size_t len;
    int r = source_make(e, p, &source);

    if (r != CXD_OK) {
        return r;
    }
    text = edit_alloc(e, 2 * DIGEST_MAX);
    if (text == NULL) {
        return edit_lack(e);
    }
    len = digest_make(e, p, &source, digest);
    if (p->encoding == ENCODING_BASE64) {
        len = e->host->base64(digest, len, 0, text, 2 * DIGEST_MAX);
    } else {
        len = p->encoding == ENCODING_HEX ? hex_write(digest, len, text)
                                          : base32_write(digest, len, text);
    }
    return edit_put_value(e, &p->target, edit_text_value((struct cxd_bytes){text, len}));
}

static const struct cxd_option fingerprint_options[] = {
    {.name = "fields",
     .type = CXD_OPTION_STRING_LIST,
     .flags = CXD_OPTION_REQUIRED,
     .help = "Fields with single values; their order does not matter."},
    {.name = "method",
     .type = CXD_OPTION_STRING,
     .default_value = "sha256",
     .help = "md5, sha1, sha256, sha384, sha512 or xxhash."},
    {.name = "encoding",
     .type = CXD_OPTION_STRING,
     .default_value = "hex",
     .help = "hex, base32 or base64."},
    {.name = "target_field",
     .type = CXD_OPTION_STRING,
     .default_value = "fingerprint",
     .help = "Where it goes; @metadata._id makes it the document's id."},
    OPTION_IGNORE_MISSING,
    {.name = NULL},
};

BASE_MODULE(fingerprint, NULL, "a digest of fields", NULL)
