/* fake_http.c: keeps what was asked, answers what the script says; beyond the script nobody listens. */
#include "fake.h"

#include <strings.h>

struct cxd_client {
    int transfers;
    int number;
    bool waited; /* since its last transfer began */
};

struct cxd_transfer {
    struct cxd_client *client;
    struct fake_reply reply;
    bool has_reply;
    size_t sent;
    char header[1024];
};

int fake_http_client(struct cxd_self *self, struct cxd_bytes options, struct cxd_client **ret,
                     struct cxd_error *err)
{
    struct cxd_client *client = fake_host.alloc(self, sizeof *client);

    free(fake.client_options);
    fake.client_options = malloc(options.len + 1);
    fake.client_options_len = options.len;
    memcpy(fake.client_options, options.ptr, options.len);
    if (client == NULL) {
        return cxd_error_set(err, CXD_NOMEM, "made to fail");
    }
    client->number = fake.clients++;
    *ret = client;
    return 0;
}

void fake_http_client_free(struct cxd_client *client)
{
    if (client != NULL) {
        assert_int_equal(client->transfers, 0); /* one was not closed */
    }
    fake_host.free(NULL, client);
}

static struct fake_request *request_keep(const struct cxd_request *request)
{
    struct fake_request *kept = &fake.requests[fake.request_count++];
    size_t at = 0;
    size_t len = 0;

    (void)snprintf(kept->method, sizeof kept->method, "%s", request->method);
    (void)snprintf(kept->url, sizeof kept->url, "%s", request->url);
    (void)snprintf(kept->socket, sizeof kept->socket, "%s",
                   request->unix_socket != NULL ? request->unix_socket : "");
    kept->headers[0] = '\0';
    for (size_t i = 0; i < request->header_count; i++) {
        at += (size_t)snprintf(kept->headers + at, sizeof kept->headers - at, "%s%s: %s\n",
                               request->headers[i].secret ? "*" : "", request->headers[i].name,
                               request->headers[i].value);
    }
    for (size_t i = 0; i < request->part_count; i++) {
        len += request->parts[i].len;
    }
    kept->body = calloc(1, len + 1);
    len = 0;
    for (size_t i = 0; i < request->part_count; i++) {
        memcpy(kept->body + len, request->parts[i].ptr, request->parts[i].len);
        len += request->parts[i].len;
    }
    return kept;
}

int fake_http_start(struct cxd_client *client, const struct cxd_request *request,
                    struct cxd_transfer **ret, struct cxd_error *err)
{
    struct cxd_transfer *t = fake_host.alloc(NULL, sizeof *t);
    struct fake_request *kept;

    if (t == NULL) {
        return cxd_error_set(err, CXD_NOMEM, "made to fail");
    }
    assert_true(fake.request_count < FAKE_KEPT);
    kept = request_keep(request);
    t->client = client;
    kept->client = client->number;
    client->waited = false;
    if (fake.answer != NULL) {
        t->reply = fake.answer(kept);
        t->has_reply = true;
    } else if (fake.reply_next < fake.reply_count) {
        t->reply = fake.replies[fake.reply_next++];
        t->has_reply = true;
    }
    client->transfers++;
    *ret = t;
    return 0;
}

int fake_http_wait(struct cxd_client *client, uint32_t timeout_ms)
{
    (void)timeout_ms;
    client->waited = true;
    return fake.is_stopping ? CXD_STOPPED : 0;
}

int fake_http_read(struct cxd_transfer *t, struct cxd_bytes *ret, struct cxd_error *err)
{
    size_t len;
    size_t piece;

    if (!t->client->waited) {
        return CXD_AGAIN; /* nothing moves but in a wait on the client it runs over */
    }
    if (!t->has_reply) {
        return cxd_error_set(err, CXD_CONNECT, "nobody listens");
    }
    if (t->reply.failure < 0) {
        return cxd_error_set(err, t->reply.failure, "scripted failure");
    }
    len = t->reply.body == NULL   ? 0
          : t->reply.body_len > 0 ? t->reply.body_len
                                  : strlen(t->reply.body);
    piece = t->sent == 0 ? (len + 1) / 2 : len - t->sent;
    piece = piece > 1000000 ? 1000000 : piece;
    if (piece == 0) {
        return CXD_END;
    }
    *ret = (struct cxd_bytes){t->reply.body + t->sent, piece};
    t->sent += piece;
    return 0;
}

int fake_http_status(struct cxd_transfer *t)
{
    if (!t->client->waited || !t->has_reply) {
        return 0;
    }
    return t->reply.status != 0 ? t->reply.status : 200;
}

const char *fake_http_header(struct cxd_transfer *t, const char *name)
{
    const char *line =
        t->reply.headers != NULL ? t->reply.headers : "Content-Type: application/json\n";
    size_t len = strlen(name);

    for (; line != NULL && *line != '\0'; line = strchr(line, '\n'), line += line != NULL) {
        if (strncasecmp(line, name, len) == 0 && line[len] == ':') {
            (void)snprintf(t->header, sizeof t->header, "%.*s", (int)strcspn(line + len + 2, "\n"),
                           line + len + 2);
            return t->header;
        }
    }
    return NULL;
}

int fake_http_header_at(struct cxd_transfer *t, uint32_t index, struct cxd_bytes *ret_name,
                        struct cxd_bytes *ret_value)
{
    const char *line =
        t->reply.headers != NULL ? t->reply.headers : "Content-Type: application/json\n";

    for (; index > 0 && line != NULL && *line != '\0'; index--) {
        line = strchr(line, '\n');
        line += line != NULL;
    }
    if (line == NULL || *line == '\0') {
        return 0;
    }
    *ret_name = (struct cxd_bytes){line, strcspn(line, ":")};
    *ret_value =
        (struct cxd_bytes){line + ret_name->len + 2, strcspn(line, "\n") - ret_name->len - 2};
    return 1;
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
}
