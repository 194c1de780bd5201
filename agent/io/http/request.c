/*
 * request.c: a request put into curl's words: URL or socket, method, head, body out of parts, TLS and proxy. Knows the easy
 * interface.
 */
#include "inner.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/un.h>

/* Body for curl: out of the parts, in order. */
static size_t body_give(char *out, size_t size, size_t count, void *arg)
{
    struct cxd_transfer *t = arg;
    size_t room = size * count;
    size_t len = 0;

    while (len < room && t->part_at < t->part_count) {
        const struct cxd_bytes *part = &t->parts[t->part_at];
        size_t piece = part->len - t->part_offset;

        piece = piece < room - len ? piece : room - len;
        if (piece > 0) {
            memcpy(out + len, part->ptr + t->part_offset, piece);
        }
        len += piece;
        t->part_offset += piece;
        if (t->part_offset == part->len) {
            t->part_at++;
            t->part_offset = 0;
        }
    }
    t->moved += len;
    return len;
}

/* Back to a place in the body: curl sends it again when a re-used connection turns out to be dead. */
static int body_seek(void *arg, curl_off_t offset, int origin)
{
    struct cxd_transfer *t = arg;
    uint64_t left = (uint64_t)offset;

    if (origin != SEEK_SET || offset < 0 || offset > t->body_len) {
        return CURL_SEEKFUNC_FAIL;
    }
    t->part_at = 0;
    while (t->part_at < t->part_count && left >= t->parts[t->part_at].len) {
        left -= t->parts[t->part_at].len;
        t->part_at++;
    }
    t->part_offset = (size_t)left;
    return CURL_SEEKFUNC_OK;
}

static int body_measure(struct cxd_transfer *t, const struct cxd_request *request,
                        struct cxd_error *err)
{
    t->parts = request->parts;
    t->part_count = request->part_count;
    for (size_t i = 0; i < t->part_count; i++) {
        if (t->parts[i].len > (size_t)(INT64_MAX - t->body_len)) {
            return cxd_error_set(err, CXD_TOO_LARGE, "%s: body is too large", t->peer);
        }
        t->body_len += (int64_t)t->parts[i].len;
    }
    return CXD_OK;
}

static int url_apply(struct cxd_transfer *t, const char *url, int *ret_is_tls,
                     struct cxd_error *err)
{
    CURLU *parsed;
    char *scheme = NULL;
    char *host = NULL;
    char *port = NULL;
    int r = CXD_OK;

    if (strnlen(url, HTTP_URL_MAX) == HTTP_URL_MAX) {
        return cxd_error_set(err, CXD_TOO_LARGE, "URL is longer than %d bytes", HTTP_URL_MAX - 1);
    }
    parsed = curl_url();
    if (parsed == NULL) {
        return cxd_error_set(err, CXD_NOMEM, "out of memory for a URL");
    }
    if (curl_url_set(parsed, CURLUPART_URL, url, 0) != CURLUE_OK ||
        curl_url_get(parsed, CURLUPART_SCHEME, &scheme, 0) != CURLUE_OK ||
        curl_url_get(parsed, CURLUPART_HOST, &host, 0) != CURLUE_OK ||
        curl_url_get(parsed, CURLUPART_PORT, &port, CURLU_DEFAULT_PORT) != CURLUE_OK ||
        (strcmp(scheme, "http") != 0 && strcmp(scheme, "https") != 0)) {
        r = cxd_error_set(err, CXD_CONFIG, "not an http or https URL");
    } else {
        (void)snprintf(t->peer, sizeof t->peer, "%.255s:%.5s", host, port); /* for people */
        *ret_is_tls = strcmp(scheme, "https") == 0;
        if (curl_easy_setopt(t->easy, CURLOPT_URL, url) != CURLE_OK) {
            r = cxd_error_set(err, CXD_NOMEM, "%s: out of memory for a request", t->peer);
        }
    }
    curl_free(scheme);
    curl_free(host);
    curl_free(port);
    curl_url_cleanup(parsed);
    return r;
}

