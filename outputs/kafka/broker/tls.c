/* tls.c: the ssl.* options in Beats' names, for the client library. A value is a file's path or PEM text. */
#include "broker/access.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define PEM_MAX (1 << 20) /* bytes of all CA certificates together */

static const char pem_mark[] = "-----BEGIN";

static int is_pem(struct cxd_bytes text)
{
    return text.len > 0 && memmem(text.ptr, text.len, pem_mark, sizeof pem_mark - 1) != NULL;
}

static int is_text(struct cxd_scalar value)
{
    return value.type == CXD_TEXT && value.bytes.len > 0 &&
           strlen(value.bytes.ptr) == value.bytes.len;
}

/* Reads path behind what buffer has. */
static int file_read(const char *path, char *buffer, size_t *len, struct cxd_error *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    ssize_t n = 0;

    if (fd < 0) {
        return cxd_error_set(err, CXD_CONFIG, "ssl.certificate_authorities: %s: %s", path,
                             strerror(errno));
    }
    while (*len < PEM_MAX && (n = read(fd, buffer + *len, PEM_MAX - *len)) > 0) {
        *len += (size_t)n;
    }
    (void)close(fd); /* only read from */
    if (n < 0 || *len >= PEM_MAX) {
        return cxd_error_set(err, CXD_CONFIG, "ssl.certificate_authorities: %s: %s", path,
                             n < 0 ? strerror(errno) : "larger than 1 MiB together");
    }
    return CXD_OK;
}

static int authority_add(struct cxd_scalar item, uint32_t number, char *buffer, size_t *len,
                         struct cxd_error *err)
{
    int r;

    if (!is_text(item)) {
        return cxd_error_set(err, CXD_CONFIG, "ssl.certificate_authorities.%u: a path or PEM text",
                             number);
    }
    if (!is_pem(item.bytes)) {
        r = file_read(item.bytes.ptr, buffer, len, err);
    } else if (item.bytes.len >= PEM_MAX - *len) {
        r = cxd_error_set(err, CXD_CONFIG, "ssl.certificate_authorities: larger than 1 MiB");
    } else {
        memcpy(buffer + *len, item.bytes.ptr, item.bytes.len);
        *len += item.bytes.len;
        r = CXD_OK;
    }
    if (r == CXD_OK && *len < PEM_MAX) {
        buffer[(*len)++] = '\n';
    }
    return r;
}

static int authorities_read(struct access *a, struct cxd_scalar list, struct cxd_error *err)
{
    char *fitting;
    size_t len = 0;
    int r = CXD_OK;

    a->authorities = a->host->alloc(a->self, PEM_MAX);
    if (a->authorities == NULL) {
        return cxd_error_set(err, CXD_NOMEM, "out of memory reading certificates");
    }
    for (uint32_t i = 0; i < list.count && r == CXD_OK; i++) {
        r = authority_add(a->host->doc_at(list.bytes, i, NULL), i, a->authorities, &len, err);
    }
    a->authorities_len = len;
    fitting = r == CXD_OK ? a->host->realloc(a->self, a->authorities, len) : NULL;
    a->authorities = fitting != NULL ? fitting : a->authorities; /* else it stays as large */
    return r;
}

/* names: the library's setting for a path, and for PEM text */
static int item_read(const struct access *a, const char *option, const char *const names[2],
                     struct cxd_error *err)
{
    struct cxd_scalar value = access_get(a, option);

    if (value.type == CXD_NONE || value.type == CXD_NIL || value.bytes.len == 0) {
        return CXD_OK;
    }
    if (!is_text(value)) {
        return cxd_error_set(err, CXD_CONFIG, "%s: a string", option);
    }
    return access_set(a, names[is_pem(value.bytes)], value.bytes.ptr, err);
}

static int mode_read(const struct access *a, struct cxd_scalar mode, struct cxd_error *err)
{
    const char *text = mode.type == CXD_TEXT ? mode.bytes.ptr : "";
    int is_none = strcmp(text, "none") == 0;
    int is_full = strcmp(text, "full") == 0;
    int r;

    if (!is_none && !is_full && strcmp(text, "certificate") != 0) {
        return cxd_error_set(err, CXD_CONFIG, "ssl.verification_mode: full, certificate or none");
    }
    r = access_set(a, "enable.ssl.certificate.verification", is_none ? "false" : "true", err);
    return r == CXD_OK ? access_set(a, "ssl.endpoint.identification.algorithm",
                                    is_full ? "https" : "none", err)
                       : r;
}

int access_tls(struct access *a, int *ret_is_used, struct cxd_error *err)
{
    static const char *const certificate[2] = {"ssl.certificate.location", "ssl.certificate.pem"};
    static const char *const key[2] = {"ssl.key.location", "ssl.key.pem"};
    static const char *const passphrase[2] = {"ssl.key.password", "ssl.key.password"};
    struct cxd_scalar enabled = access_get(a, "ssl.enabled");
    struct cxd_scalar list = access_get(a, "ssl.certificate_authorities");
    struct cxd_scalar mode = access_get(a, "ssl.verification_mode");
    int is_used = list.type == CXD_ARRAY || mode.type == CXD_TEXT ||
                  access_get(a, "ssl.certificate").type == CXD_TEXT;
    int r = CXD_OK;

    is_used = enabled.type == CXD_BOOL ? enabled.number != 0 : is_used;
    *ret_is_used = is_used;
    if (!is_used) {
        return CXD_OK;
    }
    if (mode.type != CXD_NONE) {
        r = mode_read(a, mode, err);
    }
    if (r == CXD_OK && list.type == CXD_ARRAY && list.count > 0) {
        r = authorities_read(a, list, err);
    }
    r = r == CXD_OK ? item_read(a, "ssl.certificate", certificate, err) : r;
    r = r == CXD_OK ? item_read(a, "ssl.key", key, err) : r;
    return r == CXD_OK ? item_read(a, "ssl.key_passphrase", passphrase, err) : r;
}
