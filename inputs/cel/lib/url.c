/* url.c: RFC 3986 the way Go's net/url reads and writes it. */
#include "url.h"

#include <stdio.h>

static bool is_alpha(char c)
{
    return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_escaped(char c, enum url_mode mode)
{
    if (is_alpha(c) || is_digit(c) || (c != '\0' && strchr("-_.~", c) != NULL)) {
        return false;
    }
    if (c != '\0' && strchr("$&+,/:;=?@", c) != NULL) {
        return mode == URL_PATH    ? c == '?'
               : mode == URL_USER  ? strchr("@/?:", c) != NULL
               : mode == URL_QUERY ? true
                                   : false;
    }
    return mode != URL_FRAGMENT || c == '\0' || strchr("!()*", c) == NULL;
}

void url_escape(struct sink *sink, struct cxd_bytes text, enum url_mode mode)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (c == ' ' && mode == URL_QUERY) {
            sink_char(sink, '+');
        } else if (is_escaped(c, mode)) {
            sink_print(sink, "%%%02X", (unsigned)(unsigned char)c);
        } else {
            sink_char(sink, c);
        }
    }
}

static int hex_value(char c)
{
    return is_digit(c)                              ? c - '0'
           : (c | 0x20) >= 'a' && (c | 0x20) <= 'f' ? (c | 0x20) - 'a' + 10
                                                    : -1;
}

bool url_unescape(struct sink *sink, struct cxd_bytes text, enum url_mode mode,
                  struct cxd_bytes *ret_bad)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '%') {
            if (i + 2 >= text.len || hex_value(text.ptr[i + 1]) < 0 ||
                hex_value(text.ptr[i + 2]) < 0) {
                *ret_bad = (struct cxd_bytes){text.ptr + i, text.len - i < 3 ? text.len - i : 3};
                return false;
            }
            sink_char(sink, (char)(hex_value(text.ptr[i + 1]) << 4 | hex_value(text.ptr[i + 2])));
            i += 2;
        } else {
            sink_char(sink, text.ptr[i] == '+' && mode == URL_QUERY ? ' ' : text.ptr[i]);
        }
    }
    return true;
}

