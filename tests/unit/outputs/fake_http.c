/* fake_http.c: keeps what was asked, answers what the script says. A request beyond the script is a failed connection. */
#include "fake_http.h"

#include <stdlib.h>
#include <strings.h>
#include <zlib.h>

struct cxd_client {
    int transfers;
};

struct cxd_transfer {
    struct cxd_client *client;
    const struct fake_reply *reply;
    size_t sent; /* bytes of the body given */
    int waited;
};

int fake_http_client(struct cxd_self *self, struct cxd_bytes options, struct cxd_client **ret,
                     struct cxd_error *err)
{
    struct cxd_client *client = fake_host.alloc(self, sizeof *client);

    (void)options;
    if (client == NULL) {
        return cxd_error_set(err, CXD_NOMEM, "out of memory");
    }
    *ret = client;
    return CXD_OK;
}

void fake_http_client_free(struct cxd_client *client)
{
    if (client != NULL && client->transfers != 0) {
        abort(); /* a transfer was not closed */
    }
    fake_host.free(NULL, client);
}

static void body_unzip(struct fake_request *kept)
{
    z_stream z = {0};
    size_t room = kept->body_len * 1100 + 1024;
    char *plain = malloc(room);

    if (plain == NULL || inflateInit2(&z, 31) != Z_OK) {
        abort();
    }
    z.next_in = (Bytef *)kept->body;
    z.avail_in = (uInt)kept->body_len;
    z.next_out = (Bytef *)plain;
    z.avail_out = (uInt)room;
    if (inflate(&z, Z_FINISH) != Z_STREAM_END || z.avail_in != 0) {
        abort(); /* not exactly one whole gzip member */
    }
    free(kept->body);
    kept->body = plain;
    kept->body_len = z.total_out;
    (void)inflateEnd(&z);
}

static void request_keep(const struct cxd_request *request)
{
    struct fake_request *kept = &fake.requests[fake.request_count++];
    size_t at = 0;

    (void)snprintf(kept->method, sizeof kept->method, "%s", request->method);
    (void)snprintf(kept->url, sizeof kept->url, "%s", request->url);
    for (size_t i = 0; i < request->header_count; i++) {
        at += (size_t)snprintf(kept->headers + at, sizeof kept->headers - at, "%s%s: %s\n",
                               request->headers[i].secret ? "*" : "", request->headers[i].name,
                               request->headers[i].value);
    }
    for (size_t i = 0; i < request->part_count; i++) {
        kept->body_len += request->parts[i].len;
    }
    kept->wire_len = kept->body_len;
    kept->body = malloc(kept->body_len + 1);
    for (size_t i = 0, len = 0; i < request->part_count; i++) {
        memcpy(kept->body + len, request->parts[i].ptr, request->parts[i].len);
        len += request->parts[i].len;
    }
    if (strstr(kept->headers, "Content-Encoding: gzip") != NULL) {
        body_unzip(kept);
    }
}

int fake_http_start(struct cxd_client *client, const struct cxd_request *request,
                    struct cxd_transfer **ret, struct cxd_error *err)
{
    struct cxd_transfer *t;

    if (fake.request_count == sizeof fake.requests / sizeof fake.requests[0]) {
        abort();
    }
    request_keep(request);
    t = fake_host.alloc(NULL, sizeof *t);
    if (t == NULL) {
        return cxd_error_set(err, CXD_NOMEM, "out of memory");
    }
    t->client = client;
    t->reply = fake.reply_next < fake.reply_count ? &fake.replies[fake.reply_next++] : NULL;
    client->transfers++;
    *ret = t;
    return CXD_OK;
}

int fake_http_wait(struct cxd_client *client, uint32_t timeout_ms)
{
    (void)client;
    (void)timeout_ms;
    return fake.is_stopping ? CXD_STOPPED : CXD_OK;
}

int fake_http_read(struct cxd_transfer *t, struct cxd_bytes *ret, struct cxd_error *err)
{
    size_t len;
    size_t piece;

    if (!t->waited) {
        t->waited = 1;
        return CXD_AGAIN;
    }
    if (t->reply == NULL) {
        return cxd_error_set(err, CXD_CONNECT, "nobody listens");
    }
    if (t->reply->start_status < 0) {
        return cxd_error_set(err, t->reply->start_status, "scripted failure");
    }
    len = t->reply->body == NULL   ? 0
          : t->reply->body_len > 0 ? t->reply->body_len
                                   : strlen(t->reply->body);
    piece = t->sent == 0 ? (len + 1) / 2 : len - t->sent;
    if (piece == 0) {
        return CXD_END;
    }
    *ret = (struct cxd_bytes){t->reply->body + t->sent, piece};
    t->sent += piece;
    return CXD_OK;
}

int fake_http_status(struct cxd_transfer *t)
{
    return t->waited && t->reply != NULL ? t->reply->http_status : 0;
}

const char *fake_http_header(struct cxd_transfer *t, const char *name)
{
    return strcasecmp(name, "Retry-After") == 0 && t->reply != NULL ? t->reply->retry_after : NULL;
}

void fake_http_close(struct cxd_transfer *t)
{
    if (t != NULL) {
        t->client->transfers--;
        fake_host.free(NULL, t);
    }
}

void fake_http_interrupt(struct cxd_client *client)
{
    (void)client;
    fake.interrupts++;
}

int64_t fake_http_retry_after(struct cxd_self *self, const char *value)
{
    (void)self;
    return (int64_t)strtod(value, NULL) * 1000;
}
