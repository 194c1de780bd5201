/* redirect.c: follows Location, as far as allowed, with the headers that may go there. Thread: the instance's. */
#include "answer.h"

#include <strings.h>

static bool is_redirect(int http_status)
{
    return http_status == 301 || http_status == 302 || http_status == 303 || http_status == 307 ||
           http_status == 308;
}

/* The URL that location means when found at `from`. */
static void redirect_url(struct cxd_bytes from, struct cxd_bytes location, struct text *out)
{
    struct query_url parts;
    const char *scheme_end = memmem(location.ptr, location.len, "://", 3);
    struct cxd_bytes path;

    query_split(from, &parts);
    if (scheme_end != NULL) {
        text_add(out, location.ptr, location.len);
        return;
    }
    text_add(out, parts.scheme.ptr, parts.scheme.len);
    if (location.len > 1 && memcmp(location.ptr, "//", 2) == 0) {
        text_put(out, ":");
        text_add(out, location.ptr, location.len);
        return;
    }
    text_put(out, "://");
    text_add(out, parts.host.ptr, parts.host.len);
    path = parts.path;
    if (location.len == 0 || location.ptr[0] != '/') {
        while (path.len > 0 && path.ptr[path.len - 1] != '/') {
            path.len--;
        }
        text_add(out, path.len > 0 ? path.ptr : "/", path.len > 0 ? path.len : 1);
    }
    text_add(out, location.ptr, location.len);
}

bool redirect_follow(struct input *in, int http_status)
{
    const char *location = fetch_header(&in->reply, "Location");
    int64_t max = in->config.steps[in->depth].redirect.max;
    struct cxd_error err = CXD_ERROR_INIT;
    struct query_url from;
    struct query_url to;
    struct text url;

    if (!is_redirect(http_status) || location == NULL) {
        return false;
    }
    if (in->redirects >= max) {
        (void)cxd_error_set(&err, CXD_PROTOCOL, "more than %lld redirects", (long long)max);
        input_trouble(in, CXD_DEGRADED, &err);
        in->phase = PHASE_REST;
        return true;
    }
    text_init(&url, &in->heap, in->location.max);
    redirect_url(text_bytes(&in->wire.url), bytes_of(location), &url);
    query_split(text_bytes(&in->wire.url), &from);
    query_split(url.status == 0 ? text_bytes(&url) : CXD_LIT(""), &to);
    in->redirect_away |= from.host.len != to.host.len ||
                         strncasecmp(from.host.ptr, to.host.ptr, to.host.len) != 0 ||
                         (from.scheme.len == 5 && to.scheme.len != 5);
    in->redirect_get |= http_status < 304;
    in->redirects++;
    text_done(&in->location);
    in->location = url;
    in->phase = PHASE_ASK;
    return true;
}
