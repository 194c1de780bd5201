/*
 * settings.c: HTTP options of a policy to struct http_settings. Knows the names of the options and the words they take.
 */
#include "inner.h"

#include <string.h>
#include <strings.h>

typedef struct cxd_scalar (*get_fn)(struct cxd_bytes doc, const char *path);

struct text_row {
    const char *path;
    size_t offset;
};

static const struct text_row texts[] = {
    {"ssl.certificate", offsetof(struct http_settings, certificate)},
    {"ssl.key", offsetof(struct http_settings, key)},
    {"ssl.key_passphrase", offsetof(struct http_settings, key_passphrase)},
    {"ssl.key_passphrase_path", offsetof(struct http_settings, key_passphrase_path)},
    {"ssl.ca_trusted_fingerprint", offsetof(struct http_settings, ca_fingerprint)},
    {"proxy_url", offsetof(struct http_settings, proxy_url)},
};

static int verify_read(const char *word, struct http_settings *s, struct cxd_error *err)
{
    if (strcmp(word, "full") == 0 || strcmp(word, "strict") == 0) {
        s->verify =
            HTTP_VERIFY_FULL; /* strict also wants a subject alternative name: so does curl */
    } else if (strcmp(word, "certificate") == 0) {
        s->verify = HTTP_VERIFY_CERTIFICATE;
    } else if (strcmp(word, "none") == 0) {
        s->verify = HTTP_VERIFY_NONE;
    } else {
        return cxd_error_set(err, CXD_CONFIG,
                             "ssl.verification_mode: \"%.40s\" is not full, certificate or none",
                             word);
    }
    return CXD_OK;
}

/* A text or a list of texts, borrowed. */
static int list_read(struct cxd_bytes doc, get_fn get, const char *name, const char **out,
                     uint32_t max, uint32_t *ret_count, struct cxd_error *err)
{
    struct cxd_scalar list = get(doc, name);

    if (list.type == CXD_TEXT) {
        out[(*ret_count)++] = list.bytes.ptr;
        return CXD_OK;
    }
    if (list.type == CXD_ARRAY && list.count > max) {
        return cxd_error_set(err, CXD_CONFIG, "%s: more than %u", name, max);
    }
    for (uint32_t i = 0; list.type == CXD_ARRAY && i < list.count; i++) {
        char path[16];
        struct cxd_scalar one;

        (void)snprintf(path, sizeof path, "%u", i); /* 10 digits at the most */
        one = get(list.bytes, path);
        if (one.type != CXD_TEXT) {
            return cxd_error_set(err, CXD_CONFIG, "%s: not a list of text", name);
        }
        out[(*ret_count)++] = one.bytes.ptr;
    }
    return CXD_OK;
}

/* Renegotiation is never done: TLS 1.3 has none. */
static int renegotiation_read(struct cxd_bytes doc, get_fn get, struct cxd_error *err)
{
    struct cxd_scalar word = get(doc, "ssl.renegotiation");

    return word.type != CXD_TEXT || strcmp(word.bytes.ptr, "never") == 0
               ? CXD_OK
               : cxd_error_set(err, CXD_UNSUPPORTED,
                               "ssl.renegotiation: only \"never\" is supported");
}

static int protocol_read(const char *word, struct http_settings *s, struct cxd_error *err)
{
    if (strcasecmp(word, "TLSv1.2") == 0) {
        s->protocols |= HTTP_TLS_1_2;
    } else if (strcasecmp(word, "TLSv1.3") == 0 || strcasecmp(word, "TLSv1") == 0 ||
               strcasecmp(word, "TLSv1.0") == 0 || strcasecmp(word, "TLSv1.1") == 0) {
        /* older ones are not spoken any more; naming them beside newer ones is no reason to refuse */
        s->protocols |= strcasecmp(word, "TLSv1.3") == 0 ? HTTP_TLS_1_3 : 0;
    } else {
        return cxd_error_set(err, CXD_CONFIG,
                             "ssl.supported_protocols: \"%.40s\" is not TLSv1.2 or TLSv1.3", word);
    }
    return CXD_OK;
}

static int protocols_read(struct cxd_bytes doc, get_fn get, struct http_settings *s,
                          struct cxd_error *err)
{
    struct cxd_scalar list = get(doc, "ssl.supported_protocols");
    int r = CXD_OK;

