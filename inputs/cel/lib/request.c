/*
 * request.c: requests as maps, and sending them through the transport of the services. A request's ContentLength is that of
 * the body it was made with. Header names go out as written; those of replies come in canonical form.
 */
#include "request.h"

#include "../lang/dict.h"
#include "catalog.h"
#include "codec.h"
#include "url.h"

#define HEADERS_MAX 256u
#define SEND_STEPS 1000

#define STRING VALUE_MASK(VALUE_STRING)
#define TEXTUAL (VALUE_MASK(VALUE_STRING) | VALUE_MASK(VALUE_BYTES))

static struct value empty_map(struct run *run)
{
    struct dict *dict = dict_new(run->pool, 0);

    return dict != NULL ? value_map(dict) : run_out_of_memory(run);
}

/* A header map of one name with one value. */
static struct value one_header(struct run *run, struct value name, struct value text)
{
    struct dict *dict = dict_new(run->pool, 1);
    struct value *items = run_items(run, 1);

    if (dict == NULL || items == NULL) {
        return items == NULL ? run_fatal(run) : run_out_of_memory(run);
    }
    items[0] = text;
    (void)dict_put(dict, name, value_list(items, 1));
    return value_map(dict);
}

/* body VALUE_NULL: none. */
static struct value request_make(struct run *run, struct value method, struct value address,
                                 struct value body, struct value header)
{
    struct dict *dict = dict_new(run->pool, 10);
    struct url url;
    const char *problem = url_read(run->pool, value_range(address), &url);

    if (problem != NULL) {
        return run_fail(run, "parse \"%.*s\": %s", (int)address.len, address.text, problem);
    }
    if (value_is_error(header)) {
        return header;
    }
    if (dict == NULL) {
        return run_out_of_memory(run);
    }
    DICT_SET(dict, "Method", method.len > 0 ? method : VALUE_TEXT("GET"));
    DICT_SET(dict, "URL", address);
    DICT_SET(dict, "Proto", VALUE_TEXT("HTTP/1.1"));
    DICT_SET(dict, "ProtoMajor", value_int(1));
    DICT_SET(dict, "ProtoMinor", value_int(1));
    DICT_SET(dict, "Header", header);
    DICT_SET(dict, "ContentLength", value_int(body.kind != VALUE_NULL ? body.len : 0));
    DICT_SET(dict, "Close", value_bool(false));
    DICT_SET(dict, "Host", value_string(url.host.ptr != NULL ? url.host.ptr : "", url.host.len));
    if (body.kind != VALUE_NULL) {
        DICT_SET(dict, "Body", body);
    }
    return value_map(dict);
}

static struct value request(struct run *run, const struct value *args, uint32_t count)
{
    struct value body = count == 3 ? args[2] : value_null();

    if (args[1].kind != VALUE_STRING || (count == 3 && !value_is(body, TEXTUAL))) {
        return run_no_overload(run);
    }
    return request_make(run, args[0], args[1], body, empty_map(run));
}

static struct value get_request(struct run *run, const struct value *args, uint32_t count)
{
    (void)count;
    return request_make(run, VALUE_TEXT("GET"), args[0], value_null(), empty_map(run));
}

static struct value post_request(struct run *run, const struct value *args, uint32_t count)
{
    (void)count;
    if (args[1].kind != VALUE_STRING || !value_is(args[2], TEXTUAL)) {
        return run_no_overload(run);
    }
    return request_make(run, VALUE_TEXT("POST"), args[0], args[2],
                        one_header(run, VALUE_TEXT("Content-Type"), args[1]));
}

struct value request_with(struct run *run, const struct dict *from, struct value key,
                          struct value v)
{
    struct dict *dict =
        run_spend(run, 1 + from->count) ? dict_new(run->pool, (size_t)from->count + 1) : NULL;

    if (dict == NULL) {
        return run->fatal != NULL ? run_fatal(run) : run_out_of_memory(run);
    }
    for (uint32_t i = 0; i < from->count; i++) {
        (void)dict_put(dict, from->entries[i].key, from->entries[i].value);
    }
    (void)dict_put(dict, key, v);
    return value_map(dict);
}

static struct value basic_authentication(struct run *run, const struct value *args, uint32_t count)
{
    const struct value *header = dict_find_text(args[0].dict, "Header", 6);
    struct sink pair = sink_on(run->pool);
    struct sink text = sink_on(run->pool);
    struct value *items = run_items(run, 1);
    struct value made;

