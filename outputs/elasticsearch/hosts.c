/* hosts.c: turns, rests, and the reading of host names. Pure. */
#include "hosts.h"

#include <stdio.h>

#define HOSTS_DEFAULT_PORT 9200

struct parts {
    struct cxd_bytes scheme;
    struct cxd_bytes name; /* with brackets when IPv6 */
    struct cxd_bytes port;
    struct cxd_bytes path;
};

static int bytes_are(struct cxd_bytes bytes, const char *text)
{
    return bytes.len == strlen(text) && memcmp(bytes.ptr, text, bytes.len) == 0;
}

static struct cxd_bytes bytes_trim_slashes(struct cxd_bytes bytes)
{
    while (bytes.len > 0 && bytes.ptr[0] == '/') {
        bytes.ptr++;
        bytes.len--;
    }
    while (bytes.len > 0 && bytes.ptr[bytes.len - 1] == '/') {
        bytes.len--;
    }
    return bytes;
}

/* Splits at the scheme and the first slash. */
static struct parts text_split(struct cxd_bytes text, const struct hosts_defaults *defaults)
{
    struct parts p = {.scheme = {defaults->protocol, strlen(defaults->protocol)},
                      .path = {defaults->path, strlen(defaults->path)}};
    const char *mark = memmem(text.ptr, text.len, "://", 3);
    const char *slash;
    const char *colon;

    if (mark != NULL) {
        p.scheme = (struct cxd_bytes){text.ptr, (size_t)(mark - text.ptr)};
        text.len -= (size_t)(mark + 3 - text.ptr);
        text.ptr = mark + 3;
    }
    slash = memchr(text.ptr, '/', text.len);
    if (slash != NULL) {
        struct cxd_bytes path = {slash, text.len - (size_t)(slash - text.ptr)};

        text.len = (size_t)(slash - text.ptr);
        path = bytes_trim_slashes(path);
        p.path = path.len > 0 ? path : p.path;
    }
    colon = memrchr(text.ptr, ':', text.len);
    p.name = text;
    if (colon != NULL && memchr(colon, ']', text.len - (size_t)(colon - text.ptr)) == NULL) {
        p.name.len = (size_t)(colon - text.ptr);
        p.port = (struct cxd_bytes){colon + 1, text.len - p.name.len - 1};
    }
    p.path = bytes_trim_slashes(p.path);
    return p;
}

/* 1 to 65535; the default when there is none; 0: not a port. */
static unsigned port_number(struct cxd_bytes port)
{
    unsigned number = 0;

    if (port.ptr == NULL) {
        return HOSTS_DEFAULT_PORT;
    }
    for (size_t i = 0; i < port.len; i++) {
        if (port.ptr[i] < '0' || port.ptr[i] > '9' || number > 6553) {
            return 0;
        }
        number = number * 10 + (unsigned)(port.ptr[i] - '0');
    }
    return number <= 65535 ? number : 0;
}

static int is_name(struct cxd_bytes name)
{
    int is_six = name.len > 2 && name.ptr[0] == '[' && name.ptr[name.len - 1] == ']';

    for (size_t i = is_six; i + is_six < name.len; i++) {
        char c = name.ptr[i];
        int is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');

        if (!is_plain && c != '.' && c != '-' && c != '_' && !(is_six && c == ':')) {
            return 0;
        }
    }
    return name.len > 0;
}

static int is_path(struct cxd_bytes path)
{
    for (size_t i = 0; i < path.len; i++) {
        if (path.ptr[i] <= ' ' || path.ptr[i] == '?' || path.ptr[i] == '#' || path.ptr[i] == 127) {
            return 0;
        }
    }
    return 1;
}

int hosts_add(struct hosts *h, struct cxd_bytes text, const struct hosts_defaults *defaults,
              struct cxd_error *err)
{
    struct parts p;
    unsigned port;
    int len;

    if (h->count == HOSTS_MAX) {
        return cxd_error_set(err, CXD_CONFIG, "hosts: at most %d", HOSTS_MAX);
    }
    if (memchr(text.ptr, '@', text.len) != NULL) { /* not shown: a password stands before it */
        return cxd_error_set(err, CXD_CONFIG,
                             "hosts.%u: credentials belong into username and password", h->count);
    }
    p = text_split(text, defaults);
    port = port_number(p.port);
    if (!bytes_are(p.scheme, "http") && !bytes_are(p.scheme, "https")) {
        return cxd_error_set(err, CXD_CONFIG, "hosts.%u: the protocol is http or https", h->count);
    }
    if (!is_name(p.name) || port == 0 || !is_path(p.path)) {
        return cxd_error_set(err, CXD_CONFIG, "hosts.%u: NAME, NAME:PORT or a URL without query",
                             h->count);
    }
    len = snprintf(h->rows[h->count].url, HOSTS_URL_MAX, "%.*s://%.*s:%u%s%.*s", (int)p.scheme.len,
                   p.scheme.ptr, (int)p.name.len, p.name.ptr, port, p.path.len > 0 ? "/" : "",
                   (int)p.path.len, p.path.ptr);
    if (len < 0 || len >= HOSTS_URL_MAX) {
        return cxd_error_set(err, CXD_CONFIG, "hosts.%u: at most %d bytes", h->count,
                             HOSTS_URL_MAX - 1);
    }
    h->count++;
    return CXD_OK;
}

int hosts_take(struct hosts *h, uint64_t tried, int64_t now_ms)
{
    int best = -1;

    for (uint32_t i = 0; i < h->count; i++) {
        uint32_t number = (h->next + i) % h->count;

        if ((tried >> number & 1) != 0) {
            continue;
        }
        if (h->rows[number].rest_until_ms <= now_ms) {
            best = (int)number;
            break;
        }
        if (best < 0 || h->rows[number].rest_until_ms < h->rows[best].rest_until_ms) {
            best = (int)number;
        }
    }
    if (best >= 0) {
        h->next = ((uint32_t)best + 1) % h->count;
    }
    return best;
}

void hosts_failed(struct hosts *h, int number, int64_t now_ms)
{
    struct hosts_row *row = &h->rows[number];

    row->rest_ms = row->rest_ms == 0 ? HOSTS_REST_FIRST_MS : row->rest_ms * 2;
    row->rest_ms = row->rest_ms > HOSTS_REST_MAX_MS ? HOSTS_REST_MAX_MS : row->rest_ms;
    row->rest_until_ms = now_ms + row->rest_ms;
}

void hosts_good(struct hosts *h, int number)
{
    h->rows[number].rest_ms = 0;
    h->rows[number].rest_until_ms = 0;
}
