/* func_network.c: digests, links in headers, and who we are. Thread: the run's. */
#include "template/eval.h"

static bool network_hex(struct call *c, const unsigned char *bytes, size_t len, struct value *ret)
{
    static const char hex[] = "0123456789abcdef";
    char *out = region_alloc(c->scratch, len * 2 + 1);

    if (out == NULL) {
        return eval_check_memory(c->eval);
    }
    for (size_t i = 0; i < len; i++) {
        out[i * 2] = hex[bytes[i] >> 4];
        out[i * 2 + 1] = hex[bytes[i] & 15];
    }
    *ret = value_string((struct cxd_bytes){out, len * 2});
    return true;
}

static bool network_base64(struct call *c, const unsigned char *bytes, size_t len,
                           struct value *ret)
{
    char room[64];
    size_t out_len = c->heap->host->base64(bytes, len, 0, room, sizeof room);

    *ret = value_string(region_copy(c->scratch, (struct cxd_bytes){room, out_len}));
    return eval_check_memory(c->eval);
}

/* The texts from argument `from` on, behind each other. */
static bool network_joined(struct call *c, size_t from, struct value *ret)
{
    struct text text;

    call_text(c, &text);
    for (size_t i = from; i < c->count; i++) {
        text_add(&text, c->args[i].bytes.ptr, c->args[i].bytes.len);
    }
    return call_text_done(c, &text, ret);
}

static bool is_name(struct cxd_bytes name, const char *want)
{
    return name.len == strlen(want) && memcmp(name.ptr, want, name.len) == 0;
}

/* The digest of a name; its length, 0: unknown (the original gives nothing for it, and so do we). */
static bool network_digest(struct call *c, size_t from, unsigned char out[32], size_t *ret_len)
{
    struct cxd_bytes name = c->args[0].bytes;
    bool is_sha1 = is_name(name, "sha1");
    struct value data = value_none();

    *ret_len = 0;
    if (!is_sha1 && !is_name(name, "sha256")) {
        return true;
    }
    if (!network_joined(c, from, &data)) {
        return false;
    }
    if (from == 2) {
        *ret_len = digest_hmac(c->heap, is_sha1, c->args[1].bytes, data.bytes, out);
        return *ret_len > 0 || call_fail(c, CXD_NOMEM, "out of memory");
    }
    *ret_len = is_sha1 ? 20 : 32;
    if (is_sha1) {
        digest_sha1(data.bytes, out);
    } else {
        c->heap->host->sha256(data.bytes.ptr, data.bytes.len, out);
    }
    return true;
}

static bool network_hash(struct call *c, struct value *ret)
{
    unsigned char out[32];
    size_t len;
    bool is_hmac = c->func->name[1] == 'm';
    bool is_base64 = strstr(c->func->name, "Base64") != NULL;

    *ret = value_string((struct cxd_bytes){"", 0});
    if (!network_digest(c, is_hmac ? 2 : 1, out, &len)) {
        return false;
    }
    if (len == 0) {
        return true;
    }
    return is_base64 ? network_base64(c, out, len, ret) : network_hex(c, out, len, ret);
}

static bool network_uuid(struct call *c, struct value *ret)
{
    unsigned char bytes[16];
    struct value hex = value_none();
    char room[40];

    c->heap->host->random(c->heap->self, bytes, sizeof bytes);
    bytes[6] = (unsigned char)((bytes[6] & 0x0f) | 0x40); /* version 4 */
    bytes[8] = (unsigned char)((bytes[8] & 0x3f) | 0x80);
    if (!network_hex(c, bytes, sizeof bytes, &hex)) {
        return false;
    }
    (void)snprintf(room, sizeof room, "%.8s-%.4s-%.4s-%.4s-%.12s", hex.bytes.ptr, hex.bytes.ptr + 8,
                   hex.bytes.ptr + 12, hex.bytes.ptr + 16, hex.bytes.ptr + 20);
    *ret = value_string(region_copy(c->scratch, bytes_of(room)));
    return eval_check_memory(c->eval);
}

static bool network_user_agent(struct call *c, struct value *ret)
{
    struct text text;

    call_text(c, &text);
    text_add(&text, c->run->user_agent.ptr, c->run->user_agent.len);
    for (size_t i = 0; i < c->count; i++) {
        text_put(&text, i == 0 ? " (" : "; ");
        text_add(&text, c->args[i].bytes.ptr, c->args[i].bytes.len);
    }
    text_put(&text, c->count > 0 ? ")" : "");
    return call_text_done(c, &text, ret);
}

