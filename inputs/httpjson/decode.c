/* decode.c: JSON and NDJSON, and the choice among the forms. Thread: the instance's. */
#include "decode.h"

#include "lib/utf.h"

#include <strings.h>

enum decode_type decode_type_of(const char *content_type)
{
    static const struct {
        const char *name;
        enum decode_type type;
    } names[] = {{"application/x-ndjson", DECODE_NDJSON},
                 {"application/ndjson", DECODE_NDJSON},
                 {"text/csv", DECODE_CSV},
                 {"application/xml", DECODE_XML},
                 {"text/xml", DECODE_XML},
                 {"application/zip", DECODE_ZIP}};
    size_t len = content_type != NULL ? strcspn(content_type, "; \t") : 0;

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (len == strlen(names[i].name) && strncasecmp(content_type, names[i].name, len) == 0) {
            return names[i].type;
        }
    }
    return DECODE_JSON;
}

static bool is_blank(char letter)
{
    return letter == ' ' || letter == '\t' || letter == '\r' || letter == '\n';
}

int decode_values(struct cxd_bytes in, size_t *count, struct text *out, struct cxd_error *err)
{
    size_t at = 0;

    while (at < in.len && is_blank(in.ptr[at])) {
        at++;
    }
    while (at < in.len) {
        struct tree_fault fault = {0, "", 0};
        size_t len = 0;

        if (tree_check((struct cxd_bytes){in.ptr + at, in.len - at}, &len, &fault) < 0) {
            return cxd_error_set(err, fault.status, "JSON value %zu at byte %zu: %s", *count + 1,
                                 at + fault.at, fault.why);
        }
        text_add(out, ",", (*count)++ > 0);
        text_add(out, in.ptr + at, len);
        at += len;
        if (out->status != 0) {
            return cxd_error_set(err, out->status, "reply: no room for the decoded values");
        }
    }
    return 0;
}

static int decode_ndjson(struct cxd_bytes in, struct text *out, struct cxd_error *err)
{
    size_t count = 0;
    int status;

    text_put(out, "[");
    status = decode_values(in, &count, out, err);
    text_put(out, "]");
    return status;
}

/* Bytes that are no UTF-8 become U+FFFD, so that what is handed on is JSON to everybody. */
static int decode_repair(struct text *body, struct cxd_error *err)
{
    struct text fixed;
    size_t at = 0;

    if (utf_is_valid(text_bytes(body))) {
        return 0;
    }
    text_init(&fixed, body->heap, body->max);
    while (at < body->len && fixed.status == 0) {
        size_t step = utf_len(body->ptr + at, body->len - at);

        text_add(&fixed, step > 0 ? body->ptr + at : "\xef\xbf\xbd", step > 0 ? step : 3);
        at += step > 0 ? step : 1;
    }
    text_done(body);
    *body = fixed;
    return fixed.status == 0 ? 0 : cxd_error_set(err, fixed.status, "reply: no room to repair it");
}

static bool decode_is_empty(const struct text *body)
{
    for (size_t i = 0; i < body->len; i++) {
        if (!is_blank(body->ptr[i])) {
            return false;
        }
    }
    return true;
}

static int decode_json(struct text *body, struct cxd_error *err)
{
    struct tree_fault fault = {0, "", 0};

    if (tree_check(text_bytes(body), NULL, &fault) < 0) {
        return cxd_error_set(err, fault.status, "reply is not JSON: byte %zu: %s", fault.at,
                             fault.why);
    }
    return 0;
}

int decode_body(enum decode_type type, const struct _xmlDoc *schema, struct text *body,
                struct cxd_error *err)
{
    struct text out;
    int status;

    if (decode_is_empty(body)) {
        text_clear(body);
        return 0;
    }
    if (body->len >= 3 && memcmp(body->ptr, "\xef\xbb\xbf", 3) == 0) {
        memset(body->ptr, ' ', 3); /* a byte order mark */
    }
    status = type != DECODE_ZIP ? decode_repair(body, err) : 0;
    if (status < 0 || type == DECODE_JSON || type == DECODE_BY_HEADER) {
        return status < 0 ? status : decode_json(body, err);
    }
    text_init(&out, body->heap, body->max);
    switch (type) {
    case DECODE_NDJSON:
        status = decode_ndjson(text_bytes(body), &out, err);
        break;
    case DECODE_CSV:
        status = decode_csv(text_bytes(body), &out, err);
        break;
    case DECODE_XML:
        status = decode_xml(text_bytes(body), schema, &out, err);
        break;
    default:
        status = decode_zip(text_bytes(body), &out, err);
        break;
    }
    if (status == 0 && out.status != 0) {
        status = cxd_error_set(err, out.status, "reply: no room for the decoded values");
    }
    text_done(body);
    *body = out;
    return status < 0 || type != DECODE_ZIP ? status : decode_repair(body, err);
}