    if (list.type == CXD_TEXT) {
        r = protocol_read(list.bytes.ptr, s, err);
    }
    for (uint32_t i = 0; list.type == CXD_ARRAY && i < list.count && r == CXD_OK; i++) {
        char path[16];
        struct cxd_scalar one;

        (void)snprintf(path, sizeof path, "%u", i); /* 10 digits at the most */
        one = get(list.bytes, path);
        r = protocol_read(one.type == CXD_TEXT ? one.bytes.ptr : "", s, err);
    }
    if (r == CXD_OK && s->protocols == 0 && (list.type == CXD_TEXT || list.count > 0)) {
        r = cxd_error_set(err, CXD_CONFIG,
                          "ssl.supported_protocols: neither TLSv1.2 nor TLSv1.3 is among them");
    }
    return r;
}

static int tls_read(struct cxd_bytes doc, get_fn get, struct http_settings *s,
                    struct cxd_error *err)
{
    struct cxd_scalar mode = get(doc, "ssl.verification_mode");
    int r = mode.type == CXD_TEXT ? verify_read(mode.bytes.ptr, s, err) : CXD_OK;

    if (r == CXD_OK) {
        r = list_read(doc, get, "ssl.certificate_authorities", s->ca, HTTP_CA_MAX, &s->ca_count,
                      err);
    }
    if (r == CXD_OK) {
        r = list_read(doc, get, "ssl.ca_sha256", s->pins, HTTP_PINS_MAX, &s->pin_count, err);
    }
    if (r == CXD_OK) {
        r = list_read(doc, get, "ssl.cipher_suites", s->suites, HTTP_WORDS_MAX, &s->suite_count,
                      err);
    }
    if (r == CXD_OK) {
        r = list_read(doc, get, "ssl.curve_types", s->curves, HTTP_WORDS_MAX, &s->curve_count, err);
    }
    if (r == CXD_OK) {
        r = renegotiation_read(doc, get, err);
    }
    if (r == CXD_OK) {
        r = protocols_read(doc, get, s, err);
    }
    return r;
}

/* A number that fits; absent: *ret stays. */
static int count_read(struct cxd_bytes doc, get_fn get, const char *name, uint32_t *ret,
                      struct cxd_error *err)
{
    struct cxd_scalar number = get(doc, name);

    if (number.type != CXD_INT) {
        return CXD_OK;
    }
    if (number.number < 0 || number.number > INT32_MAX) {
        return cxd_error_set(err, CXD_CONFIG, "%s: out of range", name);
    }
    *ret = (uint32_t)number.number;
    return CXD_OK;
}

/* What the network is told beside TLS: connections kept, and headers for the proxy: a list of names and values by turns. */
static int route_read(struct cxd_bytes doc, get_fn get, struct http_settings *s,
                      struct cxd_error *err)
{
    const char *words[2 * HTTP_PROXY_HEADERS_MAX];
    uint32_t count = 0;
    int r = count_read(doc, get, "connect_timeout", &s->connect_timeout_ms, err);

    r = r < 0 ? r : count_read(doc, get, "keep_alive.max_idle_connections", &s->max_idle, err);
    r = r < 0
            ? r
            : count_read(doc, get, "keep_alive.idle_connection_timeout", &s->idle_timeout_ms, err);
    r = r < 0
            ? r
            : list_read(doc, get, "proxy_headers", words, 2 * HTTP_PROXY_HEADERS_MAX, &count, err);
    for (uint32_t i = 0; r == CXD_OK && i + 1 < count; i += 2) {
        s->proxy_headers[s->proxy_header_count++] =
            (struct cxd_header){.name = words[i], .value = words[i + 1], .secret = 1};
    }
    return r;
}

int http_settings_read(struct cxd_bytes doc,
                       struct cxd_scalar (*get)(struct cxd_bytes doc, const char *path),
                       struct http_settings *ret_settings, struct cxd_error *err)
{
    struct http_settings s = {0};
    struct cxd_scalar enabled = get(doc, "ssl.enabled");
    struct cxd_scalar disable = get(doc, "proxy_disable");
    int is_tls_set = enabled.type != CXD_BOOL || enabled.number != 0;

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct cxd_scalar text = get(doc, texts[i].path);

        if (text.type == CXD_TEXT && (is_tls_set || strncmp(texts[i].path, "ssl.", 4) != 0)) {
            memcpy((char *)&s + texts[i].offset, &text.bytes.ptr, sizeof text.bytes.ptr);
        }
    }
    if (is_tls_set) {
        int r = tls_read(doc, get, &s, err);

        if (r < 0) {
            return r;
        }
    }
    s.proxy_disable = disable.type == CXD_BOOL && disable.number != 0;
    *ret_settings = s;
    return route_read(doc, get, ret_settings, err);
}
