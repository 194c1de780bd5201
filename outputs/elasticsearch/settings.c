/* settings.c: reads the options document once, at open. Error texts name the option, never its value. */
#include "settings.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#define BULK_FILTER                                                                                \
    "filter_path=errors,items.*.status,items.*.error.type,items.*.error.reason,items.*.failure_"   \
    "store"
#define SETTINGS_SECRET_MAX 4096
#define SETTINGS_PIPELINE_MAX 256

static struct cxd_bytes text_get(const struct settings *s, struct cxd_bytes doc, const char *name)
{
    struct cxd_scalar value = s->host->doc_get(doc, name);

    return value.type == CXD_TEXT ? value.bytes : (struct cxd_bytes){NULL, 0};
}

static int flag_get(const struct settings *s, struct cxd_bytes doc, const char *name)
{
    return s->host->doc_get(doc, name).number != 0;
}

static int number_get(const struct settings *s, struct cxd_bytes doc, const char *name,
                      const int64_t range[2], int64_t *ret_number, struct cxd_error *err)
{
    struct cxd_scalar value = s->host->doc_get(doc, name);

    if (value.type != CXD_INT || value.number < range[0] || value.number > range[1]) {
        return cxd_error_set(err, CXD_CONFIG, "%s: between %lld and %lld", name,
                             (long long)range[0], (long long)range[1]);
    }
    *ret_number = value.number;
    return CXD_OK;
}

/* May stand in a header's value: printable, no line ends. */
static int is_header_value(struct cxd_bytes text)
{
    for (size_t i = 0; i < text.len; i++) {
        if ((unsigned char)text.ptr[i] < ' ' || text.ptr[i] == 127) {
            return 0;
        }
    }
    return text.len <= SETTINGS_SECRET_MAX;
}

static int is_header_name(struct cxd_bytes text)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        int is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');

        if (!is_plain && c != '-' && c != '_') {
            return 0;
        }
    }
    return text.len > 0 && text.len <= 128;
}

static char *text_copy(const struct settings *s, struct cxd_bytes text)
{
    char *copy = s->host->alloc(s->self, text.len + 1);

    if (copy != NULL && text.len > 0) {
        memcpy(copy, text.ptr, text.len);
    }
    return copy;
}

/* Takes name (static or copied) and value (copied memory; NULL: no memory). */
static int header_add(struct settings *s, const char *name, char *value, struct cxd_error *err)
{
    if (name == NULL || value == NULL) {
        s->host->free(s->self, value);
        return cxd_error_set(err, CXD_NOMEM, "out of memory reading the options");
    }
    s->headers[s->header_count++] = (struct cxd_header){.name = name, .value = value, .secret = 1};
    return CXD_OK;
}

/* "SCHEME " and the text, in base64 if asked. */
static char *auth_value(const struct settings *s, const char *scheme, struct cxd_bytes text,
                        int is_plain)
{
    size_t scheme_len = strlen(scheme);
    size_t room = scheme_len + (text.len + 2) / 3 * 4 + text.len + 1;
    char *value = s->host->alloc(s->self, room);

    if (value == NULL) {
        return NULL;
    }
    memcpy(value, scheme, scheme_len);
    if (is_plain) {
        memcpy(value + scheme_len, text.ptr, text.len);
    } else {
        (void)s->host->base64(text.ptr, text.len, 0, value + scheme_len, room - scheme_len - 1);
    }
    return value;
}

static int basic_add(struct settings *s, struct cxd_bytes name, struct cxd_bytes password,
                     struct cxd_error *err)
{
    char both[2 * SETTINGS_SECRET_MAX + 1];
    struct cxd_bytes text = {both, name.len + 1 + password.len};
    int r;

    if (memchr(name.ptr, ':', name.len) != NULL) {
        return cxd_error_set(err, CXD_CONFIG, "username: without colon");
    }
    memcpy(both, name.ptr, name.len);
    both[name.len] = ':';
    if (password.len > 0) {
        memcpy(both + name.len + 1, password.ptr, password.len);
    }
    r = header_add(s, "Authorization", auth_value(s, "Basic ", text, 0), err);
    explicit_bzero(both, sizeof both);
    return r;
}

