/* typed.c: typed values of the vectors, read, compared and shown. */
#include "typed.h"

#include "lang/arith.h"
#include "lang/dict.h"
#include "lang/moment.h"
#include "lang/number.h"
#include "lib/address.h"
#include "lib/codec.h"

#include <math.h>

static struct cxd_bytes text_of(struct json_object *o)
{
    return (struct cxd_bytes){json_object_get_string(o), (size_t)json_object_get_string_len(o)};
}

static bool read_list(struct pool *pool, struct json_object *o, struct value *ret)
{
    size_t count = json_object_array_length(o);
    struct value *items = pool_array(pool, count, sizeof *items);

    for (size_t i = 0; i < count; i++) {
        if (!typed_read(pool, json_object_array_get_idx(o, i), &items[i])) {
            return false;
        }
    }
    *ret = value_list(items, count);
    return true;
}

static bool read_map(struct pool *pool, struct json_object *o, struct value *ret)
{
    size_t count = json_object_array_length(o);
    struct dict *dict = dict_new(pool, count);

    for (size_t i = 0; i < count; i++) {
        struct json_object *pair = json_object_array_get_idx(o, i);
        struct value key;
        struct value v;
        if (!typed_read(pool, json_object_array_get_idx(pair, 0), &key) ||
            !typed_read(pool, json_object_array_get_idx(pair, 1), &v)) {
            return false;
        }
        (void)dict_put(dict, key, v);
    }
    *ret = value_map(dict);
    return true;
}

static bool read_double(struct cxd_bytes text, struct value *ret)
{
    double d = 0;

    if (text.len == 3) {
        *ret = value_double((double)NAN);
        if (memcmp(text.ptr, "NaN", 3) == 0) {
            return true;
        }
    }
    if (text.len >= 8 && memcmp(text.ptr + text.len - 8, "Infinity", 8) == 0) {
        *ret = value_double(text.ptr[0] == '-' ? -INFINITY : INFINITY);
        return true;
    }
    *ret = value_double(0);
    if (!number_read(text, &d)) {
        return false;
    }
    ret->d = d;
    return true;
}

static bool read_bytes(struct pool *pool, struct cxd_bytes text, struct value *ret)
{
    struct sink out = sink_on(pool);
    size_t at;
    bool ok = codec_read_base64(&out, text, 1, &at);

    *ret = value_bytes(out.text, out.len);
    return ok;
}

static bool read_scalar(struct pool *pool, const char *kind, struct json_object *o,
                        struct value *ret)
{
    struct cxd_bytes text = text_of(o);
    const struct value_type *type;
    uint32_t ns = 0;

    *ret = value_int(0);
    if (strcmp(kind, "int") == 0) {
        return number_read_int(text, &ret->i);
    }
    if (strcmp(kind, "duration") == 0) {
        *ret = value_duration(0);
        return moment_read_span(text, &ret->i);
    }
    if (strcmp(kind, "timestamp") == 0) {
        ret->kind = VALUE_TIMESTAMP;
        bool ok = moment_read(text, &ret->i, &ns);
        ret->len = ns;
        return ok;
    }
    if (strcmp(kind, "uint") == 0) {
        *ret = value_uint(0);
        return number_read_uint(text, &ret->u);
    }
    if (strcmp(kind, "double") == 0) {
        return read_double(text, ret);
    }
    if (strcmp(kind, "bytes") == 0) {
        return read_bytes(pool, text, ret);
    }
    if (strcmp(kind, "string") == 0) {
        *ret = value_string(pool_copy(pool, text.ptr, text.len), text.len);
        return true;
    }
    type = strcmp(kind, "type") == 0 ? value_type_find(text.ptr, text.len) : NULL;
    *ret = value_of_type(type);
    return type != NULL;
}

bool typed_read(struct pool *pool, struct json_object *from, struct value *ret)
{
    struct json_object_iterator it;
    struct json_object *inner;
    const char *kind;

    if (!json_object_is_type(from, json_type_object) || json_object_object_length(from) != 1) {
        return false;
    }
    it = json_object_iter_begin(from);
    kind = json_object_iter_peek_name(&it);
    inner = json_object_iter_peek_value(&it);
    if (strcmp(kind, "null") == 0) {
        *ret = value_null();
        return true;
    }
    if (strcmp(kind, "bool") == 0) {
        *ret = value_bool(json_object_get_boolean(inner));
        return true;
    }
    if (strcmp(kind, "list") == 0) {
        return read_list(pool, inner, ret);
    }
    return strcmp(kind, "map") == 0 ? read_map(pool, inner, ret)
                                    : read_scalar(pool, kind, inner, ret);
}

