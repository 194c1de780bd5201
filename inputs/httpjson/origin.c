/* origin.c: see the header. Thread: any. */
#include "origin.h"

#include "template/query.h"

#include <strings.h>

static bool is_word(struct cxd_bytes text, const char *word)
{
    return text.len == strlen(word) && strncasecmp(text.ptr, word, text.len) == 0;
}

/* A name, or an address: with colons in it only between brackets. */
static bool host_is_good(struct cxd_bytes whole, struct cxd_bytes name)
{
    static const char letters[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_";
    bool has_brackets = whole.len > 0 && whole.ptr[0] == '[';

    for (size_t i = 0; i < name.len; i++) {
        char letter = name.ptr[i];

        if (letter == '\0' ||
            (strchr(letters, letter) == NULL && !(has_brackets && letter == ':'))) {
            return false;
        }
    }
    return name.len > 0;
}

static bool port_read(struct cxd_bytes host, const struct origin *origin, unsigned *ret)
{
    struct cxd_bytes port = query_port(host);
    int64_t number = origin->scheme.len == 5 ? 443 : 80;

    if (port.len > 0 && (port.ptr[0] == '-' || !number_parse(port.ptr, port.len, &number))) {
        return false;
    }
    *ret = (unsigned)number;
    return number > 0 && number < 65536;
}

bool origin_read(struct cxd_bytes url, struct origin *ret)
{
    struct query_url parts;

    query_split(url, &parts);
    ret->scheme = parts.scheme;
    ret->host = query_hostname(parts.host);
    return (is_word(parts.scheme, "http") || is_word(parts.scheme, "https")) &&
           host_is_good(parts.host, ret->host) && port_read(parts.host, ret, &ret->port);
}

bool origin_is_same(const struct origin *a, const struct origin *b)
{
    return a->port == b->port && a->scheme.len == b->scheme.len && a->host.len == b->host.len &&
           strncasecmp(a->scheme.ptr, b->scheme.ptr, a->scheme.len) == 0 &&
           strncasecmp(a->host.ptr, b->host.ptr, a->host.len) == 0;
}
