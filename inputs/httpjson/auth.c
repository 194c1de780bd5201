/* auth.c: see the header. Thread: the instance's. */
#include "auth.h"

#include "proof.h"

#include "template/query.h"

#define AUTH_EARLY_MS 30000 /* before the end of a token's life */
#define AUTH_TIMEOUT_MS 60000u

void auth_init(struct auth *a, const struct heap *h, const struct config_auth *config,
               struct cxd_client *client)
{
    *a = (struct auth){.heap = h, .config = config, .client = client};
    token_file_init(&a->file, h, &config->file);
    fetch_init(&a->reply, h, 1u << 20);
    a->reply.body.secret = true;
    text_init(&a->token, h, 65536);
    text_init(&a->body, h, 262144);
    text_init(&a->basic, h, 65536);
    text_init(&a->proof, h, 262144);
    text_init(&a->nonce, h, 4096);
    text_init(&a->there, h, 4096);
    a->proof.secret = true;
    a->token.secret = true;
    a->body.secret = true;
    a->basic.secret = true;
}

void auth_done(struct auth *a)
{
    if (a->heap != NULL) {
        fetch_done(&a->reply);
        token_file_done(&a->file);
        text_done(&a->token);
        text_done(&a->body);
        text_done(&a->basic);
        text_done(&a->proof);
        text_done(&a->nonce);
        text_done(&a->there);
    }
}

static bool is_oauth(const struct auth *a)
{
    return a->config->type >= AUTH_CLIENT;
}

bool auth_is_renewable(const struct auth *a)
{
    return a->config->type >= AUTH_FILE;
}

static void nonce_keep(struct text *to, const char *nonce)
{
    text_clear(to);
    text_put(to, nonce);
    if (to->status != 0) { /* too long for one: none */
        to->status = 0;
        text_clear(to);
    }
}

void auth_hear(struct auth *a, const char *nonce)
{
    if (a->config->proof_pem.len > 0 && nonce != NULL) {
        a->is_nonce_new = strlen(nonce) != a->there.len ||
                          (a->there.len > 0 && memcmp(nonce, a->there.ptr, a->there.len) != 0);
        nonce_keep(&a->there, nonce);
    }
}

int auth_proof(struct auth *a, struct cxd_bytes method, struct cxd_bytes url,
               struct cxd_bytes *ret_value, struct cxd_error *err)
{
    const struct proof_ask ask = {.key_pem = a->config->proof_pem,
                                  .method = method,
                                  .url = url,
                                  .nonce = text_bytes(&a->there),
                                  .token = text_bytes(&a->token)};
    int status = 0;

    *ret_value = (struct cxd_bytes){NULL, 0};
    if (a->config->proof_pem.len > 0 && a->token.len > 0) {
        status = proof_make(&ask, &a->proof, err);
        *ret_value = text_bytes(&a->proof);
    }
    return status;
}

void auth_refused(struct auth *a)
{
    if (a->is_nonce_new) {
        a->is_nonce_new = false;
        return;
    }
    text_clear(&a->token);
    token_file_refused(&a->file);
}

void auth_header(const struct auth *a, struct cxd_bytes *ret_name, struct cxd_bytes *ret_prefix,
                 struct cxd_bytes *ret_value)
{
    bool is_file = a->config->type == AUTH_FILE;

    *ret_name = *ret_prefix = *ret_value = (struct cxd_bytes){NULL, 0};
    if (is_file || a->token.len > 0) {
        *ret_name = is_file ? a->config->file.header : CXD_LIT("Authorization");
        *ret_prefix = is_file                        ? *ret_prefix
                      : a->config->proof_pem.len > 0 ? CXD_LIT("DPoP ")
                                                     : CXD_LIT("Bearer ");
        *ret_value = text_bytes(is_file ? &a->file.value : &a->token);
    }
}

/* Client id and secret, form-encoded first as the standard wants it, then as Basic. */
static int auth_basic(struct auth *a, struct cxd_error *err)
{
    struct text plain;
    size_t room;
    char *code;

    text_init(&plain, a->heap, 65536);
    plain.secret = true;
    text_clear(&a->basic);
    for (int i = 0; i < 2; i++) {
        struct cxd_bytes part = i == 0 ? a->config->client_id : a->config->client_secret;

        text_put(&plain, i == 0 ? "" : ":");
        query_escape(part, &plain);
    }
    room = plain.len / 3 * 4 + 8;
    code = heap_alloc(a->heap, room);
    if (code != NULL && plain.status == 0) {
        text_put(&a->basic, "Basic ");
        text_add(&a->basic, code, a->heap->host->base64(plain.ptr, plain.len, 0, code, room));
        heap_wipe(code, room);
    }
    heap_free(a->heap, code);
    text_done(&plain);
    return code != NULL && a->basic.status == 0 && a->basic.len > 0
               ? 0
               : cxd_error_set(err, CXD_NOMEM, "token request: out of memory");
}