static bool same_maps(struct run *run, const struct dict *a, const struct dict *b)
{
    bool same = a->count == b->count;

    for (uint32_t i = 0; same && i < a->count; i++) {
        bool found = false;
        for (uint32_t j = 0; !found && j < b->count; j++) {
            found = typed_same(run, a->entries[i].key, b->entries[j].key) &&
                    typed_same(run, a->entries[i].value, b->entries[j].value);
        }
        same = found;
    }
    return same;
}

bool typed_same(struct run *run, struct value a, struct value b)
{
    if (a.kind != b.kind) {
        return false;
    }
    if (a.kind == VALUE_LIST) {
        bool same = a.len == b.len;
        for (uint32_t i = 0; same && i < a.len; i++) {
            same = typed_same(run, a.items[i], b.items[i]);
        }
        return same;
    }
    if (a.kind == VALUE_MAP) {
        return same_maps(run, a.dict, b.dict);
    }
    if (a.kind == VALUE_DOUBLE) {
        return isnan(a.d) ? isnan(b.d) : a.d == b.d && signbit(a.d) == signbit(b.d);
    }
    return arith_equal(run, a, b);
}

static void put_quoted(struct sink *out, struct value v)
{
    sink_text(out, v.kind == VALUE_BYTES ? "b\"" : "\"");
    for (uint32_t i = 0; i < v.len; i++) {
        unsigned char c = (unsigned char)v.text[i];
        if (c < ' ' || c == '"' || c == '\\' || (v.kind == VALUE_BYTES && c >= 0x7f)) {
            sink_print(out, "\\x%02x", c);
        } else {
            sink_char(out, (char)c);
        }
    }
    sink_char(out, '"');
}

static void put_items(struct sink *out, struct value v)
{
    sink_char(out, v.kind == VALUE_LIST ? '[' : '{');
    for (uint32_t i = 0; v.kind == VALUE_LIST && i < v.len; i++) {
        sink_text(out, i > 0 ? ", " : "");
        typed_put(out, v.items[i]);
    }
    for (uint32_t i = 0; v.kind == VALUE_MAP && i < v.dict->count; i++) {
        sink_text(out, i > 0 ? ", " : "");
        typed_put(out, v.dict->entries[i].key);
        sink_text(out, ": ");
        typed_put(out, v.dict->entries[i].value);
    }
    sink_char(out, v.kind == VALUE_LIST ? ']' : '}');
}

void typed_put(struct sink *out, struct value v)
{
    switch (v.kind) {
    case VALUE_NULL:
        sink_text(out, "null");
        break;
    case VALUE_BOOL:
        sink_text(out, v.truth ? "true" : "false");
        break;
    case VALUE_INT:
        sink_print(out, "%lld", (long long)v.i);
        break;
    case VALUE_UINT:
        sink_print(out, "%lluu", (unsigned long long)v.u);
        break;
    case VALUE_DOUBLE:
        number_put_general(out, v.d, 21);
        sink_text(out, " (double)");
        break;
    case VALUE_STRING:
    case VALUE_BYTES:
        put_quoted(out, v);
        break;
    case VALUE_LIST:
    case VALUE_MAP:
        put_items(out, v);
        break;
    case VALUE_TIMESTAMP:
        moment_put(out, v.i, v.len);
        break;
    case VALUE_DURATION:
        moment_put_span(out, v.i);
        break;
    case VALUE_TYPE:
        sink_text(out, v.type->name);
        break;
    case VALUE_OPTIONAL:
        sink_text(out, v.inner != NULL ? "optional of " : "optional.none()");
        if (v.inner != NULL) {
            typed_put(out, *v.inner);
        }
        break;
    case VALUE_ERROR:
        sink_print(out, "error: %s", v.fault != NULL ? v.fault->text : "?");
        break;
    default:
        address_put(out, v.address, v.kind == VALUE_NETWORK);
    }
}
