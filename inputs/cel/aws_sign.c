/* aws_sign.c: see the header. Roles are taken by the service STS, whose replies are XML of a fixed shape. */
#include "aws_sign.h"

#include "keys.h"
#include "lib/sigv4.h"

#include <stdio.h>
#include <stdlib.h>

#define ROLE_BODY_MAX 65536u
#define ROLE_TIMEOUT_MS 30000u
#define POOL_MAX ((size_t)4 << 20)

void aws_sign_open(struct aws_sign *a, const struct heap *heap, const struct settings_aws *settings,
                   struct cxd_client *client)
{
    a->heap = heap;
    a->settings = settings;
    a->client = client;
    fetch_init(&a->fetch, heap, ROLE_BODY_MAX);
    for (struct text *const *t = (struct text *const[]){&a->id, &a->secret, &a->token, NULL};
         *t != NULL; t++) {
        text_init(*t, heap, ROLE_BODY_MAX);
        (*t)->secret = true;
    }
}

void aws_sign_done(struct aws_sign *a)
{
    if (a->heap != NULL) {
        fetch_done(&a->fetch);
        text_done(&a->id);
        text_done(&a->secret);
        text_done(&a->token);
        a->heap = NULL;
    }
}

void aws_sign_refused(struct aws_sign *a)
{
    a->has_role = false;
}

/* service.region.rest: what the host says where the options say nothing. */
static bool place_find(struct cxd_bytes url, struct cxd_bytes *service, struct cxd_bytes *region)
{
    const char *at = memmem(url.ptr, url.len, "://", 3);
    size_t dots = 0;
    size_t len = 0;
    const char *first = NULL;
    const char *second = NULL;

    if (at == NULL) {
        return false;
    }
    at += 3;
    for (; at + len < url.ptr + url.len && strchr("/?#:", at[len]) == NULL; len++) {
        if (at[len] == '.') {
            dots++;
            first = dots == 1 ? at + len : first;
            second = dots == 2 ? at + len : second;
        }
    }
    if (dots < 3) {
        return false;
    }
    *service = service->len > 0 ? *service : (struct cxd_bytes){at, (size_t)(first - at)};
    *region =
        region->len > 0 ? *region : (struct cxd_bytes){first + 1, (size_t)(second - first - 1)};
    return true;
}

/* Keys that no role changes. */
static int base_keys(const struct aws_sign *a, struct pool *pool, struct services_keys *ret,
                     struct cxd_error *err)
{
    const struct settings_aws *from = a->settings;
    const char *profile = from->profile.len > 0 ? from->profile.ptr : "default";

    if (from->id.len > 0) {
        *ret = (struct services_keys){from->id, from->secret, from->token};
        return 0;
    }
    return from->file.len > 0 ? keys_find(pool, from->file.ptr, profile, ret, err)
                              : keys_usual(pool, ret, err);
}

static int sign(const struct aws_sign *a, struct pool *pool, const struct services_keys *keys,
                struct sigv4_ask *ask, struct cxd_header ret[AWS_SIGN_HEADERS], size_t *ret_count,
                struct cxd_error *err)
{
    const struct services services = {.sha256 = a->heap->host->sha256};
    struct sigv4_answer answer;
    const char *why;

    ask->keys = keys;
    ask->seconds = a->heap->host->wall_ms(a->heap->self) / 1000;
    why = sigv4_sign(pool, &services, ask, &answer);
    if (why != NULL) {
        return cxd_error_set(err, pool->status != 0 ? CXD_NOMEM : CXD_CONFIG, "auth.aws: %s", why);
    }
    ret[0] = (struct cxd_header){.name = "X-Amz-Date",
                                 .value = pool_copy(pool, answer.date.ptr, answer.date.len)};
    ret[1] = (struct cxd_header){
        .name = "Authorization",
        .value = pool_copy(pool, answer.authorization.ptr, answer.authorization.len),
        .secret = 1};
    *ret_count = 2;
    if (answer.token.len > 0) {
        ret[2] = (struct cxd_header){.name = "X-Amz-Security-Token",
                                     .value = pool_copy(pool, answer.token.ptr, answer.token.len),
                                     .secret = 1};
        *ret_count = 3;
    }
    return pool->status != 0 ? cxd_error_set(err, CXD_NOMEM, "auth.aws: out of memory") : 0;
}

