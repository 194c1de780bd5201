/* headers.c: the names and values that every message carries besides its document. */
#include "output.h"

#define HEADERS_MAX 64
#define HEADER_MAX 4096

static int is_fitting(struct cxd_scalar text)
{
    return text.type == CXD_TEXT && text.bytes.len <= HEADER_MAX;
}

static int header_add(struct output *o, struct cxd_bytes item, uint32_t number,
                      struct cxd_error *err)
{
    struct cxd_scalar key = o->host->doc_get(item, "key");
    struct cxd_scalar value = o->host->doc_get(item, "value");

    if (value.type == CXD_NONE || value.type == CXD_NIL) {
        value = (struct cxd_scalar){.type = CXD_TEXT, .bytes = {"", 0}};
    }
    if (!is_fitting(key) || key.bytes.len == 0 || !is_fitting(value)) {
        return cxd_error_set(err, CXD_CONFIG, "headers.%u: key and value, of at most %d bytes each",
                             number, HEADER_MAX);
    }
    return rd_kafka_header_add(o->headers, key.bytes.ptr, (ssize_t)key.bytes.len, value.bytes.ptr,
                               (ssize_t)value.bytes.len) == RD_KAFKA_RESP_ERR_NO_ERROR
               ? CXD_OK
               : cxd_error_set(err, CXD_NOMEM, "headers.%u: not taken", number);
}

int headers_read(struct output *o, struct cxd_bytes doc, struct cxd_error *err)
{
    struct cxd_scalar list = o->host->doc_get(doc, "headers");
    int r = CXD_OK;

    if (list.type != CXD_ARRAY || list.count == 0) {
        return CXD_OK;
    }
    if (list.count > HEADERS_MAX) {
        return cxd_error_set(err, CXD_CONFIG, "headers: at most %d", HEADERS_MAX);
    }
    o->headers = rd_kafka_headers_new(list.count);
    if (o->headers == NULL) {
        return cxd_error_set(err, CXD_NOMEM, "out of memory reading headers");
    }
    for (uint32_t i = 0; i < list.count && r == CXD_OK; i++) {
        r = header_add(o, o->host->doc_at(list.bytes, i, NULL).bytes, i, err);
    }
    return r;
}
