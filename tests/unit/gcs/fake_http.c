/* fake_http.c: Cloud Storage in memory. Each http_wait brings every transfer one piece further. */
#include "fake_http.h"

#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

struct cxd_transfer {
    char *body;
    size_t len;
    size_t at;
    size_t ready; /* bytes that may be read */
    int status;
    int start_status;
    int break_status;
    size_t break_after;
    const char *retry_after;
    bool reads; /* something may be read */
    bool open;
};

static struct cxd_transfer *fake_open_transfers[512];
static int fake_client_place;

int fake_http_client(struct cxd_self *self, struct cxd_bytes options, struct cxd_client **ret,
                     struct cxd_error *err)
{
    (void)self;
    (void)options;
    (void)err;
    *ret = (struct cxd_client *)&fake_client_place;
    return 0;
}

void fake_http_client_free(struct cxd_client *client)
{
    (void)client;
}

static struct fake_fault *fake_find_fault(enum fake_where where, const char *url)
{
    for (size_t i = 0; i < fake.fault_count; i++) {
        struct fake_fault *f = &fake.faults[i];

        if (f->where == where && f->times > 0 &&
            (f->object == NULL || strstr(url, f->object) != NULL)) {
            f->times--;
            return f;
        }
    }
    return NULL;
}

/* The decoded value of a query parameter, "" when absent. */
static void fake_query(const char *url, const char *name, char *out, size_t room)
{
    char wanted[64];
    const char *at;
    size_t len = 0;

    (void)snprintf(wanted, sizeof wanted, "%s=", name);
    at = strchr(url, '?');
    while (at != NULL && strncmp(at + 1, wanted, strlen(wanted)) != 0) {
        at = strchr(at + 1, '&');
    }
    at = at != NULL ? at + 1 + strlen(wanted) : "";
    while (*at != '\0' && *at != '&' && len + 1 < room) {
        unsigned value = (unsigned char)*at++;

        if (value == '%') {
            assert_int_equal(sscanf(at, "%2x", &value), 1);
            at += 2;
        }
        out[len++] = (char)value;
    }
    out[len] = '\0';
}

static int fake_order(const void *a, const void *b)
{
    const struct fake_object *const *left = a;
    const struct fake_object *const *right = b;

    return strcmp((*left)->name, (*right)->name);
}

static void fake_list(struct cxd_transfer *t, const char *url)
{
    const struct fake_object *sorted[256];
    char prefix[1100], start[1100], token[1100], max[16];
    size_t count = 0;
    long given = 0;
    const char *next = NULL;
    FILE *out = open_memstream(&t->body, &t->len);

    fake_query(url, "prefix", prefix, sizeof prefix);
    fake_query(url, "startOffset", start, sizeof start);
    fake_query(url, "pageToken", token, sizeof token);
    fake_query(url, "maxResults", max, sizeof max);
    for (size_t i = 0; i < fake.object_count; i++) {
        sorted[count++] = &fake.objects[i];
    }
    qsort(sorted, count, sizeof sorted[0], fake_order);
    fprintf(out, "{\"kind\":\"storage#objects\",\"items\":[");
    for (size_t i = 0; i < count && next == NULL; i++) {
        const struct fake_object *o = sorted[i];
        time_t seconds = (time_t)(o->created_ms / 1000);
        struct tm tm;
        char stamp[64];

        if (strncmp(o->name, prefix, strlen(prefix)) != 0 || strcmp(o->name, start) < 0 ||
            strcmp(o->name, token) < 0) {
            continue;
        }
        if (given == atol(max)) {
            next = o->name;
            continue;
        }
        gmtime_r(&seconds, &tm);
        strftime(stamp, sizeof stamp, "%Y-%m-%dT%H:%M:%S", &tm);
        fprintf(
            out,
            "%s{\"name\":\"%s\",\"generation\":\"%lld\",\"size\":\"%zu\",\"updated\":\"%s.%03dZ\","
            "\"timeCreated\":\"%s.%03dZ\",\"contentType\":\"%s\"",
            given++ > 0 ? "," : "", o->name, (long long)o->generation, o->len, stamp,
            (int)(o->created_ms % 1000), stamp, (int)(o->created_ms % 1000), o->content_type);
        if (o->content_encoding != NULL) {
            fprintf(out, ",\"contentEncoding\":\"%s\"", o->content_encoding);
        }
        fprintf(out, "}");
    }
    fprintf(out, "]");
    if (next != NULL) {
        fprintf(out, ",\"nextPageToken\":\"%s\"", next);
    }
    fprintf(out, "}");
    fclose(out);
    t->status = 200;
    fake.list_count++;
}

