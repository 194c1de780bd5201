/* query.c: see the header. Thread: any. */
#include "template/query.h"

static struct cxd_bytes cut(const char *from, const char *to)
{
    return (struct cxd_bytes){from, (size_t)(to - from)};
}

static const char *find(const char *from, const char *to, char letter)
{
    const char *found = from < to ? memchr(from, letter, (size_t)(to - from)) : NULL;

    return found != NULL ? found : to;
}

void query_split(struct cxd_bytes url, struct query_url *ret)
{
    const char *ptr = url.ptr;
    const char *end = ptr + url.len;
    const char *hash = find(ptr, end, '#');
    const char *question = find(ptr, hash, '?');
    const char *colon = find(ptr, question, ':');
    const char *path = ptr;

    *ret = (struct query_url){.scheme = {"", 0}, .host = {"", 0}};
    ret->fragment = hash < end ? cut(hash + 1, end) : cut(end, end);
    ret->query = question < hash ? cut(question + 1, hash) : cut(hash, hash);
    ret->base = cut(ptr, question);
    if (question - colon > 2 && colon[1] == '/' && colon[2] == '/') {
        const char *host = colon + 3;
        const char *at;

        ret->scheme = cut(ptr, colon);
        path = find(host, question, '/');
        at = memrchr(host, '@', (size_t)(path - host));
        ret->host = cut(at != NULL ? at + 1 : host, path);
    }
    ret->path = cut(path, question);
}

/* Where the port's colon stands, or the end; brackets hold colons of their own. */
static const char *host_colon(struct cxd_bytes host)
{
    const char *end = host.ptr + host.len;
    const char *colon = host.len > 0 ? memrchr(host.ptr, ':', host.len) : NULL;
    const char *bracket = host.len > 0 ? memrchr(host.ptr, ']', host.len) : NULL;

    return colon == NULL || (bracket != NULL && colon < bracket) ? end : colon;
}

struct cxd_bytes query_hostname(struct cxd_bytes host)
{
    struct cxd_bytes name = cut(host.ptr, host_colon(host));

    if (name.len > 1 && name.ptr[0] == '[' && name.ptr[name.len - 1] == ']') {
        return (struct cxd_bytes){name.ptr + 1, name.len - 2};
    }
    return name;
}

struct cxd_bytes query_port(struct cxd_bytes host)
{
    const char *end = host.ptr + host.len;
    const char *colon = host_colon(host);

    return colon < end ? cut(colon + 1, end) : cut(end, end);
}

static int hex_digit(char letter)
{
    if (letter >= '0' && letter <= '9') {
        return letter - '0';
    }
    letter = (char)(letter | 0x20);
    return letter >= 'a' && letter <= 'f' ? letter - 'a' + 10 : -1;
}

struct cxd_bytes query_unescape(struct region *r, struct cxd_bytes text, bool is_query)
{
    char *out = region_alloc(r, text.len + 1);
    size_t len = 0;

    if (out == NULL) {
        return (struct cxd_bytes){NULL, 0};
    }
    for (size_t i = 0; i < text.len; i++) {
        char letter = text.ptr[i];

        if (letter == '%' && text.len - i > 2 && hex_digit(text.ptr[i + 1]) >= 0 &&
            hex_digit(text.ptr[i + 2]) >= 0) {
            letter = (char)(hex_digit(text.ptr[i + 1]) << 4 | hex_digit(text.ptr[i + 2]));
            i += 2;
        } else if (letter == '+' && is_query) {
            letter = ' ';
        }
        out[len++] = letter;
    }
    return (struct cxd_bytes){out, len};
}

void query_escape(struct cxd_bytes text, struct text *out)
{
    static const char hex[] = "0123456789ABCDEF";

    for (size_t i = 0; i < text.len && out->status == 0; i++) {
        unsigned char byte = (unsigned char)text.ptr[i];
        char escape[3] = {'%', hex[byte >> 4], hex[byte & 15]};

        if ((byte >= '0' && byte <= '9') || ((byte | 0x20) >= 'a' && (byte | 0x20) <= 'z') ||
            byte == '-' || byte == '_' || byte == '.' || byte == '~') {
            text_add(out, text.ptr + i, 1);
        } else if (byte == ' ') {
            text_add(out, "+", 1);
        } else {
            text_add(out, escape, 3);
        }
    }
}

bool query_decode(struct region *r, struct cxd_bytes query, struct multi *ret)
{
    const char *ptr = query.ptr;
    const char *end = ptr + query.len;

    while (ptr < end) {
        const char *stop = find(ptr, end, '&');
        const char *equals = find(ptr, stop, '=');
        struct cxd_bytes value = equals < stop ? cut(equals + 1, stop) : cut(stop, stop);

        if (stop > ptr && !multi_add(r, ret, query_unescape(r, cut(ptr, equals), true),
                                     query_unescape(r, value, true))) {
            return false;
        }
        ptr = stop + 1;
    }
    return r->status == 0;
}

void query_encode(struct region *r, const struct multi *params, struct text *out)
{
    struct value names = multi_names(r, params);
    size_t written = 0;

    if (names.kind != VALUE_LIST) {
        out->status = r->status;
        return;
    }
    for (size_t i = 0; i < names.list->count; i++) {
        struct cxd_bytes name = names.list->items[i].bytes;

        for (const struct multi_entry *e = params->first; e != NULL; e = e->next) {
            if (!multi_name_is(params, e->name, name)) {
                continue;
            }
            text_add(out, "&", written++ > 0);
            query_escape(name, out);
            text_add(out, "=", 1);
            query_escape(e->value, out);
        }
    }
}
