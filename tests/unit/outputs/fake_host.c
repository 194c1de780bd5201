/* fake_host.c: memory, clock, options and gzip of the fake host; its HTTP is fake_http.c. */
#include "fake_host.h"

#include "fake_http.h"

#include <openssl/sha.h>
#include <stdlib.h>
#include <zlib.h>

struct fake fake;

struct cxd_gzip {
    z_stream z;
    int level;
};

static void *fake_alloc(struct cxd_self *self, size_t size)
{
    void *ptr;

    (void)self;
    fake.allocations++;
    if (fake.allocations == fake.fail_at) {
        return NULL;
    }
    ptr = calloc(1, size > 0 ? size : 1);
    fake.live += ptr != NULL;
    return ptr;
}

static void *fake_realloc(struct cxd_self *self, void *ptr, size_t size)
{
    void *next;

    if (ptr == NULL) {
        return fake_alloc(self, size);
    }
    fake.allocations++;
    if (fake.allocations == fake.fail_at) {
        return NULL;
    }
    next = realloc(ptr, size);
    return next;
}

static void fake_free(struct cxd_self *self, void *ptr)
{
    (void)self;
    fake.live -= ptr != NULL;
    free(ptr);
}

static void fake_log(struct cxd_self *self, int level, const char *text, size_t len)
{
    (void)self;
    (void)level;
    if (fake.log_count < FAKE_LOG_MAX) {
        (void)snprintf(fake.logs[fake.log_count++], sizeof fake.logs[0], "%.*s", (int)len, text);
    }
}

static int fake_is_logged(struct cxd_self *self, int level)
{
    (void)self;
    (void)level;
    return 1;
}

static void fake_health(struct cxd_self *self, int health, const char *reason)
{
    (void)self;
    fake.health = health;
    (void)snprintf(fake.health_text, sizeof fake.health_text, "%s", reason != NULL ? reason : "");
}

static void fake_count(struct cxd_self *self, const char *name, int64_t delta)
{
    (void)self;
    (void)name;
    fake.counted += delta;
}

static int64_t fake_wall(struct cxd_self *self)
{
    (void)self;
    return fake.wall_ms;
}

static int64_t fake_mono(struct cxd_self *self)
{
    (void)self;
    return fake.mono_ms;
}

static void fake_random(struct cxd_self *self, void *out, size_t len)
{
    (void)self;
    for (size_t i = 0; i < len; i++) {
        ((unsigned char *)out)[i] = (unsigned char)(i * 37 + 11);
    }
}

static int fake_is_stopping(struct cxd_self *self)
{
    (void)self;
    return fake.is_stopping;
}

static struct cxd_scalar scalar_from(const bson_iter_t *iter)
{
    struct cxd_scalar value = {0};
    uint32_t len = 0;
    const uint8_t *bytes = NULL;
    bson_t sub;

    switch (bson_iter_type(iter)) {
    case BSON_TYPE_UTF8:
        value.type = CXD_TEXT;
        value.bytes.ptr = bson_iter_utf8(iter, &len);
        value.bytes.len = len;
        break;
    case BSON_TYPE_INT32:
    case BSON_TYPE_INT64:
        value.type = CXD_INT;
        value.number = bson_iter_as_int64(iter);
        break;
    case BSON_TYPE_BOOL:
        value.type = CXD_BOOL;
        value.number = bson_iter_bool(iter);
        break;
    case BSON_TYPE_DOCUMENT:
    case BSON_TYPE_ARRAY:
        value.type = bson_iter_type(iter) == BSON_TYPE_ARRAY ? CXD_ARRAY : CXD_DOCUMENT;
        bytes = iter->raw + iter->d1;
        memcpy(&len, bytes, sizeof len); /* BSON says its own length first */
        value.bytes = (struct cxd_bytes){(const char *)bytes, len};
        if (bson_init_static(&sub, bytes, len)) {
            value.count = bson_count_keys(&sub);
        }
        break;
    default:
        value.type = CXD_NIL;
        break;
    }
    return value;
}

static struct cxd_scalar fake_doc_get(struct cxd_bytes doc, const char *path)
{
    bson_t bson;
    bson_iter_t iter;
    bson_iter_t found;

