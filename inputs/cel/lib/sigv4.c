/* sigv4.c: see the header. */
#include "sigv4.h"

#include "../lang/moment.h"
#include "../lang/sink.h"
#include "codec.h"
#include "url.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define PAIRS_MAX 512u
#define BLOCK 64
#define MESSAGE_MAX 1024 /* of the texts that keys are derived from */

struct pair {
    struct cxd_bytes name;
    struct cxd_bytes value;
};

/* What is written on the way; a failed put shows at the end. */
struct signing {
    struct pool *pool;
    const struct services *services;
    const struct sigv4_ask *ask;
    struct sigv4_answer *answer;
    struct url url;
    struct pair headers[SIGV4_HEADERS_MAX + 4];
    size_t header_count;
    struct sink scope;
    struct sink names; /* of the signed headers */
};

static bool is_plain(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.' || c == '~';
}

static void escaped_put(struct sink *sink, struct cxd_bytes text, char also)
{
    for (size_t i = 0; i < text.len; i++) {
        if (is_plain(text.ptr[i]) || (also != '\0' && text.ptr[i] == also)) {
            sink_char(sink, text.ptr[i]);
        } else {
            sink_print(sink, "%%%02X", (unsigned char)text.ptr[i]);
        }
    }
}

static void hash_put(struct signing *s, struct sink *sink, struct cxd_bytes text)
{
    unsigned char digest[32];

    s->services->sha256(text.len > 0 ? text.ptr : "", text.len, digest);
    codec_put_hex(sink, (struct cxd_bytes){(const char *)digest, sizeof digest});
}

/* HMAC of a short text. key_len is at most BLOCK. */
static void mac(struct signing *s, const void *key, size_t key_len, struct cxd_bytes text,
                unsigned char out[32])
{
    unsigned char inner[BLOCK + MESSAGE_MAX] = {0};
    unsigned char outer[BLOCK + 32] = {0};

    memcpy(inner, key, key_len);
    memcpy(outer, key, key_len);
    for (size_t i = 0; i < BLOCK; i++) {
        inner[i] ^= 0x36;
        outer[i] ^= 0x5c;
    }
    memcpy(inner + BLOCK, text.ptr, text.len);
    s->services->sha256(inner, BLOCK + text.len, outer + BLOCK);
    s->services->sha256(outer, sizeof outer, out);
    explicit_bzero(inner, sizeof inner);
    explicit_bzero(outer, sizeof outer);
}

/* "AWS4" and the secret, which may be longer than a block. */
static void first_mac(struct signing *s, struct cxd_bytes text, unsigned char out[32])
{
    struct cxd_bytes secret = s->ask->keys->secret;
    struct sink sink = sink_on(s->pool);
    unsigned char key[BLOCK];

    sink_text(&sink, "AWS4");
    sink_put(&sink, secret.ptr, secret.len);
    if (sink.failed) {
        return;
    }
    if (sink.len > BLOCK) {
        s->services->sha256(sink.text, sink.len, key);
        mac(s, key, 32, text, out);
    } else {
        mac(s, sink.text, sink.len, text, out);
    }
    explicit_bzero(key, sizeof key);
    explicit_bzero(sink.text, sink.len);
}

static int by_name(const void *a, const void *b)
{
    const struct pair *p = a;
    const struct pair *q = b;
    size_t len = p->name.len < q->name.len ? p->name.len : q->name.len;
    int order = len > 0 ? memcmp(p->name.ptr, q->name.ptr, len) : 0;

    if (order == 0 && p->name.len != q->name.len) {
        return p->name.len < q->name.len ? -1 : 1;
    }
    return order;
}

static int by_name_and_value(const void *a, const void *b)
{
    const struct pair *p = a;
    const struct pair *q = b;
    const struct pair v = {p->value, {NULL, 0}};
    const struct pair w = {q->value, {NULL, 0}};
    int order = by_name(a, b);

    return order != 0 ? order : by_name(&v, &w);
}

/* A name or value of the query, in the one way that is signed. */
static struct cxd_bytes word_again(struct signing *s, struct cxd_bytes word)
{
    struct sink plain = sink_on(s->pool);
    struct sink out = sink_on(s->pool);
    struct cxd_bytes bad;

    if (!url_unescape(&plain, word, URL_QUERY, &bad)) {
        return word; /* signed as it stands */
    }
    escaped_put(&out, (struct cxd_bytes){plain.text, plain.len}, '\0');
    return (struct cxd_bytes){out.text, out.len};
}

