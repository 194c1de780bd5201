/* world_http.c: one request and its whole reply. */
#include "world_http.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>

#define HEADERS_MAX 128
#define BODY_MAX ((size_t)64 << 20)

struct world_reply {
    struct services_header headers[HEADERS_MAX];
    size_t header_count;
    char *body;
    size_t len;
    char reason[128];
};

static void headers_clear(struct world_reply *r)
{
    for (size_t i = 0; i < r->header_count; i++) {
        free((char *)(uintptr_t)r->headers[i].name.ptr); /* made by header_take */
    }
    r->header_count = 0;
}

void world_reply_free(struct world_reply *r)
{
    if (r != NULL) {
        headers_clear(r);
        free(r->body);
        free(r);
    }
}

static size_t body_take(char *data, size_t size, size_t count, void *ctx)
{
    struct world_reply *r = ctx;
    size_t len = size * count;
    char *body = len <= BODY_MAX - r->len ? realloc(r->body, r->len + len + 1) : NULL;

    if (body == NULL) {
        return 0;
    }
    memcpy(body + r->len, data, len);
    r->body = body;
    r->len += len;
    return len;
}

static void status_take(struct world_reply *r, const char *line, size_t len)
{
    const char *at = memchr(line, ' ', len);
    const char *end = line + len;

    at = at != NULL ? memchr(at + 1, ' ', (size_t)(end - at - 1)) : NULL;
    while (end > line && (end[-1] == '\r' || end[-1] == '\n')) {
        end--;
    }
    r->reason[0] = '\0';
    if (at != NULL && end > at + 1 && (size_t)(end - at - 1) < sizeof r->reason) {
        memcpy(r->reason, at + 1, (size_t)(end - at - 1));
        r->reason[end - at - 1] = '\0';
    }
}

static size_t header_take(char *line, size_t size, size_t count, void *ctx)
{
    struct world_reply *r = ctx;
    size_t len = size * count;
    char *colon = memchr(line, ':', len);
    char *copy;
    size_t start;
    size_t end = len;

    if (len > 5 && memcmp(line, "HTTP/", 5) == 0) {
        headers_clear(r);
        status_take(r, line, len);
        return len;
    }
    if (colon == NULL || r->header_count == HEADERS_MAX) {
        return len;
    }
    copy = malloc(len + 1);
    if (copy == NULL) {
        return 0;
    }
    memcpy(copy, line, len);
    start = (size_t)(colon - line) + 1;
    while (start < end && line[start] == ' ') {
        start++;
    }
    while (end > start && (line[end - 1] == '\r' || line[end - 1] == '\n')) {
        end--;
    }
    r->headers[r->header_count++] =
        (struct services_header){{copy, (size_t)(colon - line)}, {copy + start, end - start}};
    return len;
}

static struct curl_slist *headers_list(const struct services_request *request)
{
    struct curl_slist *list = curl_slist_append(NULL, "Expect:");

    for (size_t i = 0; i < request->header_count; i++) {
        char line[4096];
        (void)snprintf(line, sizeof line, "%.*s: %.*s", (int)request->headers[i].name.len,
                       request->headers[i].name.ptr, (int)request->headers[i].value.len,
                       request->headers[i].value.ptr); /* long enough for a vector's */
        list = curl_slist_append(list, line);
    }
    return list;
}

static void easy_set(CURL *easy, const struct world *world, const struct services_request *request,
                     struct world_reply *reply, char *method, char *url)
{
    (void)curl_easy_setopt(easy, CURLOPT_URL, url);
    (void)curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, method);
    (void)curl_easy_setopt(easy, CURLOPT_NOBODY, strcmp(method, "HEAD") == 0 ? 1L : 0L);
    (void)curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, body_take);
    (void)curl_easy_setopt(easy, CURLOPT_WRITEDATA, reply);
    (void)curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, header_take);
    (void)curl_easy_setopt(easy, CURLOPT_HEADERDATA, reply);
    (void)curl_easy_setopt(easy, CURLOPT_TIMEOUT, 20L);
    (void)curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    (void)curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 1L);
    if (request->body.len > 0) {
        (void)curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body.len);
        (void)curl_easy_setopt(easy, CURLOPT_COPYPOSTFIELDS, request->body.ptr);
    }
    if (world->insecure) {
        (void)curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 0L);
        (void)curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 0L);
    }
    if (request->is_direct && world->user != NULL) {
        (void)curl_easy_setopt(easy, CURLOPT_USERNAME, world->user);
        (void)curl_easy_setopt(easy, CURLOPT_PASSWORD, world->password);
    }
}

static void reply_fill(CURL *easy, const struct world_reply *from, struct services_reply *reply)
{
    curl_off_t length = -1;
    long status = 0;

    (void)curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    (void)curl_easy_getinfo(easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
    *reply = (struct services_reply){.status = (int)status,
                                     .reason = {from->reason, strlen(from->reason)},
                                     .major = 1,
                                     .minor = 1,
                                     .headers = from->headers,
                                     .header_count = from->header_count,
                                     .body = {from->body != NULL ? from->body : "", from->len},
                                     .content_length = length};
}

int world_send(void *ctx, const struct services_request *request, struct services_reply *reply,
               struct cxd_error *err)
{
    struct world *world = ctx;
    struct curl_slist *headers = headers_list(request);
    CURL *easy = curl_easy_init();
    char *method = strndup(request->method.ptr, request->method.len);
    char *url = strndup(request->url.ptr, request->url.len);
    CURLcode code = CURLE_OUT_OF_MEMORY;

    world_reply_free(world->reply);
    world->reply = calloc(1, sizeof *world->reply);
    if (easy != NULL && method != NULL && url != NULL && world->reply != NULL) {
        easy_set(easy, world, request, world->reply, method, url);
        (void)curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
        code = curl_easy_perform(easy);
    }
    if (code == CURLE_OK) {
        reply_fill(easy, world->reply, reply);
    }
    curl_slist_free_all(headers);
    curl_easy_cleanup(easy);
    free(method);
    free(url);
    return code == CURLE_OK ? 0 : cxd_error_set(err, CXD_CONNECT, "%s", curl_easy_strerror(code));
}
