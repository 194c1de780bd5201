/* hop.c: see the header. */
#include "hop.h"

#include "lang/sink.h"

#include <strings.h>

/* "https://host:1" of a URL. */
static struct cxd_bytes origin(const char *url)
{
    const char *end = strstr(url, "://");

    end = end != NULL ? end + 3 : url;
    return (struct cxd_bytes){url, (size_t)(end - url) + strcspn(end, "/?#")};
}

static bool has_scheme(const char *text)
{
    const char *end = strstr(text, "://");

    return end != NULL && (size_t)(end - text) == strcspn(text, "/?#:");
}

/* Of a path, what is before its last part. */
static struct cxd_bytes folder(const char *path)
{
    size_t len = strcspn(path, "?#");

    while (len > 0 && path[len - 1] != '/') {
        len--;
    }
    return len > 0 ? (struct cxd_bytes){path, len} : CXD_LIT("/");
}

char *hop_url(struct pool *pool, const char *from, const char *location)
{
    struct cxd_bytes base = origin(from);
    struct sink out = sink_on(pool);

    if (!has_scheme(location)) {
        const char *path = from + base.len;
        const char *colon = strstr(from, "://");
        struct cxd_bytes front = folder(path);

        if (strncmp(location, "//", 2) == 0) {
            sink_put(&out, from, colon != NULL ? (size_t)(colon - from) + 1 : 0);
        } else {
            sink_put(&out, base.ptr, base.len);
            if (location[0] == '?') {
                sink_put(&out, path, strcspn(path, "?#"));
            } else if (location[0] != '/') {
                sink_put(&out, front.ptr, front.len);
            }
        }
    }
    sink_put(&out, location, strcspn(location, "#"));
    sink_char(&out, '\0');
    return out.failed ? NULL : out.text;
}

bool hop_is_away(const char *from, const char *to)
{
    struct cxd_bytes a = origin(from);
    struct cxd_bytes b = origin(to);

    return a.len != b.len || strncasecmp(a.ptr, b.ptr, a.len) != 0;
}
