/* socket_url.c: see the header. Thread: any. */
#include "lib/socket_url.h"

#include "template/query.h"

#define SOCKET_HOST                                                                                \
    "unix-socket"            /* what the service is told as Host: the word that Filebeat sends */
#define SOCKET_PATH_MAX 107u /* what an address of the system holds */

static bool begins(struct cxd_bytes text, const char *front)
{
    return text.len >= strlen(front) && memcmp(text.ptr, front, strlen(front)) == 0;
}

/* scheme://unix-socket and what of the URL comes behind the socket. */
static struct cxd_bytes url_make(struct region *r, bool is_tls, struct cxd_bytes rest)
{
    const char *front = is_tls ? "https://" SOCKET_HOST : "http://" SOCKET_HOST;
    size_t room = strlen(front) + rest.len + 2;
    char *out = region_alloc(r, room);

    if (out == NULL) {
        return (struct cxd_bytes){NULL, 0};
    }
    (void)snprintf(out, room, "%s%s%.*s", front, rest.len > 0 && rest.ptr[0] == '/' ? "" : "/",
                   (int)rest.len, rest.ptr); /* it has the room */
    return bytes_of(out);
}

static int parts_read(struct region *r, struct cxd_bytes url, bool is_tls, const char *where,
                      struct cxd_bytes *ret_socket, struct cxd_bytes *ret_url,
                      struct cxd_error *err)
{
    struct query_url parts;
    struct cxd_bytes rest;
    struct cxd_bytes path;

    query_split(url, &parts);
    rest = (struct cxd_bytes){parts.path.ptr, (size_t)(parts.fragment.ptr - parts.path.ptr)};
    if (parts.fragment.len > 0) {
        rest.len--; /* the hash */
    }
    path = query_unescape(r, parts.host.len > 0 ? parts.host : parts.path, false);
    if (path.len == 0 || path.ptr[0] != '/' || path.len > SOCKET_PATH_MAX ||
        memchr(path.ptr, '\0', path.len) != NULL) {
        return r->status < 0 ? cxd_error_set(err, r->status, "%s: out of memory", where)
                             : cxd_error_set(err, CXD_CONFIG,
                                             "%s: expected the socket's absolute path, of at most "
                                             "%u bytes: http+unix:///run/a.sock, or with a path to "
                                             "ask for, http+unix://%%2Frun%%2Fa.sock/path",
                                             where, SOCKET_PATH_MAX);
    }
    *ret_socket = region_copy(r, path);
    *ret_url = url_make(r, is_tls, rest);
    return ret_socket->ptr != NULL && ret_url->ptr != NULL
               ? 0
               : cxd_error_set(err, CXD_NOMEM, "%s: out of memory", where);
}

bool socket_url_read(struct region *r, struct cxd_bytes url, const char *where,
                     struct cxd_bytes *ret_socket, struct cxd_bytes *ret_url, int *ret_status,
                     struct cxd_error *err)
{
    bool is_tls = begins(url, "https+");

    if (!is_tls && !begins(url, "http+")) {
        return false;
    }
    if (begins(url, is_tls ? "https+npipe://" : "http+npipe://")) {
        *ret_status = cxd_error_set(err, CXD_UNSUPPORTED,
                                    "%s: named pipes are found on Windows alone; here a service "
                                    "has a socket, http+unix://",
                                    where);
    } else if (!begins(url, is_tls ? "https+unix://" : "http+unix://")) {
        *ret_status =
            cxd_error_set(err, CXD_CONFIG, "%s: expected http://, https:// or http+unix://", where);
    } else {
        *ret_status = parts_read(r, url, is_tls, where, ret_socket, ret_url, err);
    }
    return true;
}