int aws_sign_headers(struct aws_sign *a, struct pool *pool, const struct cxd_request *request,
                     struct cxd_bytes body, struct cxd_header ret[AWS_SIGN_HEADERS],
                     size_t *ret_count, struct cxd_error *err)
{
    struct services_header *headers = pool_array(pool, request->header_count + 1, sizeof *headers);
    struct services_keys keys = {text_bytes(&a->id), text_bytes(&a->secret), text_bytes(&a->token)};
    struct sigv4_ask ask = {.method = {request->method, strlen(request->method)},
                            .url = {request->url, strlen(request->url)},
                            .headers = headers,
                            .header_count = request->header_count,
                            .body = body,
                            .region = a->settings->region,
                            .service = a->settings->service};
    int status = a->has_role ? 0 : base_keys(a, pool, &keys, err);

    if (status < 0 || headers == NULL) {
        return status < 0 ? status : cxd_error_set(err, CXD_NOMEM, "auth.aws: out of memory");
    }
    if ((ask.region.len == 0 || ask.service.len == 0) &&
        !place_find(ask.url, &ask.service, &ask.region)) {
        return cxd_error_set(err, CXD_CONFIG,
                             "auth.aws: the host does not tell service and region; set "
                             "auth.aws.service_name and auth.aws.default_region");
    }
    for (size_t i = 0; i < request->header_count; i++) {
        headers[i] = (struct services_header){bytes_of(request->headers[i].name),
                                              bytes_of(request->headers[i].value)};
    }
    return sign(a, pool, &keys, &ask, ret, ret_count, err);
}

/* --- roles ------------------------------------------------------------------------------------ */

static void parameter_put(struct text *out, const char *name, struct cxd_bytes value)
{
    text_put(out, out->len > 0 ? "&" : "");
    text_put(out, name);
    text_put(out, "=");
    for (size_t i = 0; i < value.len; i++) {
        char c = value.ptr[i];
        char code[4];
        if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
            c == '-' || c == '_' || c == '.' || c == '~') {
            text_add(out, &c, 1);
        } else {
            (void)snprintf(code, sizeof code, "%%%02X", (unsigned char)c);
            text_put(out, code);
        }
    }
}

/* AWS_ENDPOINT_URL_STS, as for the vendor's programs; else the region's. */
static void role_url(const struct aws_sign *a, struct text *url)
{
    const char *own = getenv("AWS_ENDPOINT_URL_STS");

    if (own != NULL && *own != '\0') {
        text_put(url, own);
    } else {
        text_put(url, "https://sts.");
        text_add(url, a->settings->region.ptr, a->settings->region.len);
        text_put(url, a->settings->region.len > 0 ? ".amazonaws.com/" : "amazonaws.com/");
    }
}

static void role_body(const struct aws_sign *a, struct text *body)
{
    const struct settings_aws *from = a->settings;
    char seconds[24];

    (void)snprintf(seconds, sizeof seconds, "%lld", (long long)(from->duration_ms / 1000));
    parameter_put(body, "Action", CXD_LIT("AssumeRole"));
    parameter_put(body, "Version", CXD_LIT("2011-06-15"));
    parameter_put(body, "RoleArn", from->role);
    parameter_put(body, "RoleSessionName", CXD_LIT("cortexd"));
    parameter_put(body, "DurationSeconds", bytes_of(seconds));
    if (from->external_id.len > 0) {
        parameter_put(body, "ExternalId", from->external_id);
    }
}