static void fake_media(struct cxd_transfer *t, const char *url, const char *range, bool no_range)
{
    char name[1100], generation[32];
    size_t from = range != NULL && !no_range ? (size_t)atoll(range + strlen("bytes=")) : 0;
    const char *at = strstr(url, "/o/");
    char path[2200];

    fake.media_count++;
    (void)snprintf(path, sizeof path, "?name=%.*s", (int)strcspn(at + 3, "?"), at + 3);
    fake_query(path, "name", name, sizeof name);
    fake_query(url, "generation", generation, sizeof generation);
    t->status = 404;
    for (size_t i = 0; i < fake.object_count; i++) {
        const struct fake_object *o = &fake.objects[i];

        if (strcmp(o->name, name) == 0 && o->generation == atoll(generation)) {
            assert_true(from <= o->len);
            t->status = from > 0 ? 206 : 200;
            t->len = o->len - from;
            t->body = malloc(t->len + 1);
            assert_non_null(t->body);
            memcpy(t->body, o->data + from, t->len);
        }
    }
}

static void fake_token(struct cxd_transfer *t, const struct cxd_request *request)
{
    FILE *out = open_memstream(&t->body, &t->len);

    assert_string_equal(request->method, "POST");
    assert_int_equal(request->part_count, 1);
    assert_non_null(strstr(request->parts[0].ptr, "assertion="));
    fake.token_count++;
    fprintf(out, "{\"access_token\":\"token-%d\",\"expires_in\":3600,\"token_type\":\"Bearer\"}",
            fake.token_number);
    fclose(out);
    t->status = 200;
}

static const char *fake_request_header(const struct cxd_request *request, const char *name)
{
    for (size_t i = 0; i < request->header_count; i++) {
        if (strcmp(request->headers[i].name, name) == 0) {
            return request->headers[i].value;
        }
    }
    return NULL;
}

static void fake_serve(struct cxd_transfer *t, enum fake_where where,
                       const struct cxd_request *request, const struct fake_fault *fault)
{
    const char *authorization = fake_request_header(request, "Authorization");
    char token[64];

    (void)snprintf(token, sizeof token, "Bearer token-%d", fake.token_number);
    if (fault != NULL && fault->http_status != 0) {
        t->status = fault->http_status;
        t->body = strdup(fault->body != NULL ? fault->body : "");
        t->len = strlen(t->body);
        t->retry_after = fault->retry_after;
    } else if (where == FAKE_TOKEN) {
        fake_token(t, request);
    } else if (fake.wants_token && (authorization == NULL || strcmp(authorization, token) != 0)) {
        t->status = 401;
    } else if (where == FAKE_LIST) {
        fake_list(t, request->url);
    } else {
        fake_media(t, request->url, fake_request_header(request, "Range"),
                   fault != NULL && fault->no_range);
    }
    if (fault != NULL) {
        t->start_status = fault->start_status;
        t->break_status = fault->break_status;
        t->break_after = fault->break_after;
    }
}

int fake_http_start(struct cxd_client *client, const struct cxd_request *request,
                    struct cxd_transfer **ret, struct cxd_error *err)
{
    enum fake_where where = strstr(request->url, "/token") != NULL ? FAKE_TOKEN
                            : strstr(request->url, "/o/") != NULL  ? FAKE_MEDIA
                                                                   : FAKE_LIST;
    const char *range = fake_request_header(request, "Range");
    struct cxd_transfer *t;

