/* request.c: see the header. Thread: the instance's. */
#include "request.h"

#include <strings.h>

void wire_init(struct wire *w, const struct heap *h)
{
    *w = (struct wire){.is_post = false};
    region_init(&w->region, h, 64u << 20);
    w->region.secret = true;
    text_init(&w->url, h, 1u << 20);
    text_init(&w->body, h, 64u << 20);
    w->body.secret = true;
}

void wire_done(struct wire *w)
{
    if (w->region.heap != NULL) {
        region_done(&w->region);
    }
    text_done(&w->url);
    text_done(&w->body);
}

bool request_is_secret(struct cxd_bytes name)
{
    static const char *const words[] = {"auth",     "token", "secret",    "key",        "cookie",
                                        "password", "nonce", "signature", "credential", "session"};

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        size_t len = strlen(words[i]);

        for (size_t at = 0; at + len <= name.len; at++) {
            if (strncasecmp(name.ptr + at, words[i], len) == 0) {
                return true;
            }
        }
    }
    return false;
}

static int request_message(struct context *c, const struct request_ask *ask, struct message *m,
                           struct cxd_error *err)
{
    struct cxd_bytes url = region_copy(c->nodes, ask->url);
    struct query_url parts;
    bool good = url.ptr != NULL;

    *m = (struct message){.headers = {.is_header = true}};
    if (good) {
        query_split(url, &parts);
        m->url = parts.base;
        good = query_decode(c->nodes, parts.query, &m->params) &&
               multi_add(c->nodes, &m->headers, CXD_LIT("Accept"), CXD_LIT("application/json")) &&
               multi_add(c->nodes, &m->headers, CXD_LIT("Accept-Encoding"), CXD_LIT("gzip"));
    }
    if (good && ask->with_body && ask->step->body.ptr != NULL) {
        m->body = tree_adopt(c->nodes, ask->step->body);
        good = m->body != NULL;
    }
    return good ? 0 : cxd_error_set(err, c->nodes->status, "request: out of memory");
}

static void wire_url(struct context *c, const struct message *m, bool is_form, struct wire *w)
{
    text_clear(&w->url);
    text_clear(&w->body);
    text_add(&w->url, m->url.ptr, m->url.len);
    if (is_form) {
        query_encode(&w->region, &m->params, &w->body);
        return;
    }
    if (m->params.first != NULL) {
        text_put(&w->url, "?");
        query_encode(&w->region, &m->params, &w->url);
    }
    if (w->is_post && m->body != NULL && tree_count(c->nodes, m->body) > 0) {
        tree_write(c->nodes, &w->region, m->body, TREE_WRITE_PLAIN, &w->body);
    }
}

static bool wire_header(struct wire *w, struct cxd_bytes name, struct cxd_bytes value)
{
    struct cxd_bytes own_name = region_copy(&w->region, name);
    struct cxd_bytes own_value = region_copy(&w->region, value);

    if (own_name.ptr == NULL || own_value.ptr == NULL || w->header_count == REQUEST_HEADERS) {
        return false;
    }
    w->headers[w->header_count++] = (struct cxd_header){
        .name = own_name.ptr, .value = own_value.ptr, .secret = request_is_secret(name)};
    return true;
}

/* Base64 of user:password behind "Basic ". */
static bool wire_basic(const struct config_auth *auth, struct wire *w)
{
    size_t plain_len = auth->user.len + 1 + auth->password.len;
    char *plain = region_alloc(&w->region, plain_len + 1);
    char *code = region_alloc(&w->region, plain_len / 3 * 4 + 16);
    size_t len;

    if (plain == NULL || code == NULL) {
        return false;
    }
    memcpy(plain, auth->user.ptr, auth->user.len);
    plain[auth->user.len] = ':';
    memcpy(plain + auth->user.len + 1, auth->password.ptr, auth->password.len);
    memcpy(code, "Basic ", 6);
    len = w->region.heap->host->base64(plain, plain_len, 0, code + 6, plain_len / 3 * 4 + 8);
    return wire_header(w, CXD_LIT("Authorization"), (struct cxd_bytes){code, len + 6});
}

bool request_header_add(struct wire *w, struct cxd_bytes name, struct cxd_bytes value)
{
    if (!wire_header(w, name, value)) {
        return false;
    }
    w->headers[w->header_count - 1].secret = 1;
    return true;
}

/* The token, or what stood in a file: secret by any name. */
static bool wire_token(const struct request_ask *ask, struct wire *w)
{
    size_t len = ask->auth_prefix.len + ask->auth_value.len;
    char *value = region_alloc(&w->region, len + 1);

    if (value == NULL) {
        return false;
    }
    (void)snprintf(value, len + 1, "%.*s%.*s", (int)ask->auth_prefix.len,
                   ask->auth_prefix.len > 0 ? ask->auth_prefix.ptr : "", (int)ask->auth_value.len,
                   ask->auth_value.ptr); /* it has the room */
    return request_header_add(w, ask->auth_name, (struct cxd_bytes){value, len});
}

static bool wire_headers(const struct request_ask *ask, struct message *m, struct wire *w)
{
    const struct config_auth *auth = &ask->step->auth;
    struct cxd_bytes own = auth->type == AUTH_BASIC ? CXD_LIT("Authorization") : ask->auth_name;

    if (w->is_post &&
        (ask->step->is_form || multi_get(&m->headers, CXD_LIT("Content-Type")).ptr == NULL)) {
        multi_remove(&m->headers, CXD_LIT("Content-Type"));
        if (!wire_header(w, CXD_LIT("Content-Type"),
                         ask->step->is_form ? CXD_LIT("application/x-www-form-urlencoded")
                                            : CXD_LIT("application/json"))) {
            return false;
        }
    }
    for (struct multi_entry *e = m->headers.first; e != NULL; e = e->next) {
        if (own.len > 0 && multi_name_is(&m->headers, e->name, own)) {
            continue;
        }
        if (!wire_header(w, e->name, e->value)) {
            return false;
        }
    }
    if (ask->step->no_keep_alive && !wire_header(w, CXD_LIT("Connection"), CXD_LIT("close"))) {
        return false;
    }
    if (auth->type == AUTH_BASIC) {
        return wire_basic(auth, w);
    }
    return ask->auth_value.len == 0 || wire_token(ask, w);
}

int request_build(struct context *c, const struct request_ask *ask, struct wire *w,
                  struct cxd_error *err)
{
    struct message m;
    int status = request_message(c, ask, &m, err);

    status = status < 0 ? status : transform_run(c, ask->step->request, &m, err);
    status = status < 0 ? status : transform_run(c, ask->pagination, &m, err);
    if (status < 0) {
        return status;
    }
    if (ask->pagination != NULL && m.url_missing) {
        return CXD_END;
    }
    w->is_post = ask->step->is_post;
    w->header_count = 0;
    region_clear(&w->region);
    wire_url(c, &m, ask->step->is_form && w->is_post, w);
    if (!wire_headers(ask, &m, w) || w->url.status != 0 || w->body.status != 0 ||
        c->nodes->status != 0) {
        return cxd_error_set(err, w->header_count == REQUEST_HEADERS ? CXD_TOO_LARGE : CXD_NOMEM,
                             "request: out of memory, or more than %u headers", REQUEST_HEADERS);
    }
    w->part = text_bytes(&w->body);
    return 0;
}