    if (doc.len == 0 || !bson_init_static(&bson, (const uint8_t *)doc.ptr, doc.len) ||
        !bson_iter_init(&iter, &bson) || !bson_iter_find_descendant(&iter, path, &found)) {
        return (struct cxd_scalar){0};
    }
    return scalar_from(&found);
}

static struct cxd_scalar fake_doc_at(struct cxd_bytes doc, uint32_t index,
                                     struct cxd_bytes *ret_name)
{
    bson_t bson;
    bson_iter_t iter;

    if (!bson_init_static(&bson, (const uint8_t *)doc.ptr, doc.len) ||
        !bson_iter_init(&iter, &bson)) {
        return (struct cxd_scalar){0};
    }
    while (bson_iter_next(&iter)) {
        if (index-- == 0) {
            if (ret_name != NULL) {
                *ret_name = (struct cxd_bytes){bson_iter_key(&iter), strlen(bson_iter_key(&iter))};
            }
            return scalar_from(&iter);
        }
    }
    return (struct cxd_scalar){0};
}

static int fake_gzip_new(struct cxd_self *self, int level, struct cxd_gzip **ret_gzip,
                         struct cxd_error *err)
{
    struct cxd_gzip *z = fake_alloc(self, sizeof *z);

    if (z == NULL) {
        return cxd_error_set(err, CXD_NOMEM, "out of memory");
    }
    z->level = level;
    if (deflateInit2(&z->z, level, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY) != Z_OK) {
        fake_free(self, z);
        return cxd_error_set(err, CXD_NOMEM, "deflateInit2");
    }
    *ret_gzip = z;
    return CXD_OK;
}

static int fake_gzip_step(struct cxd_gzip *z, struct cxd_bytes *in, void *out, size_t room,
                          size_t *ret_len, int finish, struct cxd_error *err)
{
    int r;

    (void)err;
    z->z.next_in = (Bytef *)(uintptr_t)in->ptr;
    z->z.avail_in = (uInt)in->len;
    z->z.next_out = out;
    z->z.avail_out = (uInt)room;
    r = deflate(&z->z, finish ? Z_FINISH : Z_NO_FLUSH);
    in->ptr = (const char *)z->z.next_in;
    in->len = z->z.avail_in;
    *ret_len = room - z->z.avail_out;
    return r == Z_STREAM_END ? CXD_END : r == Z_OK || r == Z_BUF_ERROR ? CXD_OK : CXD_BUG;
}

static int fake_gzip_reset(struct cxd_gzip *z)
{
    return deflateReset(&z->z) == Z_OK ? CXD_OK : CXD_BUG;
}

static void fake_gzip_free(struct cxd_gzip *z)
{
    if (z != NULL) {
        (void)deflateEnd(&z->z);
        fake_free(NULL, z);
    }
}

static void fake_sha256(const void *data, size_t len, unsigned char out[32])
{
    (void)SHA256(data, len, out);
}

static size_t fake_base64(const void *data, size_t len, int url, char *out, size_t room)
{
    static const char set[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const unsigned char *in = data;
    size_t n = 0;

    (void)url;
    if ((len + 2) / 3 * 4 > room) {
        return 0;
    }
    for (size_t i = 0; i < len; i += 3) {
        uint32_t word = (uint32_t)in[i] << 16 | (i + 1 < len ? (uint32_t)in[i + 1] << 8 : 0) |
                        (i + 2 < len ? in[i + 2] : 0);

        out[n++] = set[word >> 18 & 63];
        out[n++] = set[word >> 12 & 63];
        out[n++] = i + 1 < len ? set[word >> 6 & 63] : '=';
        out[n++] = i + 2 < len ? set[word & 63] : '=';
    }
    return n;
}

/* Quotes and backslashes alone, as no test has other letters that need it. */
static size_t fake_json_quote(struct cxd_bytes text, char *out, size_t room)
{
    size_t n = 0;

    if (2 * text.len + 2 > room) {
        return 0;
    }
    out[n++] = '"';
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '"' || text.ptr[i] == '\\') {
            out[n++] = '\\';
        }
        out[n++] = text.ptr[i];
    }
    out[n++] = '"';
    return n;
}

void fake_reset(void)
{
    for (size_t i = 0; i < fake.request_count; i++) {
        free(fake.requests[i].body);
    }
    memset(&fake, 0, sizeof fake);
    fake.wall_ms = 1700000000000;
    fake.mono_ms = 1000000;
}