static const char *query_put(struct signing *s, struct sink *out)
{
    struct pair *pairs = pool_array(s->pool, PAIRS_MAX, sizeof *pairs);
    const char *at = s->url.query.ptr;
    const char *end = at + s->url.query.len;
    size_t count = 0;

    if (pairs == NULL || s->url.query.len == 0) {
        return NULL;
    }
    while (at < end) {
        const char *stop = memchr(at, '&', (size_t)(end - at));
        const char *equal;

        stop = stop != NULL ? stop : end;
        equal = memchr(at, '=', (size_t)(stop - at));
        if (count == PAIRS_MAX) {
            return "the query has more than 512 parts";
        }
        if (stop > at) {
            const char *name_end = equal != NULL ? equal : stop;
            const char *value = equal != NULL ? equal + 1 : stop;
            pairs[count++] =
                (struct pair){word_again(s, (struct cxd_bytes){at, (size_t)(name_end - at)}),
                              word_again(s, (struct cxd_bytes){value, (size_t)(stop - value)})};
        }
        at = stop + 1;
    }
    qsort(pairs, count, sizeof *pairs, by_name_and_value);
    for (size_t i = 0; i < count; i++) {
        sink_text(out, i > 0 ? "&" : "");
        sink_put(out, pairs[i].name.ptr, pairs[i].name.len);
        sink_char(out, '=');
        sink_put(out, pairs[i].value.ptr, pairs[i].value.len);
    }
    return NULL;
}

/* The path as the text has it, between host and query. */
static struct cxd_bytes path_of(struct cxd_bytes url)
{
    const char *end = url.ptr + url.len;
    const char *at = memmem(url.ptr, url.len, "://", 3);
    const char *stop;

    at = at != NULL ? at + 3 : url.ptr;
    while (at < end && *at != '/' && *at != '?' && *at != '#') {
        at++;
    }
    stop = at;
    while (stop < end && *stop != '?' && *stop != '#') {
        stop++;
    }
    return stop > at ? (struct cxd_bytes){at, (size_t)(stop - at)} : CXD_LIT("/");
}

static bool is_left_out(struct cxd_bytes name)
{
    static const char *const names[] = {
        "authorization",  "user-agent",           "x-amzn-trace-id", "expect",
        "connection",     "transfer-encoding",    "x-amz-date",      "host",
        "content-length", "x-amz-security-token", "accept-encoding"};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strlen(names[i]) == name.len && strncasecmp(names[i], name.ptr, name.len) == 0) {
            return true;
        }
    }
    return false;
}

static void header_add(struct signing *s, struct cxd_bytes name, struct cxd_bytes value)
{
    s->headers[s->header_count++] = (struct pair){name, value};
}

static const char *headers_gather(struct signing *s)
{
    const struct sigv4_ask *ask = s->ask;
    struct sink length = sink_on(s->pool);

    if (ask->header_count > SIGV4_HEADERS_MAX) {
        return "too many headers";
    }
    header_add(s, CXD_LIT("host"), s->url.host);
    header_add(s, CXD_LIT("x-amz-date"), s->answer->date);
    if (ask->body.len > 0) {
        sink_print(&length, "%zu", ask->body.len);
        header_add(s, CXD_LIT("content-length"), (struct cxd_bytes){length.text, length.len});
    }
    if (s->answer->token.len > 0 && !ask->token_unsigned) {
        header_add(s, CXD_LIT("x-amz-security-token"), s->answer->token);
    }
    for (size_t i = 0; i < ask->header_count; i++) {
        char *name = pool_copy(s->pool, ask->headers[i].name.ptr, ask->headers[i].name.len);
        for (size_t k = 0; name != NULL && k < ask->headers[i].name.len; k++) {
            name[k] = (char)(name[k] >= 'A' && name[k] <= 'Z' ? name[k] | 0x20 : name[k]);
        }
        if (name != NULL && !is_left_out(ask->headers[i].name)) {
            header_add(s, (struct cxd_bytes){name, ask->headers[i].name.len},
                       ask->headers[i].value);
        }
    }
    return NULL;
}

/* Without blanks at the ends, and one for several. */
static void header_value_put(struct sink *out, struct cxd_bytes value)
{
    bool is_blank = true;

    while (value.len > 0 && value.ptr[value.len - 1] == ' ') {
        value.len--;
    }
    for (size_t i = 0; i < value.len; i++) {
        if (value.ptr[i] != ' ' || !is_blank) {
            sink_char(out, value.ptr[i]);
        }
        is_blank = value.ptr[i] == ' ';
    }
}