static int auth_read(struct settings *s, struct cxd_bytes doc, struct cxd_error *err)
{
    struct cxd_bytes key = text_get(s, doc, "api_key");
    struct cxd_bytes token = text_get(s, doc, "token");
    struct cxd_bytes name = text_get(s, doc, "username");
    struct cxd_bytes password = text_get(s, doc, "password");

    if ((key.len > 0) + (token.len > 0) + (name.len > 0) > 1) {
        return cxd_error_set(err, CXD_CONFIG, "give one of api_key, token, and username");
    }
    if (!is_header_value(key) || !is_header_value(token) || !is_header_value(name) ||
        !is_header_value(password)) {
        return cxd_error_set(err, CXD_CONFIG,
                             "api_key, token, username, password: at most %d bytes, on one line",
                             SETTINGS_SECRET_MAX);
    }
    if (key.len > 0) {
        int is_encoded = memchr(key.ptr, ':', key.len) == NULL;

        return header_add(s, "Authorization", auth_value(s, "ApiKey ", key, is_encoded), err);
    }
    if (token.len > 0) {
        return header_add(s, "Authorization", auth_value(s, "Bearer ", token, 1), err);
    }
    return name.len > 0 ? basic_add(s, name, password, err) : CXD_OK;
}

/* Those that the requests themselves are made of. */
static int is_ours(const struct settings *s, struct cxd_bytes name)
{
    static const char *const ours[] = {
        "content-type", "content-encoding", "content-length",  "transfer-encoding",
        "host",         "accept",           "accept-encoding", "connection"};

    for (size_t i = 0; i < sizeof ours / sizeof ours[0]; i++) {
        if (name.len == strlen(ours[i]) && strncasecmp(name.ptr, ours[i], name.len) == 0) {
            return 1;
        }
    }
    return s->has_auth && name.len == 13 && strncasecmp(name.ptr, "authorization", 13) == 0;
}

static int headers_read(struct settings *s, struct cxd_bytes doc, struct cxd_error *err)
{
    struct cxd_scalar map = s->host->doc_get(doc, "headers");

    if (map.type == CXD_NONE || map.type == CXD_NIL) {
        return CXD_OK;
    }
    if (map.type != CXD_DOCUMENT || map.count > 32) {
        return cxd_error_set(err, CXD_CONFIG, "headers: at most 32 of NAME: VALUE");
    }
    for (uint32_t i = 0; i < map.count; i++) {
        struct cxd_bytes name = {NULL, 0};
        struct cxd_scalar value = s->host->doc_at(map.bytes, i, &name);
        char *copy;
        int r;

        if (value.type != CXD_TEXT || !is_header_value(value.bytes) || !is_header_name(name) ||
            is_ours(s, name)) {
            return cxd_error_set(err, CXD_CONFIG, "headers: number %u is not one that can be sent",
                                 i);
        }
        copy = text_copy(s, name);
        r = header_add(s, copy, text_copy(s, value.bytes), err);
        if (r != CXD_OK) {
            s->host->free(s->self, copy);
            return r;
        }
    }
    return CXD_OK;
}

static int hosts_read(struct settings *s, struct cxd_bytes doc, struct cxd_error *err)
{
    struct cxd_scalar list = s->host->doc_get(doc, "hosts");
    char protocol[8] = "";
    char path[256] = "";
    struct cxd_bytes text = text_get(s, doc, "protocol");
    struct hosts_defaults defaults = {protocol, path};
    int r = CXD_OK;

    if (text.len < sizeof protocol) {
        (void)snprintf(protocol, sizeof protocol, "%.*s", (int)text.len, text.ptr);
    }
    text = text_get(s, doc, "path");
    if (text.len >= sizeof path) {
        return cxd_error_set(err, CXD_CONFIG, "path: at most %zu bytes", sizeof path - 1);
    }
    (void)snprintf(path, sizeof path, "%.*s", (int)text.len, text.len > 0 ? text.ptr : "");
    if (list.type != CXD_ARRAY || list.count == 0) {
        return cxd_error_set(err, CXD_CONFIG, "hosts: a list with at least one");
    }
    for (uint32_t i = 0; i < list.count && r == CXD_OK; i++) {
        struct cxd_scalar item = s->host->doc_at(list.bytes, i, NULL);

        r = item.type != CXD_TEXT ? cxd_error_set(err, CXD_CONFIG, "hosts.%u: a string", i)
                                  : hosts_add(&s->hosts, item.bytes, &defaults, err);
    }
    return r;
}