/* A header that cannot smuggle another one, nor contradict the body's own framing. */
static int header_is_sendable(const struct cxd_header *h)
{
    static const char letters[] = "!#$%&'*+-.^_`|~0123456789"
                                  "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    if (h->name == NULL || h->value == NULL || h->name[0] == '\0' ||
        h->name[strspn(h->name, letters)] != '\0' || strcasecmp(h->name, "content-length") == 0 ||
        strcasecmp(h->name, "transfer-encoding") == 0) {
        return 0;
    }
    for (const char *at = h->value; *at != '\0'; at++) {
        if (((unsigned char)*at < 0x20 && *at != '\t') || *at == 0x7f) {
            return 0;
        }
    }
    return 1;
}

static void wipe_and_free(char *text)
{
    explicit_bzero(text, strlen(text));
    free(text);
}

static int line_append(struct curl_slist **lines, const char *line)
{
    struct curl_slist *longer = curl_slist_append(*lines, line);

    if (longer == NULL) {
        return CXD_NOMEM;
    }
    *lines = longer;
    return CXD_OK;
}

int request_header_add(struct curl_slist **lines, const struct cxd_header *h)
{
    size_t room;
    char *line;
    int r;

    if (!header_is_sendable(h)) {
        return CXD_CONFIG;
    }
    room = strlen(h->name) + strlen(h->value) + 3;
    line = malloc(room);
    if (line == NULL) {
        return CXD_NOMEM;
    }
    /* "name;" is curl's way to say: send it, empty */
    (void)snprintf(line, room, h->value[0] != '\0' ? "%s: %s" : "%s;%s", h->name, h->value);
    r = line_append(lines, line);
    wipe_and_free(line);
    return r;
}

static int headers_apply(struct cxd_transfer *t, const struct cxd_request *request,
                         struct cxd_error *err)
{
    size_t bytes = 0;
    int has_type = 0;
    int r = line_append(&t->headers, "Expect:"); /* never wait for "100 Continue" */

    for (size_t i = 0; i < request->header_count && r == CXD_OK; i++) {
        const struct cxd_header *h = &request->headers[i];

        if (!header_is_sendable(h)) {
            return cxd_error_set(err, CXD_CONFIG, "%s: request header %zu cannot be sent", t->peer,
                                 i + 1);
        }
        bytes += strlen(h->name) + strlen(h->value) + 4;
        if (i >= HTTP_FIELDS_MAX || bytes > HTTP_HEAD_MAX) {
            return cxd_error_set(err, CXD_TOO_LARGE, "%s: request head is over %d fields or bytes",
                                 t->peer, i >= HTTP_FIELDS_MAX ? HTTP_FIELDS_MAX : HTTP_HEAD_MAX);
        }
        has_type = has_type || strcasecmp(h->name, "content-type") == 0;
        r = request_header_add(&t->headers, h);
    }
    if (r == CXD_OK && !has_type) {
        r = line_append(&t->headers, "Content-Type:"); /* curl would call every body a form */
    }
    if (r == CXD_OK && curl_easy_setopt(t->easy, CURLOPT_HTTPHEADER, t->headers) != CURLE_OK) {
        r = CXD_NOMEM;
    }
    return r < 0 ? cxd_error_set(err, r, "%s: out of memory for a request", t->peer) : r;
}

/* Every setopt is tried; the first failure is what counts. */
#define SET(option, value)                                                                         \
    do {                                                                                           \
        CURLcode code_ = curl_easy_setopt(t->easy, option, value);                                 \
        code = code == CURLE_OK ? code_ : code;                                                    \
    } while (0)