static bool equals(struct cxd_bytes a, struct cxd_bytes b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

static const char *bad_escape(struct pool *pool, struct cxd_bytes bad)
{
    char text[64];
    int len = snprintf(text, sizeof text, "invalid URL escape \"%.*s\"", (int)bad.len, bad.ptr);
    char *copy = pool_copy(pool, text, (size_t)len);

    return copy != NULL ? copy : "out of memory";
}

/* Without escapes; and as written, when the usual escaping would not give that again. */
static const char *part_read(struct pool *pool, struct cxd_bytes text, enum url_mode mode,
                             struct cxd_bytes *ret, struct cxd_bytes *ret_raw)
{
    struct sink plain = sink_on(pool);
    struct sink again = sink_on(pool);
    struct cxd_bytes bad;

    if (!url_unescape(&plain, text, mode, &bad)) {
        return bad_escape(pool, bad);
    }
    *ret = (struct cxd_bytes){plain.text, plain.len};
    if (ret_raw != NULL) {
        url_escape(&again, *ret, mode);
        *ret_raw = equals((struct cxd_bytes){again.text, again.len}, text)
                       ? (struct cxd_bytes){NULL, 0}
                       : text;
    }
    return plain.failed || again.failed ? "out of memory" : NULL;
}

static struct cxd_bytes slice(struct cxd_bytes text, size_t from, size_t to)
{
    return (struct cxd_bytes){text.ptr + from, to - from};
}

static size_t find(struct cxd_bytes text, char c)
{
    const char *found = text.len > 0 ? memchr(text.ptr, c, text.len) : NULL;

    return found != NULL ? (size_t)(found - text.ptr) : SIZE_MAX;
}

/* Takes "scheme:" off. */
static const char *scheme_take(struct pool *pool, struct cxd_bytes *text, struct cxd_bytes *ret)
{
    struct sink lower = sink_on(pool);

    for (size_t i = 0; i < text->len; i++) {
        char c = text->ptr[i];
        if (c == ':') {
            if (i == 0) {
                return "missing protocol scheme";
            }
            for (size_t j = 0; j < i; j++) {
                sink_char(&lower,
                          is_alpha(text->ptr[j]) ? (char)(text->ptr[j] | 0x20) : text->ptr[j]);
            }
            *ret = (struct cxd_bytes){lower.text, lower.len};
            *text = slice(*text, i + 1, text->len);
            return lower.failed ? "out of memory" : NULL;
        }
        if (!is_alpha(c) && (i == 0 || (!is_digit(c) && strchr("+-.", c) == NULL))) {
            return NULL;
        }
    }
    return NULL;
}

static const char *user_take(struct pool *pool, struct cxd_bytes text, struct url *url)
{
    size_t colon = find(text, ':');
    const char *problem;

    url->has_user = true;
    problem = part_read(pool, slice(text, 0, colon != SIZE_MAX ? colon : text.len), URL_USER,
                        &url->user, NULL);
    if (problem == NULL && colon != SIZE_MAX) {
        url->has_password = true;
        problem = part_read(pool, slice(text, colon + 1, text.len), URL_USER, &url->password, NULL);
    }
    return problem;
}

static bool port_is_good(struct cxd_bytes host)
{
    size_t end = find(host, ']');
    struct cxd_bytes rest = end != SIZE_MAX ? slice(host, end + 1, host.len) : host;
    size_t colon = SIZE_MAX;

    for (size_t i = 0; i < rest.len; i++) {
        colon = rest.ptr[i] == ':' ? i : colon;
    }
    for (size_t i = colon + 1; colon != SIZE_MAX && i < rest.len; i++) {
        if (!is_digit(rest.ptr[i])) {
            return false;
        }
    }
    return true;
}

/* "user:password@host:port" */
static const char *authority_take(struct pool *pool, struct cxd_bytes text, struct url *url)
{
    size_t at = SIZE_MAX;

    for (size_t i = 0; i < text.len; i++) {
        at = text.ptr[i] == '@' ? i : at;
    }
    url->host = at != SIZE_MAX ? slice(text, at + 1, text.len) : text;
    if (!port_is_good(url->host)) {
        return "invalid port after host";
    }
    for (size_t i = 0; i < url->host.len; i++) {
        if ((unsigned char)url->host.ptr[i] <= ' ' || strchr("<>\"\\^`{|}", url->host.ptr[i])) {
            return "invalid character in host name";
        }
    }
    return at != SIZE_MAX ? user_take(pool, slice(text, 0, at), url) : NULL;
}

const char *url_read(struct pool *pool, struct cxd_bytes text, struct url *ret)
{
    struct url url = {0};
    size_t cut = find(text, '#');
    const char *problem = NULL;

    for (size_t i = 0; i < text.len; i++) {
        if ((unsigned char)text.ptr[i] < ' ' || text.ptr[i] == 0x7f) {
            return "net/url: invalid control character in URL";
        }
    }
    if (cut != SIZE_MAX) {
        problem = part_read(pool, slice(text, cut + 1, text.len), URL_FRAGMENT, &url.fragment,
                            &url.raw_fragment);
        text.len = cut;
    }
    problem = problem == NULL ? scheme_take(pool, &text, &url.scheme) : problem;
    cut = find(text, '?');
    if (cut != SIZE_MAX) {
        url.force_query = cut + 1 == text.len;
        url.query = slice(text, cut + 1, text.len);
        text.len = cut;
    }
    if (problem == NULL && url.scheme.len > 0 && text.len > 0 && text.ptr[0] != '/') {
        url.opaque = text;
        *ret = url;
        return NULL;
    }
    if (problem == NULL && text.len >= 2 && memcmp(text.ptr, "//", 2) == 0) {
        struct cxd_bytes rest = slice(text, 2, text.len);
        size_t end = find(rest, '/');
        problem = authority_take(pool, slice(rest, 0, end != SIZE_MAX ? end : rest.len), &url);
        text = slice(rest, end != SIZE_MAX ? end : rest.len, rest.len);
    }
    problem = problem == NULL ? part_read(pool, text, URL_PATH, &url.path, &url.raw_path) : problem;
    *ret = url;
    return problem;
}

/* The raw form if it stands for the plain one, else the plain one escaped. */
static void put_part(struct sink *sink, struct cxd_bytes plain, struct cxd_bytes raw,
                     enum url_mode mode)
{
    struct sink again = sink_on(sink->pool);
    struct cxd_bytes bad;

    if (raw.len > 0 && url_unescape(&again, raw, mode, &bad) &&
        equals((struct cxd_bytes){again.text, again.len}, plain)) {
        sink_put(sink, raw.ptr, raw.len);
    } else {
        url_escape(sink, plain, mode);
    }
}

void url_put(struct sink *sink, const struct url *url)
{
    if (url->scheme.len > 0) {
        sink_put(sink, url->scheme.ptr, url->scheme.len);
        sink_char(sink, ':');
    }
    if (url->opaque.len > 0) {
        sink_put(sink, url->opaque.ptr, url->opaque.len);
    } else {
        if (url->scheme.len > 0 || url->host.len > 0 || url->has_user) {
            sink_text(sink, url->host.len > 0 || url->path.len > 0 || url->has_user ? "//" : "");
            if (url->has_user) {
                url_escape(sink, url->user, URL_USER);
                sink_text(sink, url->has_password ? ":" : "");
                url_escape(sink, url->password, URL_USER);
                sink_char(sink, '@');
            }
            sink_put(sink, url->host.ptr, url->host.len);
        }
        if (url->path.len > 0 && url->path.ptr[0] != '/' && url->host.len > 0) {
            sink_char(sink, '/');
        }
        put_part(sink, url->path, url->raw_path, URL_PATH);
    }
    if (url->force_query || url->query.len > 0) {
        sink_char(sink, '?');
        sink_put(sink, url->query.ptr, url->query.len);
    }
    if (url->fragment.len > 0) {
        sink_char(sink, '#');
        put_part(sink, url->fragment, url->raw_fragment, URL_FRAGMENT);
    }
}