    assert_ptr_equal(client, &fake_client_place);
    if (fake.fail_at != 0 && ++fake.allocations == fake.fail_at) {
        return cxd_error_set(err, CXD_NOMEM, "no memory for a transfer");
    }
    if (fake.url_len + 2048 > sizeof fake.urls) {
        fake.url_len = 0;
    }
    fake.url_len +=
        (size_t)snprintf(fake.urls + fake.url_len, sizeof fake.urls - fake.url_len, "%s %s %s\n",
                         request->method, request->url, range != NULL ? range : "");
    t = calloc(1, sizeof *t);
    assert_non_null(t);
    fake_serve(t, where, request, fake_find_fault(where, request->url));
    for (size_t i = 0; i < sizeof fake_open_transfers / sizeof fake_open_transfers[0]; i++) {
        if (fake_open_transfers[i] == NULL) {
            fake_open_transfers[i] = t;
            fake.transfers++;
            *ret = t;
            return 0;
        }
    }
    fail_msg("too many transfers");
    return CXD_BUG;
}

int fake_http_wait(struct cxd_client *client, uint32_t timeout_ms)
{
    bool any = false;

    (void)client;
    fake.mono_ms++;
    fake.wall_ms++;
    if (fake.is_stopping) {
        return CXD_STOPPED;
    }
    for (size_t i = 0; i < sizeof fake_open_transfers / sizeof fake_open_transfers[0]; i++) {
        struct cxd_transfer *t = fake_open_transfers[i];

        if (t != NULL && !t->reads) {
            size_t piece = fake.piece_max == 0 ? t->len : 1 + fake_random((uint32_t)fake.piece_max);

            t->reads = any = true;
            t->ready = t->ready + piece < t->len ? t->ready + piece : t->len;
        }
    }
    if (!any) {
        fake.mono_ms += timeout_ms;
    }
    return 0;
}

int fake_http_read(struct cxd_transfer *t, struct cxd_bytes *ret, struct cxd_error *err)
{
    size_t end = t->ready;
    bool breaks = t->break_status != 0 && t->break_after <= t->len;

    if (!t->reads) {
        return CXD_AGAIN;
    }
    if (t->start_status != 0) {
        return cxd_error_set(err, t->start_status, "broken on order");
    }
    if (breaks && end > t->break_after) {
        end = t->break_after;
    }
    if (breaks && t->at == t->break_after) {
        return t->break_status == CXD_END ? CXD_END
                                          : cxd_error_set(err, t->break_status, "broken on order");
    }
    if (t->at < end) {
        *ret = (struct cxd_bytes){t->body + t->at, end - t->at};
        t->at = end;
        return 0;
    }
    if (t->at == t->len) {
        return CXD_END;
    }
    t->reads = false;
    return CXD_AGAIN;
}

int fake_http_status(struct cxd_transfer *t)
{
    return t->reads && t->start_status == 0 ? t->status : 0;
}

const char *fake_http_header(struct cxd_transfer *t, const char *name)
{
    return strcmp(name, "Retry-After") == 0 ? t->retry_after : NULL;
}

void fake_http_close(struct cxd_transfer *t)
{
    for (size_t i = 0; t != NULL && i < sizeof fake_open_transfers / sizeof fake_open_transfers[0];
         i++) {
        if (fake_open_transfers[i] == t) {
            fake_open_transfers[i] = NULL;
            fake.transfers--;
            free(t->body);
            free(t);
            return;
        }
    }
    assert_null(t);
}

void fake_http_interrupt(struct cxd_client *client)
{
    (void)client;
}

int64_t fake_http_retry_after(struct cxd_self *self, const char *value)
{
    (void)self;
    return atoll(value) * 1000;
}
