/*
 * auth.c: when a token is asked for, and what follows from the answer.
 *
 * Knows time and requests. What a token is made of is token.c's. Thread: the instance's.
 */
#include "auth.h"

#include "list.h"

#include <json-c/json.h>
#include <string.h>

#define AUTH_REPLY_MAX 65536u
#define AUTH_TIMEOUT_MS 60000u

int auth_init(struct auth *a, const struct heap *h, struct cxd_bytes key_json,
              struct cxd_error *err)
{
    int status = 0;

    *a = (struct auth){.heap = h};
    text_init(&a->header, h, AUTH_REPLY_MAX);
    text_init(&a->body, h, AUTH_REPLY_MAX);
    fetch_init(&a->fetch, h, AUTH_REPLY_MAX);
    a->header.secret = true;
    a->body.secret = true;
    a->fetch.body.secret = true;
    if (key_json.len > 0) {
        status = token_key_parse(h, key_json, &a->key, err);
        a->has_key = status == 0;
    }
    return status;
}

void auth_done(struct auth *a)
{
    if (a->heap == NULL) {
        return;
    }
    fetch_done(&a->fetch); /* before the body that it sends */
    text_done(&a->header);
    text_done(&a->body);
    if (a->has_key) {
        token_key_done(&a->key);
    }
    a->has_key = false;
}

const char *auth_account(const struct auth *a)
{
    return a->has_key ? a->key.email.ptr : "";
}

bool auth_is_ready(const struct auth *a, int64_t now_ms)
{
    return !a->has_key || (a->header.len > 0 && now_ms < a->ends_at_ms);
}

size_t auth_headers(const struct auth *a, struct cxd_header *headers)
{
    if (!a->has_key || a->header.len == 0) {
        return 0;
    }
    headers[0] = (struct cxd_header){"Authorization", a->header.ptr, 1, 0};
    return 1;
}

bool auth_refused(struct auth *a, uint32_t version)
{
    if (!a->has_key) {
        return false;
    }
    if (version != a->version) {
        return true; /* sent before the renewal */
    }
    text_clear(&a->header);
    a->strikes++;
    return a->strikes < 2;
}

void auth_accepted(struct auth *a)
{
    a->strikes = 0;
}

static int auth_start(struct auth *a, struct cxd_error *err)
{
    static const struct cxd_header headers[] = {
        {"Content-Type", "application/x-www-form-urlencoded", 0, 0}};
    struct cxd_request request = {.size = sizeof request,
                                  .method = "POST",
                                  .url = a->key.token_uri.ptr,
                                  .headers = headers,
                                  .header_count = 1,
                                  .parts = &a->part,
                                  .part_count = 1,
                                  .timeout_ms = AUTH_TIMEOUT_MS};
    int status;

    text_clear(&a->body);
    status = token_request(&a->key, a->heap->host->wall_ms(a->heap->self) / 1000, &a->body, err);
    if (status < 0) {
        return status;
    }
    a->part = text_bytes(&a->body);
    return fetch_start(&a->fetch, a->client, &request, err);
}

/* The token is here: header and times. */
static int auth_take(struct auth *a, int64_t now_ms, struct cxd_error *err)
{
    _cleanup_(text_done) struct text token;
    int64_t life_s;
    int64_t early_ms;
    int status;

    text_init(&token, a->heap, AUTH_REPLY_MAX);
    token.secret = true;
    status = token_reply(text_bytes(&a->fetch.body), &token, &life_s, err);
    if (status < 0) {
        return status;
    }
    text_clear(&a->header);
    text_put(&a->header, "Bearer ");
    text_add(&a->header, token.ptr, token.len);
    if (a->header.status != 0) {
        text_clear(&a->header);
        return cxd_error_set(err, CXD_NOMEM, "access token: out of memory");
    }
    early_ms = life_s * 1000 > 2 * AUTH_EARLY_MS ? AUTH_EARLY_MS : life_s * 500;
    a->ends_at_ms = now_ms + life_s * 1000;
    a->renew_at_ms = a->ends_at_ms - early_ms;
    a->version++;
    return 0;
}

/* {"error": "invalid_grant"}: one word that says what Google dislikes. */
static void auth_reason(struct cxd_bytes reply, char *out, size_t room)
{
    struct json_object *tree = list_tree(reply, true);
    struct json_object *error;
    const char *word = "no reason given";

    if (json_object_is_type(tree, json_type_object) &&
        json_object_object_get_ex(tree, "error", &error) &&
        json_object_is_type(error, json_type_string)) {
        const char *text = json_object_get_string(error);

        word = strspn(text, "abcdefghijklmnopqrstuvwxyz_") == strlen(text) ? text : word;
    }
    (void)snprintf(out, room, "%s", word); /* cut when too long */
    json_object_put(tree);
}

/* Any reply but 200. True in *ret_final: only a person can help. */
static void auth_reject(struct auth *a, struct cxd_error *err, bool *ret_final)
{
    char reason[64];
    int http = a->fetch.http_status;

    auth_reason(text_bytes(&a->fetch.body), reason, sizeof reason);
    *ret_final = http >= 400 && http < 500 && http != 429 && http != 408;
    (void)cxd_error_set(err,
                        *ret_final    ? CXD_AUTH
                        : http == 429 ? CXD_THROTTLED
                                      : CXD_SERVER,
                        *ret_final
                            ? "no access token for %s (HTTP %d, %s): check that the key was not "
                              "deleted, the account is enabled and the clock is right"
                            : "no access token for %s now (HTTP %d, %s)",
                        a->key.email.ptr, http, reason);
    err->http_status = http;
    err->retry_after_ms = a->fetch.retry_after_ms;
}

static void auth_finish(struct auth *a, int status, int64_t now_ms, struct cxd_error *err,
                        const struct config_retry *retry)
{
    bool final = status < 0 && verdict_is_final(verdict_of_status(status));

    if (status == 0 && a->fetch.http_status != 200) {
        auth_reject(a, err, &final);
        status = err->status;
    } else if (status == 0) {
        status = auth_take(a, now_ms, err);
    } else {
        (void)cxd_error_wrap(err, "access token for %s", a->key.email.ptr);
    }
    text_clear(&a->body);
    text_clear(&a->fetch.body);
    if (status < 0) {
        park_set(&a->park, a->heap, retry, final, err);
    } else {
        park_clear(&a->park);
    }
}

bool auth_step(struct auth *a, int64_t now_ms, const struct config_retry *retry)
{
    struct cxd_error err = CXD_ERROR_INIT;
    int status;

    if (!a->has_key) {
        return false;
    }
    if (fetch_is_running(&a->fetch)) {
        status = fetch_step(&a->fetch, &err);
        if (status == CXD_AGAIN) {
            return false;
        }
        auth_finish(a, status, now_ms, &err, retry);
        return true;
    }
    if ((a->header.len > 0 && now_ms < a->renew_at_ms) || park_holds(&a->park, now_ms)) {
        return false;
    }
    status = auth_start(a, &err);
    if (status < 0) {
        /* a key that cannot sign stays so; a lack of memory may pass */
        park_set(&a->park, a->heap, retry, status != CXD_NOMEM, &err);
        text_clear(&a->body);
    }
    return true;
}
