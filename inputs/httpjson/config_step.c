/* config_step.c: a request with its reply. Thread: the instance's, at open. */
#include "config.h"

#include "lib/socket_url.h"
#include "lib/xml.h"

#include <strings.h>

#define DAY_MS INT64_C(86400000)

int config_ssl_check(struct config *config, struct tree *request, const char *where,
                     struct cxd_error *err)
{
    static const char *const names[] = {"enabled",
                                        "verification_mode",
                                        "certificate_authorities",
                                        "certificate",
                                        "key",
                                        "key_passphrase",
                                        "key_passphrase_path",
                                        "ca_sha256",
                                        "ca_trusted_fingerprint",
                                        "supported_protocols",
                                        "cipher_suites",
                                        "curve_types",
                                        "renegotiation",
                                        NULL};
    char name[80];

    (void)snprintf(name, sizeof name, "%srequest.ssl", where);
    return optree_check(&config->region, tree_find(&config->region, request, CXD_LIT("ssl")), name,
                        names, err);
}

static int number_in(int64_t number, int64_t min, int64_t max, const char *where, const char *name,
                     struct cxd_error *err)
{
    return number >= min && number <= max
               ? 0
               : cxd_error_set(err, CXD_CONFIG, "%s%s must be between %lld and %lld", where, name,
                               (long long)min, (long long)max);
}

static int retry_read(struct config *config, struct tree *root, const char *where, bool is_first,
                      struct config_retry *retry, struct cxd_error *err)
{
    int64_t unit = is_first ? 1 : 1000; /* at the root the host has made milliseconds of it */
    struct region *r = &config->region;
    int status = optree_int(r, root, "request.retry.max_attempts", 5, &retry->max_attempts, err);

    status = status < 0 ? status
                        : optree_duration(r, root, "request.retry.wait_min", unit, 1000,
                                          &retry->wait_min_ms, err);
    status = status < 0 ? status
                        : optree_duration(r, root, "request.retry.wait_max", unit, 60000,
                                          &retry->wait_max_ms, err);
    status = status < 0 ? status
                        : number_in(retry->max_attempts, 1, 1000, where,
                                    "request.retry.max_attempts", err);
    if (status == 0 && (retry->wait_min_ms < 1 || retry->wait_max_ms > DAY_MS ||
                        retry->wait_min_ms > retry->wait_max_ms)) {
        return cxd_error_set(err, CXD_CONFIG,
                             "%srequest.retry: wait_min must be above 0 and not above wait_max",
                             where);
    }
    return status;
}

static int rate_read(struct config *config, struct tree *root, const char *where,
                     struct config_rate *rate, struct cxd_error *err)
{
    static const char *const names[] = {"limit",       "remaining",        "reset",
                                        "early_limit", "max_non_degraded", NULL};
    struct tree *node = tree_path(&config->region, root, CXD_LIT("request.rate_limit"));
    struct value early = value_none();
    int status;

    if (node == NULL || node->kind != TREE_OBJECT) {
        return 0;
    }
    status = optree_check(&config->region, node, "request.rate_limit", names, err);
    status = status < 0 ? status
                        : config_template(config, node, "limit", where, &rate->limit.value, err);
    status = status < 0
                 ? status
                 : config_template(config, node, "remaining", where, &rate->remaining.value, err);
    status = status < 0 ? status
                        : config_template(config, node, "reset", where, &rate->reset.value, err);
    status = status < 0 ? status
                        : optree_int(&config->region, node, "max_non_degraded", 0,
                                     &rate->max_non_degraded, err);
    if (status < 0) {
        return status;
    }
    if (tree_find(&config->region, node, CXD_LIT("early_limit")) != NULL) {
        early = value_of_tree(&config->region,
                              tree_find(&config->region, node, CXD_LIT("early_limit")));
        if (!value_as_real(&early, &rate->early_limit) || rate->early_limit < 0) {
            return cxd_error_set(err, CXD_CONFIG, "request.rate_limit.early_limit: not a number");
        }
    }
    rate->enabled = rate->remaining.value != NULL;
    return 0;
}