/* The path of bulk requests, with the pipeline percent-encoded. */
static int bulk_path_make(struct settings *s, struct cxd_bytes pipeline, struct cxd_error *err)
{
    static const char hex[] = "0123456789ABCDEF";
    static const char head[] = "/_bulk?" BULK_FILTER;
    static const char name[] = "&pipeline=";
    size_t len = sizeof head - 1;

    if (pipeline.len > SETTINGS_PIPELINE_MAX) {
        return cxd_error_set(err, CXD_CONFIG, "pipeline: at most %d bytes", SETTINGS_PIPELINE_MAX);
    }
    s->bulk_path = s->host->alloc(s->self, sizeof head + sizeof name + pipeline.len * 3);
    if (s->bulk_path == NULL) {
        return cxd_error_set(err, CXD_NOMEM, "out of memory reading the options");
    }
    memcpy(s->bulk_path, head, len);
    if (pipeline.len > 0) {
        memcpy(s->bulk_path + len, name, sizeof name - 1);
        len += sizeof name - 1;
    }
    for (size_t i = 0; i < pipeline.len; i++) {
        unsigned char c = (unsigned char)pipeline.ptr[i];
        int is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');

        if (is_plain || c == '-' || c == '_' || c == '.') {
            s->bulk_path[len++] = (char)c;
        } else {
            s->bulk_path[len++] = '%';
            s->bulk_path[len++] = hex[c >> 4];
            s->bulk_path[len++] = hex[c & 15];
        }
    }
    return CXD_OK;
}

int settings_read(struct settings *s, const struct cxd_host *host, struct cxd_self *self,
                  struct cxd_bytes doc, struct cxd_error *err)
{
    static const int64_t levels[2] = {0, 9};
    static const int64_t sizes[2] = {64 << 10, 100 << 20};
    static const int64_t times[2] = {1000, 3600000};
    int64_t level = 0;
    int64_t bytes = 0;
    int64_t timeout = 0;
    int r;

    *s = (struct settings){.host = host, .self = self};
    r = hosts_read(s, doc, err);
    if (r == CXD_OK) {
        r = auth_read(s, doc, err);
    }
    if (r == CXD_OK) {
        s->has_auth = s->header_count > 0;
        r = headers_read(s, doc, err);
    }
    if (r == CXD_OK) {
        r = number_get(s, doc, "compression_level", levels, &level, err);
    }
    if (r == CXD_OK) {
        r = number_get(s, doc, "bulk_max_bytes", sizes, &bytes, err);
    }
    if (r == CXD_OK) {
        r = number_get(s, doc, "timeout", times, &timeout, err);
    }
    if (r == CXD_OK) {
        r = bulk_path_make(s, text_get(s, doc, "pipeline"), err);
    }
    s->compression_level = (int)level;
    s->bulk_max_bytes = (uint64_t)bytes;
    s->timeout_ms = (uint32_t)timeout;
    s->has_template = flag_get(s, doc, "setup.template.enabled");
    s->may_overwrite = flag_get(s, doc, "setup.template.overwrite");
    s->may_be_old = flag_get(s, doc, "allow_older_versions");
    return r;
}

void settings_done(struct settings *s)
{
    for (size_t i = 0; i < s->header_count; i++) {
        char *value =
            (char *)(uintptr_t)s->headers[i].value; /* ours: made by auth_value, text_copy */

        explicit_bzero(value, strlen(value));
        s->host->free(s->self, value);
        if (i > 0 || !s->has_auth) { /* that one's name is static */
            s->host->free(s->self, (char *)(uintptr_t)s->headers[i].name);
        }
    }
    if (s->host != NULL) {
        s->host->free(s->self, s->bulk_path);
    }
    *s = (struct settings){0};
}