static int auth_start(struct auth *a, struct cxd_error *err)
{
    const struct proof_ask ask = {.key_pem = a->config->proof_pem,
                                  .method = CXD_LIT("POST"),
                                  .url = a->config->token_url,
                                  .nonce = text_bytes(&a->nonce)};
    struct cxd_header headers[4] = {
        {.name = "Content-Type", .value = "application/x-www-form-urlencoded"},
        {.name = "Accept", .value = "application/json"}};
    struct cxd_request request = {.size = sizeof request,
                                  .method = "POST",
                                  .url = a->config->token_url.ptr,
                                  .headers = headers,
                                  .header_count = 2,
                                  .parts = &a->part,
                                  .part_count = 1,
                                  .timeout_ms = AUTH_TIMEOUT_MS};
    bool by_header =
        (a->config->type == AUTH_CLIENT || a->config->type == AUTH_PASSWORD) && !a->in_body;
    int status;

    text_clear(&a->body);
    status = token_body(a->config, a->in_body, a->heap->host->wall_ms(a->heap->self) / 1000,
                        &a->body, err);
    if (status == 0 && by_header) {
        status = auth_basic(a, err);
        headers[request.header_count++] =
            (struct cxd_header){.name = "Authorization", .value = a->basic.ptr, .secret = 1};
    }
    if (status == 0 && a->config->proof_pem.len > 0) {
        status = proof_make(&ask, &a->proof, err);
        headers[request.header_count++] =
            (struct cxd_header){.name = "DPoP", .value = a->proof.ptr, .secret = 1};
    }
    if (status < 0) {
        return status;
    }
    a->part = text_bytes(&a->body);
    status = fetch_start(&a->reply, a->client, &request, err);
    return status < 0 ? status : CXD_AGAIN;
}

static int auth_read(struct auth *a, struct cxd_error *err)
{
    int http_status = a->reply.http_status;
    const char *nonce = a->config->proof_pem.len > 0 ? fetch_header(&a->reply, "DPoP-Nonce") : NULL;
    int64_t life_s = 0;
    int status;

    if (nonce != NULL) {
        nonce_keep(&a->nonce, nonce);
    }
    fetch_close(&a->reply);
    if ((http_status == 400 || http_status == 401) && nonce != NULL && !a->tried_nonce) {
        a->tried_nonce = true; /* the first request cannot know the nonce */
        return auth_start(a, err);
    }
    a->tried_nonce = false;
    if ((http_status == 400 || http_status == 401) && !a->tried_body &&
        (a->config->type == AUTH_CLIENT || a->config->type == AUTH_PASSWORD)) {
        a->tried_body = true; /* some servers want id and secret in the body */
        a->in_body = true;
        return auth_start(a, err);
    }
    if (http_status != 200) {
        status = cxd_error_set(err,
                               http_status >= 500   ? CXD_SERVER
                               : http_status == 429 ? CXD_THROTTLED
                                                    : CXD_AUTH,
                               "token endpoint: status %d", http_status);
        if (err != NULL) {
            err->http_status = http_status;
            err->retry_after_ms = a->reply.retry_after_ms;
        }
        return status;
    }
    status = token_reply(a->heap, text_bytes(&a->reply.body), &a->token, &life_s, err);
    text_clear(&a->reply.body);
    if (status == 0) {
        a->tried_body = true; /* this way works */
        a->good_until_ms =
            a->heap->host->mono_ms(a->heap->self) +
            (life_s * 1000 > 2 * AUTH_EARLY_MS ? life_s * 1000 - AUTH_EARLY_MS : life_s * 500);
    }
    return status;
}

int auth_step(struct auth *a, struct cxd_error *err)
{
    int status;

    if (a->config->type == AUTH_FILE) {
        return token_file_step(&a->file, err);
    }
    if (!is_oauth(a)) {
        return 0;
    }
    if (!fetch_is_running(&a->reply)) {
        if (a->token.len > 0 && a->heap->host->mono_ms(a->heap->self) < a->good_until_ms) {
            return 0;
        }
        text_clear(&a->token);
        return auth_start(a, err);
    }
    status = fetch_step(&a->reply, err);
    return status == 0 ? auth_read(a, err) : status;
}