/* Several headers of one name keep their order. */
static void headers_put(struct signing *s, struct sink *out)
{
    for (size_t i = 1; i < s->header_count; i++) { /* few, and stable */
        for (size_t k = i; k > 0 && by_name(&s->headers[k - 1], &s->headers[k]) > 0; k--) {
            struct pair swap = s->headers[k];
            s->headers[k] = s->headers[k - 1];
            s->headers[k - 1] = swap;
        }
    }
    for (size_t i = 0; i < s->header_count; i++) {
        const struct pair *h = &s->headers[i];
        bool is_more = i > 0 && by_name(&s->headers[i - 1], h) == 0;

        if (!is_more) {
            sink_text(out, i > 0 ? "\n" : "");
            sink_put(out, h->name.ptr, h->name.len);
            sink_text(&s->names, i > 0 ? ";" : "");
            sink_put(&s->names, h->name.ptr, h->name.len);
        }
        sink_char(out, is_more ? ',' : ':');
        header_value_put(out, h->value);
    }
    sink_text(out, "\n\n");
    sink_put(out, s->names.text, s->names.len);
    sink_char(out, '\n');
}

static const char *canonical_put(struct signing *s, struct sink *out)
{
    struct cxd_bytes path = path_of(s->ask->url);
    const char *problem;

    sink_put(out, s->ask->method.ptr, s->ask->method.len);
    sink_char(out, '\n');
    if (s->ask->path_as_it_is) {
        sink_put(out, path.ptr, path.len);
    } else {
        escaped_put(out, path, '/');
    }
    sink_char(out, '\n');
    problem = query_put(s, out);
    sink_char(out, '\n');
    problem = problem != NULL ? problem : headers_gather(s);
    if (problem == NULL) {
        headers_put(s, out);
        hash_put(s, out, s->ask->body);
    }
    return problem;
}

static void dates_put(struct signing *s, struct sink *date)
{
    struct moment_civil at = moment_split(s->ask->seconds);

    sink_print(date, "%04d%02d%02dT%02d%02d%02dZ", (int)at.year, at.month, at.day, at.hour,
               at.minute, at.second);
    sink_print(&s->scope, "%04d%02d%02d/%.*s/%.*s/aws4_request", (int)at.year, at.month, at.day,
               (int)s->ask->region.len, s->ask->region.len > 0 ? s->ask->region.ptr : "",
               (int)s->ask->service.len, s->ask->service.len > 0 ? s->ask->service.ptr : "");
    s->answer->date = (struct cxd_bytes){date->text, date->len};
}

static void signature_put(struct signing *s, struct sink *out, struct cxd_bytes canonical)
{
    struct sink text = sink_on(s->pool);
    unsigned char key[32] = {0};

    sink_text(&text, "AWS4-HMAC-SHA256\n");
    sink_put(&text, s->answer->date.ptr, s->answer->date.len);
    sink_char(&text, '\n');
    sink_put(&text, s->scope.text, s->scope.len);
    sink_char(&text, '\n');
    hash_put(s, &text, canonical);
    if (text.failed) {
        return;
    }
    first_mac(s, (struct cxd_bytes){s->scope.text, 8}, key);
    mac(s, key, sizeof key, s->ask->region, key);
    mac(s, key, sizeof key, s->ask->service, key);
    mac(s, key, sizeof key, CXD_LIT("aws4_request"), key);
    mac(s, key, sizeof key, (struct cxd_bytes){text.text, text.len}, key);
    codec_put_hex(out, (struct cxd_bytes){(const char *)key, sizeof key});
    explicit_bzero(key, sizeof key);
}

const char *sigv4_sign(struct pool *pool, const struct services *services,
                       const struct sigv4_ask *ask, struct sigv4_answer *ret)
{
    struct signing *s = pool_zero(pool, sizeof *s);
    struct sink date = sink_on(pool);
    struct sink canonical = sink_on(pool);
    struct sink out = sink_on(pool);
    const char *problem;

    if (s == NULL) {
        return "out of memory";
    }
    if (ask->region.len + ask->service.len > 512 || !moment_is_valid(ask->seconds)) {
        return "region, service or time is no such thing";
    }
    *ret = (struct sigv4_answer){.token = ask->keys->token};
    s->pool = pool;
    s->services = services;
    s->ask = ask;
    s->answer = ret;
    s->scope = sink_on(pool);
    s->names = sink_on(pool);
    problem = url_read(pool, ask->url, &s->url);
    dates_put(s, &date);
    problem = problem != NULL ? problem : canonical_put(s, &canonical);
    if (problem != NULL || date.failed || s->scope.failed || s->names.failed || canonical.failed) {
        return problem != NULL ? problem : "out of memory";
    }
    sink_text(&out, "AWS4-HMAC-SHA256 Credential=");
    sink_put(&out, ask->keys->id.ptr, ask->keys->id.len);
    sink_char(&out, '/');
    sink_put(&out, s->scope.text, s->scope.len);
    sink_text(&out, ", SignedHeaders=");
    sink_put(&out, s->names.text, s->names.len);
    sink_text(&out, ", Signature=");
    signature_put(s, &out, (struct cxd_bytes){canonical.text, canonical.len});
    ret->authorization = (struct cxd_bytes){out.text, out.len};
    return out.failed || pool->status != 0 ? "out of memory" : NULL;
}
