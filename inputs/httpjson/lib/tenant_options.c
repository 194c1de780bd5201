/* tenant_options.c: see the header. */
#include "lib/tenant_options.h"

#include "lib/optree.h"

#define DAY_MS INT64_C(86400000)
#define ADDRESS_MAX 190u /* https://api- included */

static bool starts_with(struct cxd_bytes text, const char *front)
{
    return text.len >= strlen(front) && memcmp(text.ptr, front, strlen(front)) == 0;
}

static bool is_url(struct cxd_bytes text)
{
    return starts_with(text, "http://") || starts_with(text, "https://");
}

/* https://api-DOMAIN, or the url as it is; no slash at the end. */
static int address_read(struct region *r, struct tree *root, struct cxd_bytes *ret,
                        struct cxd_error *err)
{
    struct cxd_bytes domain = optree_text(r, root, "domain");
    struct cxd_bytes url = optree_text(r, root, "url");
    char text[ADDRESS_MAX + 16];
    bool is_plain;

    if (domain.len == 0 && url.len == 0) {
        return cxd_error_set(err, CXD_CONFIG,
                             "domain is needed: the API domain from the key's example URL");
    }
    url = is_url(domain) || url.len == 0 ? domain : url;
    is_plain = url.ptr == domain.ptr && !is_url(domain);
    if (!is_plain && !is_url(url)) {
        return cxd_error_set(err, CXD_CONFIG, "url: expected http:// or https://");
    }
    while (url.len > 8 && url.ptr[url.len - 1] == '/') {
        url.len--;
    }
    if (url.len > ADDRESS_MAX - (is_plain ? 12 : 0)) {
        return cxd_error_set(err, CXD_CONFIG, "%s: longer than %u bytes",
                             domain.len > 0 ? "domain" : "url", ADDRESS_MAX - 12);
    }
    (void)snprintf(text, sizeof text, "%s%s%.*s", is_plain ? "https://" : "",
                   is_plain && !starts_with(url, "api-") ? "api-" : "", (int)url.len, url.ptr);
    *ret = region_copy(r, bytes_of(text));
    return ret->ptr != NULL ? 0 : cxd_error_set(err, CXD_NOMEM, "options: out of memory");
}

int tenant_time_read(struct region *r, struct tree *root, const char *name, int64_t min,
                     int64_t max, int64_t *ret, struct cxd_error *err)
{
    int status = optree_duration(r, root, name, 1, *ret, ret, err);

    if (status == 0 && (*ret < min || *ret > max)) {
        return cxd_error_set(err, CXD_CONFIG, "%s must be between %lld s and %lld s", name,
                             (long long)(min / 1000), (long long)(max / 1000));
    }
    return status;
}

static int numbers_read(struct region *r, struct tree *root, struct tenant_options *ret,
                        struct cxd_error *err)
{
    int status = tenant_time_read(r, root, "interval", 1000, DAY_MS, &ret->interval_ms, err);

    status = status < 0 ? status
                        : tenant_time_read(r, root, "initial_interval", 1000, 365 * DAY_MS,
                                           &ret->initial_ms, err);
    status =
        status < 0 ? status : tenant_time_read(r, root, "settle", 0, 3600000, &ret->settle_ms, err);
    status = status < 0 ? status
                        : tenant_time_read(r, root, "request_timeout", 1000, 600000,
                                           &ret->timeout_ms, err);
    status =
        status < 0 ? status : optree_int(r, root, "requests_per_second", 1, &ret->per_second, err);
    if (status == 0 && (ret->per_second < 1 || ret->per_second > 1000)) {
        return cxd_error_set(err, CXD_CONFIG, "requests_per_second must be between 1 and 1000");
    }
    return status;
}

static bool is_header_text(struct cxd_bytes text)
{
    for (size_t i = 0; i < text.len; i++) {
        if ((unsigned char)text.ptr[i] <= ' ' || (unsigned char)text.ptr[i] >= 127) {
            return false;
        }
    }
    return text.len > 0;
}

int tenant_options_read(struct region *r, struct tree *root, struct tenant_options *ret,
                        struct cxd_error *err)
{
    int status;

    *ret = (struct tenant_options){.token = optree_text(r, root, "api_token"),
                                   .token_id = optree_text(r, root, "token_id")};
    if (!is_header_text(ret->token) || !is_header_text(ret->token_id)) {
        return cxd_error_set(err, CXD_CONFIG,
                             "api_token and token_id: expected text without blanks");
    }
    status = optree_bool(r, root, "advanced_sec_level", false, &ret->is_advanced, err);
    status = status < 0 ? status : numbers_read(r, root, ret, err);
    return status < 0 ? status : address_read(r, root, &ret->address, err);
}