    (void)count;
    if (args[1].kind != VALUE_STRING || args[2].kind != VALUE_STRING) {
        return run_no_overload(run);
    }
    if (header != NULL && header->kind != VALUE_MAP) {
        return run_fail(run, "invalid type for header: %s", value_type_of(*header)->name);
    }
    sink_value(&pair, args[1]);
    sink_char(&pair, ':');
    sink_value(&pair, args[2]);
    sink_text(&text, "Basic ");
    codec_put_base64(&text, (struct cxd_bytes){pair.text, pair.len}, true);
    made = run_text(run, &text);
    if (items == NULL || value_is_error(made)) {
        return run_fatal(run);
    }
    items[0] = made;
    made = header != NULL ? *header : empty_map(run);
    made = value_is_error(made)
               ? made
               : request_with(run, made.dict, VALUE_TEXT("Authorization"), value_list(items, 1));
    return value_is_error(made) ? made
                                : request_with(run, args[0].dict, VALUE_TEXT("Header"), made);
}

/* "content-type" as "Content-Type". */
static struct value canonical(struct run *run, struct cxd_bytes name)
{
    struct sink out = sink_on(run->pool);
    bool upper = true;

    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];
        bool letter = (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
        sink_char(&out, !letter ? c : upper ? (char)(c & ~0x20) : (char)(c | 0x20));
        upper = c == '-';
    }
    return run_text(run, &out);
}

static struct value header_map(struct run *run, const struct services_reply *reply)
{
    struct dict *dict = dict_new(run->pool, reply->header_count);

    if (dict == NULL) {
        return run_out_of_memory(run);
    }
    for (size_t i = 0; i < reply->header_count; i++) {
        struct value name = canonical(run, reply->headers[i].name);
        const struct value *known = value_is_error(name) ? NULL : dict_find(dict, name);
        size_t count = known != NULL ? known->len : 0;
        struct value *items = run_items(run, count + 1);
        struct cxd_bytes from = reply->headers[i].value;
        char *text = pool_copy(run->pool, from.ptr, from.len);
        if (items == NULL || text == NULL || value_is_error(name)) {
            return run->fatal != NULL ? run_fatal(run) : run_out_of_memory(run);
        }
        if (count > 0) {
            memcpy(items, known->items, count * sizeof *items);
        }
        items[count] = value_string(text, from.len);
        (void)dict_put(dict, name, value_list(items, count + 1));
    }
    return value_map(dict);
}

/* The request inside a reply has no body. */
static struct value request_shown(struct run *run, const struct dict *request)
{
    struct dict *dict = dict_new(run->pool, request->count);

    if (dict == NULL) {
        return run_out_of_memory(run);
    }
    for (uint32_t i = 0; i < request->count; i++) {
        if (!value_text_is(request->entries[i].key, "Body")) {
            (void)dict_put(dict, request->entries[i].key, request->entries[i].value);
        }
    }
    return value_map(dict);
}

static struct value reply_map(struct run *run, const struct services_reply *reply,
                              struct value shown)
{
    struct dict *dict = dict_new(run->pool, 11);
    struct value header = header_map(run, reply);
    char *body = pool_copy(run->pool, reply->body.ptr, reply->body.len);
    struct sink status = sink_on(run->pool);
    struct sink proto = sink_on(run->pool);
    struct value status_text;
    struct value proto_text;

    sink_print(&status, "%d %.*s", reply->status, (int)reply->reason.len, reply->reason.ptr);
    sink_print(&proto, "HTTP/%u.%u", reply->major, reply->minor);
    status_text = run_text(run, &status);
    proto_text = run_text(run, &proto);
    if (value_is_error(header) || value_is_error(shown)) {
        return value_is_error(header) ? header : shown;
    }
    if (dict == NULL || body == NULL || reply->body.len > UINT32_MAX || run->fatal != NULL) {
        return run->fatal != NULL ? run_fatal(run) : run_out_of_memory(run);
    }
    DICT_SET(dict, "Status", status_text);
    DICT_SET(dict, "StatusCode", value_int(reply->status));
    DICT_SET(dict, "Proto", proto_text);
    DICT_SET(dict, "ProtoMajor", value_int(reply->major));
    DICT_SET(dict, "ProtoMinor", value_int(reply->minor));
    DICT_SET(dict, "Header", header);
    DICT_SET(dict, "ContentLength", value_int(reply->content_length));
    DICT_SET(dict, "Close", value_bool(false));
    DICT_SET(dict, "Uncompressed", value_bool(reply->uncompressed));
    DICT_SET(dict, "Body", value_bytes(body, reply->body.len));
    DICT_SET(dict, "Request", shown);
    return value_map(dict);
}

