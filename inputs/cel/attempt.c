/* attempt.c: see the header. Thread: the instance's. */
#include "attempt.h"

#include <strings.h>

static bool list_has(const struct tree *list, const char *name)
{
    for (const struct tree *c = list != NULL ? list->first : NULL; c != NULL; c = c->next) {
        if (strlen(name) == c->text.len && strncasecmp(name, c->text.ptr, c->text.len) == 0) {
            return true;
        }
    }
    return false;
}

/* May this header go to where redirects led? */
static bool header_may_go(const struct sender *s, const struct attempt *a,
                          const struct cxd_header *header)
{
    if (a->hops == 0) {
        return true;
    }
    if (list_has(s->settings->banned, header->name)) {
        return false;
    }
    return !a->is_away || s->settings->forward_headers ||
           (!header->secret && !list_has(s->settings->sensitive, header->name));
}

static void header_add(struct sender *s, struct attempt *a, const char *name, const char *value)
{
    struct cxd_header header = {.name = name, .value = value};

    header.secret =
        mask_sounds_secret(bytes_of(name)) || mask_has(s->mask, bytes_of(value)) ? 1 : 0;
    if (a->header_count < ATTEMPT_HEADERS_MAX && header_may_go(s, a, &header)) {
        a->headers[a->header_count++] = header;
    }
}

static bool has_header(const struct attempt *a, const char *name)
{
    for (size_t i = 0; i < a->header_count; i++) {
        if (strcasecmp(a->headers[i].name, name) == 0) {
            return true;
        }
    }
    return false;
}

/* A header must not bring another one along. */
static bool is_one_line(struct cxd_bytes text)
{
    return text.len == 0 ||
           (memchr(text.ptr, '\n', text.len) == NULL && memchr(text.ptr, '\r', text.len) == NULL &&
            memchr(text.ptr, '\0', text.len) == NULL);
}

static int headers_make(struct sender *s, struct attempt *a, struct cxd_error *err)
{
    const struct services_request *from = a->from;
    size_t own;

    a->header_count = 0;
    for (size_t i = 0; i < from->header_count; i++) {
        char *name = pool_copy(s->pool, from->headers[i].name.ptr, from->headers[i].name.len);
        char *value = pool_copy(s->pool, from->headers[i].value.ptr, from->headers[i].value.len);

        if (name == NULL || value == NULL) {
            return cxd_error_set(err, CXD_NOMEM, "request: out of memory");
        }
        if (!is_one_line(from->headers[i].name) || !is_one_line(from->headers[i].value)) {
            return cxd_error_set(err, CXD_INVALID, "a header holds a line end");
        }
        header_add(s, a, name, value);
    }
    own = a->header_count;
    for (size_t i = 0; i < s->settings->header_count; i++) {
        bool is_set = false;

        for (size_t j = 0; j < own; j++) {
            is_set |= strcasecmp(a->headers[j].name, s->settings->headers[i].name.ptr) == 0;
        }
        if (!is_set) {
            header_add(s, a, s->settings->headers[i].name.ptr, s->settings->headers[i].value.ptr);
        }
    }
    if (!has_header(a, "Accept-Encoding")) {
        header_add(s, a, "Accept-Encoding", "gzip");
    }
    if (s->settings->no_keep_alive) {
        header_add(s, a, "Connection", "close");
    }
    return 0;
}

static int credentials_add(struct sender *s, struct attempt *a, struct cxd_error *err)
{
    struct cxd_header header;
    int status =
        access_header(&s->access, bytes_of(a->method), a->url, a->from->is_direct, &header, err);

    if (status == 0 && header.name != NULL && !has_header(a, header.name) &&
        a->header_count < ATTEMPT_HEADERS_MAX && header_may_go(s, a, &header)) {
        a->headers[a->header_count++] = header;
    }
    return status;
}

/* Behind all others, which are part of what is signed; not for another host than the one that the keys are for. */
static int signature_add(struct sender *s, struct attempt *a, struct cxd_error *err)
{
    const struct cxd_request request = {.size = sizeof request,
                                        .method = a->method,
                                        .url = a->url,
                                        .headers = a->headers,
                                        .header_count = (uint32_t)a->header_count};
    struct cxd_header made[AWS_SIGN_HEADERS];
    size_t count = 0;
    int status;

    if (a->is_away && !s->settings->forward_headers) {
        return 0;
    }
    status = aws_sign_headers(&s->access.aws, s->pool, &request, a->body, made, &count, err);
    for (size_t i = 0; i < count && status == 0; i++) {
        if (a->header_count < ATTEMPT_HEADERS_MAX) {
            a->headers[a->header_count++] = made[i];
        }
    }
    return status;
}

int attempt_headers(struct sender *s, struct attempt *a, struct cxd_error *err)
{
    int status = headers_make(s, a, err);

    if (status == 0 && s->settings->access.is_aws) {
        return signature_add(s, a, err);
    }
    return status < 0 ? status : credentials_add(s, a, err);
}

int attempt_begin(struct attempt *a, struct pool *pool, const struct services_request *request,
                  struct cxd_error *err)
{
    size_t room = request->method.len < 4 ? 4 : request->method.len + 1;

    *a = (struct attempt){.from = request, .body = request->body};
    a->method = pool_zero(pool, room);
    a->url = pool_copy(pool, request->url.ptr, request->url.len);
    if (a->method == NULL || a->url == NULL) {
        return cxd_error_set(err, CXD_NOMEM, "request: out of memory");
    }
    memcpy(a->method, request->method.len > 0 ? request->method.ptr : "GET",
           request->method.len > 0 ? request->method.len : 3);
    if (strncasecmp(a->url, "http://", 7) != 0 && strncasecmp(a->url, "https://", 8) != 0) {
        return cxd_error_set(err, CXD_INVALID, "unsupported protocol scheme");
    }
    return 0;
}
