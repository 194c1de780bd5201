/* hosts.c: the brokers to begin with, as the client library wants them. */
#include "broker/access.h"

#include <stdio.h>

#define HOSTS_COUNT_MAX 64
#define PORT_DEFAULT ":9092"

/* NAME, NAME:PORT or [ADDRESS]:PORT: nothing that the library would take for a list or a scheme. */
static int is_host(struct cxd_bytes text)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        int is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');

        if (!is_plain && (c == '\0' || strchr("-_.:[]", c) == NULL)) {
            return 0;
        }
    }
    return text.len > 0 && text.len <= 255 && text.ptr[0] != ':' && text.ptr[text.len - 1] != ':';
}

static int has_port(struct cxd_bytes text)
{
    const char *end = memrchr(text.ptr, ']', text.len);
    size_t skip = end != NULL ? (size_t)(end - text.ptr) : 0;

    return memchr(text.ptr + skip, ':', text.len - skip) != NULL;
}

static int host_add(struct access *a, struct cxd_bytes text, uint32_t number, struct cxd_error *err)
{
    size_t len = strlen(a->hosts);
    int r;

    if (!is_host(text)) {
        return cxd_error_set(err, CXD_CONFIG, "%shosts.%u: NAME or NAME:PORT", a->prefix, number);
    }
    r = snprintf(a->hosts + len, sizeof a->hosts - len, "%s%.*s%s", len > 0 ? "," : "",
                 (int)text.len, text.ptr, has_port(text) ? "" : PORT_DEFAULT);
    if (r < 0 || (size_t)r >= sizeof a->hosts - len) {
        return cxd_error_set(err, CXD_CONFIG, "%shosts: at most %zu bytes together", a->prefix,
                             sizeof a->hosts - 1);
    }
    return CXD_OK;
}

int access_hosts(struct access *a, struct cxd_error *err)
{
    struct cxd_scalar list = access_get(a, "hosts");
    int r = CXD_OK;

    if (list.type != CXD_ARRAY || list.count == 0 || list.count > HOSTS_COUNT_MAX) {
        return cxd_error_set(err, CXD_CONFIG, "%shosts: a list of 1 to %d", a->prefix,
                             HOSTS_COUNT_MAX);
    }
    a->hosts[0] = '\0';
    for (uint32_t i = 0; i < list.count && r == CXD_OK; i++) {
        struct cxd_scalar item = a->host->doc_at(list.bytes, i, NULL);

        r = host_add(a, item.type == CXD_TEXT ? item.bytes : (struct cxd_bytes){NULL, 0}, i, err);
    }
    return r;
}