static int role_start(struct aws_sign *a, struct pool *pool, const struct text *url,
                      const struct text *body, struct cxd_error *err)
{
    struct cxd_header headers[1 + AWS_SIGN_HEADERS] = {
        {.name = "Content-Type", .value = "application/x-www-form-urlencoded; charset=utf-8"}};
    const struct services_header content = {bytes_of(headers[0].name), bytes_of(headers[0].value)};
    struct cxd_bytes part = text_bytes(body);
    struct cxd_request request = {.size = sizeof request,
                                  .method = "POST",
                                  .url = url->ptr,
                                  .headers = headers,
                                  .parts = &part,
                                  .part_count = 1,
                                  .timeout_ms = ROLE_TIMEOUT_MS};
    struct sigv4_ask ask = {.method = CXD_LIT("POST"),
                            .url = text_bytes(url),
                            .headers = &content,
                            .header_count = 1,
                            .body = part,
                            .region = a->settings->region.len > 0 ? a->settings->region
                                                                  : CXD_LIT("us-east-1"),
                            .service = CXD_LIT("sts")};
    struct services_keys keys = {{NULL, 0}, {NULL, 0}, {NULL, 0}};
    size_t count = 0;
    int status = base_keys(a, pool, &keys, err);

    status = status < 0 ? status : sign(a, pool, &keys, &ask, headers + 1, &count, err);
    request.header_count = (uint32_t)(1 + count);
    return status < 0 ? status : fetch_start(&a->fetch, a->client, &request, err);
}

static int role_ask(struct aws_sign *a, struct cxd_error *err)
{
    struct pool pool;
    struct text url;
    struct text body;
    int status;

    pool_init(&pool, POOL_MAX);
    text_init(&url, a->heap, ROLE_BODY_MAX);
    text_init(&body, a->heap, ROLE_BODY_MAX);
    role_url(a, &url);
    role_body(a, &body);
    status = url.status != 0 || body.status != 0
                 ? cxd_error_set(err, CXD_NOMEM, "auth.aws.role_arn: out of memory")
                 : role_start(a, &pool, &url, &body, err);
    text_done(&url);
    text_done(&body);
    pool_done(&pool);
    return status;
}

/* The text of the first element of that name. */
static bool element_take(struct cxd_bytes xml, const char *name, struct text *out)
{
    char open[40];
    const char *at;
    const char *end;

    (void)snprintf(open, sizeof open, "<%s>", name);
    at = xml.len > 0 ? memmem(xml.ptr, xml.len, open, strlen(open)) : NULL;
    if (at == NULL) {
        return false;
    }
    at += strlen(open);
    end = memchr(at, '<', (size_t)(xml.ptr + xml.len - at));
    text_clear(out);
    text_add(out, at, end != NULL ? (size_t)(end - at) : 0);
    return end != NULL && end > at && memchr(at, '&', (size_t)(end - at)) == NULL;
}

static int role_take(struct aws_sign *a, struct cxd_error *err)
{
    struct cxd_bytes xml = text_bytes(&a->fetch.body);
    int http = a->fetch.http_status;
    bool is_whole = http == 200 && element_take(xml, "AccessKeyId", &a->id) &&
                    element_take(xml, "SecretAccessKey", &a->secret) &&
                    element_take(xml, "SessionToken", &a->token);
    struct text code;
    int status = 0;

    text_init(&code, a->heap, ROLE_BODY_MAX);
    if (!is_whole) {
        bool is_told = element_take(xml, "Code", &code);
        status = cxd_error_set(err, http == 403 || http == 400 ? CXD_AUTH : CXD_SERVER,
                               "auth.aws.role_arn: STS answers %d%s%.100s", http,
                               is_told ? " " : "", is_told && code.ptr != NULL ? code.ptr : "");
    } else if ((a->id.status | a->secret.status | a->token.status) != 0) {
        status = cxd_error_set(err, CXD_NOMEM, "auth.aws.role_arn: out of memory");
    } else {
        int64_t window = a->settings->window_ms < a->settings->duration_ms
                             ? a->settings->window_ms
                             : a->settings->duration_ms / 2;
        a->has_role = true;
        a->good_until_ms =
            a->heap->host->mono_ms(a->heap->self) + a->settings->duration_ms - window;
    }
    text_done(&code);
    fetch_close(&a->fetch);
    return status;
}

int aws_sign_step(struct aws_sign *a, struct cxd_error *err)
{
    int status;

    if (a->settings->role.len == 0) {
        return 0;
    }
    if (!fetch_is_running(&a->fetch)) {
        if (a->has_role && a->heap->host->mono_ms(a->heap->self) < a->good_until_ms) {
            return 0;
        }
        a->has_role = false;
        status = role_ask(a, err);
        if (status < 0) {
            return status;
        }
    }
    status = fetch_step(&a->fetch, err);
    return status == 0 ? role_take(a, err) : status;
}