static CURLcode method_apply(struct cxd_transfer *t, const char *method)
{
    CURLcode code = CURLE_OK;

    if (t->body_len > 0 || strcmp(method, "POST") == 0 || strcmp(method, "PUT") == 0) {
        SET(CURLOPT_POST, 1L);
        SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)t->body_len);
        SET(CURLOPT_READFUNCTION, body_give);
        SET(CURLOPT_READDATA, t);
        SET(CURLOPT_SEEKFUNCTION, body_seek);
        SET(CURLOPT_SEEKDATA, t);
        SET(CURLOPT_UPLOAD_BUFFERSIZE, 256L * 1024);
        if (strcmp(method, "POST") != 0) {
            SET(CURLOPT_CUSTOMREQUEST, method);
        }
    } else if (strcmp(method, "HEAD") == 0) {
        SET(CURLOPT_NOBODY, 1L);
    } else {
        SET(CURLOPT_HTTPGET, 1L);
        if (strcmp(method, "GET") != 0) {
            SET(CURLOPT_CUSTOMREQUEST, method);
        }
    }
    return code;
}

static long tls_versions(uint32_t protocols)
{
    if (protocols == HTTP_TLS_1_3) {
        return CURL_SSLVERSION_TLSv1_3;
    }
    return protocols == HTTP_TLS_1_2 ? (long)CURL_SSLVERSION_TLSv1_2 | CURL_SSLVERSION_MAX_TLSv1_2
                                     : (long)CURL_SSLVERSION_TLSv1_2;
}

static CURLcode tls_apply(struct cxd_transfer *t)
{
    const struct cxd_client *c = t->client;
    CURLcode code = CURLE_OK;

    SET(CURLOPT_SSL_VERIFYPEER, c->verify == HTTP_VERIFY_NONE ? 0L : 1L);
    SET(CURLOPT_SSL_VERIFYHOST, c->verify == HTTP_VERIFY_FULL ? 2L : 0L);
    SET(CURLOPT_SSLVERSION, tls_versions(c->protocols));
    if (c->suites[0] != NULL) {
        SET(CURLOPT_SSL_CIPHER_LIST, c->suites[0]);
    }
    if (c->suites[1] != NULL) {
        SET(CURLOPT_TLS13_CIPHERS, c->suites[1]);
    }
    if (c->curves != NULL) {
        SET(CURLOPT_SSL_EC_CURVES, c->curves);
    }
    SET(CURLOPT_SSL_CTX_FUNCTION, trust_apply);
    SET(CURLOPT_SSL_CTX_DATA, c->trust);
    if (trust_has_anchors(c->trust)) {
        SET(CURLOPT_CAINFO, NULL); /* ours are looked at instead of the system's, not besides */
        SET(CURLOPT_CAPATH, NULL);
    }
    return code;
}

/* A socket of this machine in the place of the URL's host. It is what errors name. */
static int socket_apply(struct cxd_transfer *t, const struct cxd_request *request,
                        struct cxd_error *err)
{
    const char *path = CXD_HAS(request, unix_socket) ? request->unix_socket : NULL;
    CURLcode code = CURLE_OK;

    if (path == NULL) {
        return CXD_OK;
    }
    if (path[0] != '/' || strlen(path) >= sizeof((struct sockaddr_un *)0)->sun_path) {
        return cxd_error_set(err, CXD_CONFIG,
                             "socket: expected an absolute path of at most %zu bytes",
                             sizeof((struct sockaddr_un *)0)->sun_path - 1);
    }
    (void)snprintf(t->peer, sizeof t->peer, "%.255s", path); /* for people */
    t->is_local = 1;
    SET(CURLOPT_UNIX_SOCKET_PATH, path);
    return code == CURLE_OK
               ? CXD_OK
               : cxd_error_set(err, CXD_NOMEM, "%s: out of memory for a request", t->peer);
}