static bool network_agent(struct call *c, struct value *ret)
{
    static const char *const names[] = {"goos", "goarch", "commit", "buildtime", "version"};
    struct cxd_bytes values[] = {CXD_LIT("linux"), CXD_LIT("amd64"), CXD_LIT("unknown"),
                                 CXD_LIT("unknown"), c->run->version};
    struct value_record *record =
        region_alloc(c->scratch, sizeof *record + 5 * sizeof record->fields[0]);

    if (record == NULL) {
        return eval_check_memory(c->eval);
    }
#if defined(__aarch64__)
    values[1] = CXD_LIT("arm64");
#endif
    record->count = 5;
    for (size_t i = 0; i < 5; i++) {
        record->fields[i] = (struct value_field){bytes_of(names[i]), value_string(values[i])};
    }
    *ret = (struct value){.kind = VALUE_RECORD, .record = record};
    return true;
}

static void link_trim(struct cxd_bytes *text)
{
    while (text->len > 0 && strchr(" \t", text->ptr[0]) != NULL) {
        text->ptr++;
        text->len--;
    }
    while (text->len > 0 && strchr(" \t", text->ptr[text->len - 1]) != NULL) {
        text->len--;
    }
}

/* True when the parameters behind a link name the relation wanted. */
static bool link_is(struct cxd_bytes params, struct cxd_bytes rel)
{
    while (params.len > 0) {
        const char *stop = memchr(params.ptr, ';', params.len);
        size_t len = stop != NULL ? (size_t)(stop - params.ptr) : params.len;
        struct cxd_bytes one = {params.ptr, len};

        link_trim(&one);
        if (one.len > 4 && memcmp(one.ptr, "rel=", 4) == 0) {
            one.ptr += 4;
            one.len -= 4;
            if (one.len >= 2 && one.ptr[0] == '"' && one.ptr[one.len - 1] == '"') {
                one.ptr++;
                one.len -= 2;
            }
            if (one.len == rel.len && memcmp(one.ptr, rel.ptr, rel.len) == 0) {
                return true;
            }
        }
        len += stop != NULL;
        params = (struct cxd_bytes){params.ptr + len, params.len - len};
    }
    return false;
}

/* <url>; rel="next", <url>; rel="last" */
static bool link_find(struct cxd_bytes line, struct cxd_bytes rel, struct cxd_bytes *ret)
{
    while (line.len > 0) {
        const char *open = memchr(line.ptr, '<', line.len);
        const char *end = line.ptr + line.len;
        const char *close = open != NULL ? memchr(open, '>', (size_t)(end - open)) : NULL;
        const char *next;

        if (close == NULL) {
            return false;
        }
        next = memchr(close, ',', (size_t)(end - close));
        next = next != NULL ? next : end;
        if (link_is((struct cxd_bytes){close + 1, (size_t)(next - close - 1)}, rel)) {
            *ret = (struct cxd_bytes){open + 1, (size_t)(close - open - 1)};
            return true;
        }
        line = (struct cxd_bytes){next, (size_t)(end - next)};
    }
    return false;
}

static bool network_link(struct call *c, struct value *ret)
{
    const struct value *links = &c->args[1];
    size_t count =
        links->kind == VALUE_NONE ? 0 : (size_t)value_len(run_region(c->run, links), links);
    struct cxd_bytes found = {"", 0};

    for (size_t i = 0; i < count; i++) {
        struct value line =
            links->kind == VALUE_LIST
                ? links->list->items[i]
                : value_of_tree(c->run->nodes, tree_at(c->run->nodes, links->tree, i));

        if (line.kind == VALUE_STRING && link_find(line.bytes, c->args[0].bytes, &found)) {
            break;
        }
    }
    *ret = value_string(found);
    return true;
}

const struct func func_network[] = {
    {"hash", network_hash, "ss", 1, true},
    {"hashBase64", network_hash, "ss", 1, true},
    {"hmac", network_hash, "sss", 2, true},
    {"hmacBase64", network_hash, "sss", 2, true},
    {"uuid", network_uuid, "", 0, false},
    {"userAgent", network_user_agent, "s", 0, true},
    {"beatInfo", network_agent, "", 0, false},
    {"getRFC5988Link", network_link, "sl", 2, false},
    {NULL, NULL, NULL, 0, false},
};