void fake_script(const struct fake_reply *replies, size_t count)
{
    fake.replies = replies;
    fake.reply_count = count;
    fake.reply_next = 0;
}

int fake_logged(const char *part)
{
    for (int i = 0; i < fake.log_count; i++) {
        if (strstr(fake.logs[i], part) != NULL) {
            return 1;
        }
    }
    return 0;
}

struct cxd_bytes fake_bytes(const bson_t *doc)
{
    return (struct cxd_bytes){(const char *)bson_get_data(doc), doc->len};
}

static int64_t number_of(const char *text)
{
    char *end;
    double number = strtod(text, &end);

    if (strcmp(end, "KiB") == 0) {
        number *= 1024;
    } else if (strcmp(end, "MiB") == 0) {
        number *= 1048576;
    } else if (strcmp(end, "s") == 0) {
        number *= 1000;
    } else if (strcmp(end, "m") == 0) {
        number *= 60000;
    } else if (*end != '\0' && strcmp(end, "ms") != 0) {
        abort(); /* a default this reader does not know: teach it */
    }
    return (int64_t)number;
}

/* Defaults whose name has dots become literal paths; the modules read them with the same dotted path. */
static void default_add(bson_t *doc, const struct cxd_option *o)
{
    bson_t sub;
    char part[64];
    const char *dot = strchr(o->name, '.');
    struct cxd_option rest = *o;

    if (dot != NULL) {
        (void)snprintf(part, sizeof part, "%.*s", (int)(dot - o->name), o->name);
        rest.name = dot + 1;
        if (bson_has_field(doc, part)) {
            return; /* one default per group is all these tests need */
        }
        bson_append_document_begin(doc, part, -1, &sub);
        default_add(&sub, &rest);
        bson_append_document_end(doc, &sub);
        return;
    }
    switch (o->type) {
    case CXD_OPTION_STRING:
        BSON_APPEND_UTF8(doc, o->name, o->default_value);
        break;
    case CXD_OPTION_BOOL:
        BSON_APPEND_BOOL(doc, o->name, strcmp(o->default_value, "true") == 0);
        break;
    case CXD_OPTION_INT:
    case CXD_OPTION_SIZE:
    case CXD_OPTION_DURATION:
        BSON_APPEND_INT64(
            doc, o->name,
            number_of(o->default_value) *
                (o->type == CXD_OPTION_DURATION && strpbrk(o->default_value, "sm") == NULL ? 1000
                                                                                           : 1));
        break;
    default:
        abort();
    }
}

bson_t *fake_options(const struct cxd_option *table, bson_t *doc)
{
    for (const struct cxd_option *o = table; o->name != NULL; o++) {
        struct cxd_bytes bytes = fake_bytes(doc);

        if (o->default_value != NULL && fake_doc_get(bytes, o->name).type == CXD_NONE) {
            default_add(doc, o);
        }
    }
    return doc;
}

const struct cxd_host fake_host = {
    .size = sizeof fake_host,
    .abi = CXD_ABI,
    .offers = ~UINT64_C(0),
    .alloc = fake_alloc,
    .realloc = fake_realloc,
    .free = fake_free,
    .log = fake_log,
    .is_logged = fake_is_logged,
    .health = fake_health,
    .count = fake_count,
    .wall_ms = fake_wall,
    .mono_ms = fake_mono,
    .random = fake_random,
    .is_stopping = fake_is_stopping,
    .doc_get = fake_doc_get,
    .doc_at = fake_doc_at,
    .http_client = fake_http_client,
    .http_client_free = fake_http_client_free,
    .http_start = fake_http_start,
    .http_wait = fake_http_wait,
    .http_read = fake_http_read,
    .http_status = fake_http_status,
    .http_header = fake_http_header,
    .http_close = fake_http_close,
    .http_interrupt = fake_http_interrupt,
    .http_retry_after = fake_http_retry_after,
    .sha256 = fake_sha256,
    .base64 = fake_base64,
    .json_quote = fake_json_quote,
    .gzip_new = fake_gzip_new,
    .gzip_step = fake_gzip_step,
    .gzip_reset = fake_gzip_reset,
    .gzip_free = fake_gzip_free,
};