static CURLcode route_apply(struct cxd_transfer *t, int is_tls)
{
    const struct cxd_client *c = t->client;
    CURLcode code = CURLE_OK;

    if (c->proxy_disable || t->is_local) {
        SET(CURLOPT_PROXY, "");
    } else if (c->proxy_url != NULL) {
        SET(CURLOPT_PROXY, c->proxy_url);
    }
    if (c->proxy_headers != NULL) {
        SET(CURLOPT_HEADEROPT, (long)CURLHEADER_SEPARATE);
        SET(CURLOPT_PROXYHEADER, c->proxy_headers);
    }
    if (c->idle_timeout_ms != 0) {
        SET(CURLOPT_MAXAGE_CONN, (long)(c->idle_timeout_ms + 999) / 1000);
    }
    SET(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    SET(CURLOPT_FOLLOWLOCATION, c->follow_redirects > 0 ? 1L : 0L);
    SET(CURLOPT_MAXREDIRS, (long)c->follow_redirects);
#if LIBCURL_VERSION_NUM >= 0x075500
    SET(CURLOPT_PROTOCOLS_STR, "http,https");
    SET(CURLOPT_REDIR_PROTOCOLS_STR, is_tls ? "https" : "http,https");
#else
    SET(CURLOPT_PROTOCOLS, (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS));
    SET(CURLOPT_REDIR_PROTOCOLS,
        (long)(is_tls ? CURLPROTO_HTTPS : CURLPROTO_HTTP | CURLPROTO_HTTPS));
#endif
    SET(CURLOPT_CONNECTTIMEOUT_MS, (long)c->connect_timeout_ms);
    SET(CURLOPT_TIMEOUT_MS, (long)t->timeout_ms);
    SET(CURLOPT_TCP_KEEPALIVE, 1L);
    SET(CURLOPT_HTTP_VERSION,
        c->http1_only ? (long)CURL_HTTP_VERSION_1_1 : (long)CURL_HTTP_VERSION_2TLS);
    return code;
}

static CURLcode reply_apply(struct cxd_transfer *t)
{
    long buffer = (long)(t->side_max < 512 * 1024 ? t->side_max : 512 * 1024);
    CURLcode code = CURLE_OK;

    SET(CURLOPT_PRIVATE, t);
    SET(CURLOPT_ERRORBUFFER, t->reason);
    SET(CURLOPT_NOSIGNAL, 1L);
    SET(CURLOPT_NOPROGRESS, 1L);
    SET(CURLOPT_BUFFERSIZE, buffer);
    SET(CURLOPT_WRITEFUNCTION, transfer_take);
    SET(CURLOPT_WRITEDATA, t);
    SET(CURLOPT_HEADERFUNCTION, reply_take);
    SET(CURLOPT_HEADERDATA, t);
    if (t->client->user_agent != NULL) {
        SET(CURLOPT_USERAGENT, t->client->user_agent);
    }
    return code;
}

int request_apply(struct cxd_transfer *t, const struct cxd_request *request, struct cxd_error *err)
{
    CURLcode code;
    int is_tls = 0;
    int r = url_apply(t, request->url, &is_tls, err);

    if (r == CXD_OK) {
        r = socket_apply(t, request, err);
    }
    if (r == CXD_OK) {
        r = body_measure(t, request, err);
    }
    if (r == CXD_OK) {
        r = headers_apply(t, request, err);
    }
    if (r < 0) {
        return r;
    }
    code = method_apply(t, request->method);
    code = code == CURLE_OK ? tls_apply(t) : code;
    code = code == CURLE_OK ? route_apply(t, is_tls) : code;
    code = code == CURLE_OK ? reply_apply(t) : code;
    if (code != CURLE_OK) {
        return cxd_error_set(err, code == CURLE_OUT_OF_MEMORY ? CXD_NOMEM : CXD_UNSUPPORTED,
                             "%s: libcurl cannot do this request: %s", t->peer,
                             curl_easy_strerror(code));
    }
    return CXD_OK;
}

void request_lines_free(struct curl_slist *lines)
{
    for (struct curl_slist *at = lines; at != NULL; at = at->next) {
        explicit_bzero(at->data, strlen(at->data));
    }
    curl_slist_free_all(lines);
}

void request_done(struct cxd_transfer *t)
{
    request_lines_free(t->headers);
    t->headers = NULL;
}