static int url_read(struct config *config, struct tree *root, const char *where,
                    struct config_step *ret, struct cxd_error *err)
{
    struct cxd_bytes method = optree_text(&config->region, root, "request.method");
    struct cxd_bytes encode = optree_text(&config->region, root, "request.encode_as");

    char name[80];
    int status = 0;

    ret->url = optree_text(&config->region, root, "request.url");
    (void)snprintf(name, sizeof name, "%srequest.url", where);
    if (socket_url_read(&config->region, ret->url, name, &ret->socket, &ret->url, &status, err) &&
        status < 0) {
        return status;
    }
    if (ret->url.len < 8 ||
        (strncmp(ret->url.ptr, "http://", 7) != 0 && strncmp(ret->url.ptr, "https://", 8) != 0)) {
        return cxd_error_set(err, CXD_CONFIG, "%s: expected http://, https:// or http+unix://",
                             name);
    }
    ret->is_post = method.ptr != NULL && method.len == 4 && strncasecmp(method.ptr, "post", 4) == 0;
    if (method.len > 0 && !ret->is_post &&
        !(method.len == 3 && strncasecmp(method.ptr, "get", 3) == 0)) {
        return cxd_error_set(err, CXD_CONFIG, "%srequest.method: only GET and POST", where);
    }
    ret->is_form = bytes_are(encode, "application/x-www-form-urlencoded");
    if (encode.len > 0 && !ret->is_form && !bytes_are(encode, "application/json")) {
        return cxd_error_set(err, CXD_UNSUPPORTED,
                             "%srequest.encode_as: only application/json and "
                             "application/x-www-form-urlencoded",
                             where);
    }
    return 0;
}

static int body_read(struct config *config, struct tree *root, const char *where,
                     struct config_step *ret, struct cxd_error *err)
{
    struct tree *body = tree_path(&config->region, root, CXD_LIT("request.body"));
    struct text text;

    if (body == NULL || body->kind == TREE_NULL) {
        return 0;
    }
    if (!ret->is_post) {
        return cxd_error_set(err, CXD_CONFIG, "%srequest.body can't be used with method GET",
                             where);
    }
    text_init(&text, &config->heap, 16u << 20);
    if (body->kind == TREE_STRING) { /* a policy may write the body as JSON text */
        struct cxd_bytes plain = tree_string(&config->region, body);

        text_add(&text, plain.ptr, plain.len);
    } else {
        tree_write(&config->region, &config->region, body, TREE_WRITE_PLAIN, &text);
    }
    ret->body = text.status == 0 ? region_copy(&config->region, text_bytes(&text)) : ret->body;
    text_done(&text);
    if (ret->body.ptr == NULL) {
        return cxd_error_set(err, CXD_NOMEM, "%srequest.body: out of memory", where);
    }
    if (tree_parse(&config->region, ret->body, &body, NULL) < 0 || body->kind != TREE_OBJECT) {
        return cxd_error_set(err, CXD_CONFIG, "%srequest.body: expected an object", where);
    }
    return 0;
}

static int decode_read(struct config *config, struct tree *root, const char *where,
                       struct config_step *ret, struct cxd_error *err)
{
    static const struct {
        const char *name;
        uint8_t decode;
    } names[] = {{"application/json", DECODE_JSON}, {"application/x-ndjson", DECODE_NDJSON},
                 {"text/csv", DECODE_CSV},          {"application/xml", DECODE_XML},
                 {"text/xml", DECODE_XML},          {"application/zip", DECODE_ZIP}};
    struct cxd_bytes as = optree_text(&config->region, root, "response.decode_as");

    if (as.len == 0) {
        return 0;
    }
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (bytes_are(as, names[i].name)) {
            ret->decode = names[i].decode;
            return 0;
        }
    }
    return cxd_error_set(err, CXD_CONFIG, "%sresponse.decode_as: %.*s is not known", where,
                         (int)(as.len < 60 ? as.len : 60), as.ptr);
}

