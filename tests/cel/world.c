/* world.c: services of a vector, but for the HTTP client, which is in world_http.c. */
#include "world.h"

#include "lib/regex.h"
#include "world_http.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <openssl/rand.h>
#include <openssl/sha.h>
#include <pcre2.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <zlib.h>

static int64_t wall_ns(void *ctx)
{
    struct timespec now;

    (void)ctx;
    (void)clock_gettime(CLOCK_REALTIME, &now); /* cannot fail for this clock */
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static void chance(void *ctx, void *out, size_t len)
{
    (void)ctx;
    if (RAND_bytes(out, (int)len) != 1) {
        abort();
    }
}

static void sha256(const void *data, size_t len, unsigned char out[32])
{
    (void)SHA256(data, len, out);
}

struct pattern {
    pcre2_code *code;
    pcre2_match_data *data;
    pcre2_match_context *limits;
};

static void regex_free(void *regex)
{
    struct pattern *p = regex;

    if (p != NULL) {
        pcre2_match_context_free(p->limits);
        pcre2_match_data_free(p->data);
        pcre2_code_free(p->code);
        free(p);
    }
}

static int regex_new(void *ctx, const char *pattern, void **ret_regex, struct cxd_error *err)
{
    struct pattern *p = calloc(1, sizeof *p);
    PCRE2_SIZE at = 0;
    int code = 0;

    (void)ctx;
    if (p == NULL) {
        return cxd_error_set(err, CXD_NOMEM, "out of memory");
    }
    p->code = pcre2_compile((PCRE2_SPTR)pattern, PCRE2_ZERO_TERMINATED,
                            PCRE2_UTF | PCRE2_MATCH_INVALID_UTF, &code, &at, NULL);
    if (p->code == NULL) {
        char text[200];
        (void)pcre2_get_error_message(code, (PCRE2_UCHAR *)text, sizeof text);
        free(p);
        return cxd_error_set(err, CXD_CONFIG, "%s", text);
    }
    p->data = pcre2_match_data_create_from_pattern(p->code, NULL);
    p->limits = pcre2_match_context_create(NULL);
    if (p->data == NULL || p->limits == NULL) {
        regex_free(p);
        return cxd_error_set(err, CXD_NOMEM, "out of memory");
    }
    (void)pcre2_set_match_limit(p->limits, 1000000);
    *ret_regex = p;
    return 0;
}

static int regex_find(void *regex, struct cxd_bytes text, size_t from, struct services_span *spans,
                      size_t count, size_t *ret_groups)
{
    struct pattern *p = regex;
    int found = pcre2_match(p->code, (PCRE2_SPTR)text.ptr, text.len, from, 0, p->data, p->limits);
    PCRE2_SIZE *ovector = pcre2_get_ovector_pointer(p->data);
    uint32_t groups = pcre2_get_ovector_count(p->data);

    if (found < 0) {
        return found == PCRE2_ERROR_NOMATCH ? 0 : CXD_TIMEOUT;
    }
    *ret_groups = groups < count ? groups : count;
    for (size_t i = 0; i < *ret_groups; i++) {
        spans[i] = i < (size_t)found ? (struct services_span){ovector[2 * i], ovector[2 * i + 1]}
                                     : (struct services_span){SIZE_MAX, SIZE_MAX};
    }
    return 1;
}

static int gunzip(void *ctx, struct cxd_bytes data, size_t limit, char **ret_data, size_t *ret_len,
                  struct cxd_error *err)
{
    z_stream z = {.next_in = (Bytef *)(uintptr_t)data.ptr, .avail_in = (uInt)data.len};
    size_t room = 4096;
    char *out = malloc(room);
    int status = Z_OK;

    (void)ctx;
    if (out == NULL || inflateInit2(&z, 15 + 16) != Z_OK) {
        free(out);
        return cxd_error_set(err, CXD_NOMEM, "out of memory");
    }
    while (status == Z_OK && z.total_out < limit) {
        if (z.total_out == room) {
            char *more = realloc(out, room *= 2);
            if (more == NULL) {
                break;
            }
            out = more;
        }
        z.next_out = (Bytef *)out + z.total_out;
        z.avail_out = (uInt)(room - z.total_out);
        status = inflate(&z, Z_NO_FLUSH);
    }
    *ret_len = z.total_out;
    (void)inflateEnd(&z); /* frees only */
    if (status != Z_STREAM_END) {
        free(out);
        return cxd_error_set(err, CXD_MALFORMED, "gzip: invalid data");
    }
    *ret_data = out;
    return 0;
}

static char rotate(char c)
{
    char base = c >= 'a' ? 'a' : 'A';

    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ? (char)(base + (c - base + 13) % 26)
                                                            : c;
}

/* The two media types that vectors have for themselves. */
static int transform(void *ctx, struct cxd_bytes type, struct cxd_bytes data, char **ret_data,
                     size_t *ret_len)
{
    bool rot = type.len == 10 && memcmp(type.ptr, "text/rot13", 10) == 0;
    bool upper = type.len == 10 && memcmp(type.ptr, "text/upper", 10) == 0;
    char *out = rot || upper ? malloc(data.len + 1) : NULL;

    (void)ctx;
    for (size_t i = 0; out != NULL && i < data.len; i++) {
        char c = data.ptr[i];
        out[i] = rot ? rotate(c) : c >= 'a' && c <= 'z' ? (char)(c - 32) : c;
    }
    *ret_data = out;
    *ret_len = data.len;
    return out != NULL ? 1 : 0;
}

bool world_init(struct world *world)
{
    *world = (struct world){.services = {.ctx = world,
                                         .wall_ns = wall_ns,
                                         .random = chance,
                                         .sha256 = sha256,
                                         .regex_new = regex_new,
                                         .regex_find = regex_find,
                                         .regex_free = regex_free,
                                         .gunzip = gunzip,
                                         .transform = transform,
                                         .send = world_send,
                                         .may_read_files = true}};
    world->services.cache = regex_cache_new(&world->services);
    return world->services.cache != NULL;
}

void world_done(struct world *world)
{
    regex_cache_free(world->services.cache);
    world_reply_free(world->reply);
    *world = (struct world){0};
}