/* Names and values of the Header member. Null, or an error. */
static struct value headers_take(struct run *run, const struct dict *header,
                                 struct services_header *headers, size_t most, size_t *ret_count)
{
    for (uint32_t i = 0; i < header->count; i++) {
        struct value v = header->entries[i].value;
        struct value list = v.kind == VALUE_LIST ? v : value_list(&header->entries[i].value, 1);
        for (uint32_t j = 0; j < list.len; j++) {
            if (header->entries[i].key.kind != VALUE_STRING || list.items[j].kind != VALUE_STRING) {
                return run_fail(run, "invalid type in header: %s",
                                value_type_of(list.items[j])->name);
            }
            if (*ret_count == most) {
                return run_fail(run, "too many headers");
            }
            headers[(*ret_count)++] = (struct services_header){value_range(header->entries[i].key),
                                                               value_range(list.items[j])};
        }
    }
    return value_null();
}

struct value request_read(struct run *run, const struct dict *map, struct services_request *ret,
                          struct services_header *headers, size_t most)
{
    const struct value *method = dict_find_text(map, "Method", 6);
    const struct value *address = dict_find_text(map, "URL", 3);
    const struct value *header = dict_find_text(map, "Header", 6);
    const struct value *body = dict_find_text(map, "Body", 4);

    if (address == NULL || address->kind != VALUE_STRING ||
        (method != NULL && method->kind != VALUE_STRING) ||
        (body != NULL && !value_is(*body, TEXTUAL | VALUE_MASK(VALUE_NULL)))) {
        return run_fail(run,
                        "the request needs URL and Method as strings, and Body as string or bytes");
    }
    ret->method = method != NULL ? value_range(*method) : CXD_LIT("GET");
    ret->url = value_range(*address);
    ret->body = body != NULL ? value_range(*body) : (struct cxd_bytes){NULL, 0};
    ret->header_count = 0;
    return header != NULL && header->kind == VALUE_MAP
               ? headers_take(run, header->dict, headers, most, &ret->header_count)
               : value_null();
}

static struct value send(struct run *run, const struct dict *map, bool is_direct)
{
    struct services_header headers[HEADERS_MAX];
    struct services_request request = {.headers = headers, .is_direct = is_direct};
    struct services_reply reply = {.content_length = -1};
    struct cxd_error err = CXD_ERROR_INIT;
    struct value problem = request_read(run, map, &request, headers, HEADERS_MAX);
    int status;

    if (value_is_error(problem)) {
        return problem;
    }
    if (run->services == NULL || run->services->send == NULL) {
        return run_fail(run, "HTTP is not available here");
    }
    if (!run_spend(run, SEND_STEPS)) {
        return run_fatal(run);
    }
    status = run->services->send(run->services->ctx, &request, &reply, &err);
    if (status == CXD_NOMEM) {
        return run_out_of_memory(run); /* not for try() to make something of */
    }
    if (status < 0) {
        return run_fail(run, "%.*s \"%.*s\": %s", (int)request.method.len, request.method.ptr,
                        (int)request.url.len, request.url.ptr, err.text);
    }
    return reply_map(run, &reply, request_shown(run, map));
}

static struct value do_request(struct run *run, const struct value *args, uint32_t count)
{
    (void)count;
    return send(run, args[0].dict, false);
}

static struct value direct(struct run *run, struct value made)
{
    return value_is_error(made) ? made : send(run, made.dict, true);
}

static struct value get(struct run *run, const struct value *args, uint32_t count)
{
    return direct(run, get_request(run, args, count));
}

static struct value head(struct run *run, const struct value *args, uint32_t count)
{
    (void)count;
    return direct(run,
                  request_make(run, VALUE_TEXT("HEAD"), args[0], value_null(), empty_map(run)));
}

static struct value post(struct run *run, const struct value *args, uint32_t count)
{
    return direct(run, post_request(run, args, count));
}

const struct function request_functions[] = {
    {"request", FUNCTION_FREE, 2, 3, STRING, request},
    {"get_request", FUNCTION_FREE, 1, 1, STRING, get_request},
    {"post_request", FUNCTION_FREE, 3, 3, STRING, post_request},
    {"basic_authentication", FUNCTION_METHOD, 3, 3, VALUE_MASK(VALUE_MAP), basic_authentication},
    {"do_request", FUNCTION_METHOD, 1, 1, VALUE_MASK(VALUE_MAP), do_request},
    {"get", FUNCTION_FREE, 1, 1, STRING, get},
    {"head", FUNCTION_FREE, 1, 1, STRING, head},
    {"post", FUNCTION_FREE, 3, 3, STRING, post},
    {NULL}};