/* The schema is read here, so that a fault in it is known before anything starts. */
static int schema_read(struct config *config, struct tree *root, const char *where,
                       struct config_step *ret, struct cxd_error *err)
{
    struct cxd_bytes xsd = optree_text(&config->region, root, "response.xsd");
    struct xml_fault fault;

    if (xsd.len == 0) {
        return 0;
    }
    ret->schema = xml_read(xsd, &fault);
    if (ret->schema == NULL) {
        return fault.status == CXD_NOMEM
                   ? cxd_error_set(err, CXD_NOMEM, "%sresponse.xsd: out of memory", where)
                   : cxd_error_set(err, CXD_CONFIG, "%sresponse.xsd: line %d: %s", where,
                                   fault.line, fault.why);
    }
    if (strcmp((const char *)xmlDocGetRootElement(ret->schema)->name, "schema") != 0) {
        return cxd_error_set(err, CXD_CONFIG, "%sresponse.xsd: expected an XML schema", where);
    }
    return 0;
}

void config_step_done(struct config_step *step)
{
    xmlFreeDoc(step->schema);
    step->schema = NULL;
}

int config_route_read(struct config *config, struct tree *root, struct config_step *ret,
                      struct cxd_error *err)
{
    struct region *r = &config->region;
    struct tree *redirect = tree_path(r, root, CXD_LIT("request.redirect"));
    struct tree *list = tree_path(r, redirect, CXD_LIT("headers_ban_list"));
    int status = optree_bool(r, root, "request.keep_alive.disable", ret->no_keep_alive,
                             &ret->no_keep_alive, err);

    if (status < 0 || redirect == NULL || redirect->kind == TREE_NULL) {
        return status;
    }
    status =
        optree_bool(r, redirect, "forward_headers", false, &ret->redirect.forward_headers, err);
    status =
        status < 0 ? status : optree_int(r, redirect, "max_redirects", 10, &ret->redirect.max, err);
    ret->redirect.banned =
        list != NULL && list->kind == TREE_LIST && tree_expand(r, list) ? list : NULL;
    return status < 0 ? cxd_error_wrap(err, "request.redirect") : 0;
}

int config_step_read(struct config *config, struct tree *root, const char *where, bool is_first,
                     struct config_step *ret, struct cxd_error *err)
{
    struct region *r = &config->region;
    char name[80];
    int status = url_read(config, root, where, ret, err);

    status = status < 0 ? status : config_route_read(config, root, ret, err);
    status = status < 0 ? status : body_read(config, root, where, ret, err);
    status = status < 0 ? status
                        : optree_duration(r, root, "request.timeout", is_first ? 1 : 1000, 30000,
                                          &ret->timeout_ms, err);
    status =
        status < 0 ? status : number_in(ret->timeout_ms, 1, DAY_MS, where, "request.timeout", err);
    status = status < 0 ? status : retry_read(config, root, where, is_first, &ret->retry, err);
    status = status < 0 ? status : rate_read(config, root, where, &ret->rate, err);
    status = status < 0 ? status : decode_read(config, root, where, ret, err);
    status = status < 0 ? status : schema_read(config, root, where, ret, err);
    (void)snprintf(name, sizeof name, "%srequest.transforms", where);
    status = status < 0
                 ? status
                 : config_transforms(config, tree_path(r, root, CXD_LIT("request.transforms")),
                                     PLACE_REQUEST, name, &ret->request, err);
    (void)snprintf(name, sizeof name, "%sresponse.transforms", where);
    status = status < 0
                 ? status
                 : config_transforms(config, tree_path(r, root, CXD_LIT("response.transforms")),
                                     PLACE_RESPONSE, name, &ret->response, err);
    (void)snprintf(name, sizeof name, "%sresponse.split", where);
    return status < 0 ? status
                      : config_split(config, tree_path(r, root, CXD_LIT("response.split")), name, 0,
                                     &ret->split, err);
}
