/* url_ext.c: parse_url, format_url, parse_query and format_query. */
#include "../lang/dict.h"
#include "catalog.h"
#include "url.h"

static struct value text_value(struct cxd_bytes text)
{
    return value_string(text.ptr != NULL ? text.ptr : "", text.len);
}

static struct value user_map(struct run *run, const struct url *url)
{
    struct dict *dict;

    if (!url->has_user) {
        return value_null();
    }
    dict = dict_new(run->pool, 3);
    if (dict == NULL) {
        return run_out_of_memory(run);
    }
    DICT_SET(dict, "Username", text_value(url->user));
    DICT_SET(dict, "Password", text_value(url->password));
    DICT_SET(dict, "PasswordSet", value_bool(url->has_password));
    return value_map(dict);
}

static struct value parse_url(struct run *run, const struct value *args, uint32_t count)
{
    struct dict *dict = dict_new(run->pool, 10);
    struct value user;
    struct url url;
    const char *problem = url_read(run->pool, value_range(args[0]), &url);

    (void)count;
    if (problem != NULL) {
        return run_fail(run, "parse \"%.*s\": %s", (int)args[0].len, args[0].text, problem);
    }
    user = user_map(run, &url);
    if (dict == NULL || value_is_error(user)) {
        return run_out_of_memory(run);
    }
    DICT_SET(dict, "Scheme", text_value(url.scheme));
    DICT_SET(dict, "Opaque", text_value(url.opaque));
    DICT_SET(dict, "User", user);
    DICT_SET(dict, "Host", text_value(url.host));
    DICT_SET(dict, "Path", text_value(url.path));
    DICT_SET(dict, "RawPath", text_value(url.raw_path));
    DICT_SET(dict, "ForceQuery", value_bool(url.force_query));
    DICT_SET(dict, "RawQuery", text_value(url.query));
    DICT_SET(dict, "Fragment", text_value(url.fragment));
    DICT_SET(dict, "RawFragment", text_value(url.raw_fragment));
    return value_map(dict);
}

static struct cxd_bytes member_text(const struct dict *dict, const char *name)
{
    const struct value *v = dict_find_text(dict, name, strlen(name));

    return v != NULL && v->kind == VALUE_STRING ? value_range(*v) : (struct cxd_bytes){NULL, 0};
}

static bool member_is_true(const struct dict *dict, const char *name)
{
    const struct value *v = dict_find_text(dict, name, strlen(name));

    return v != NULL && v->kind == VALUE_BOOL && v->truth;
}

static struct value format_url(struct run *run, const struct value *args, uint32_t count)
{
    const struct dict *dict = args[0].dict;
    const struct value *user = dict_find_text(dict, "User", 4);
    struct sink out = sink_on(run->pool);
    struct url url = {.scheme = member_text(dict, "Scheme"),
                      .opaque = member_text(dict, "Opaque"),
                      .host = member_text(dict, "Host"),
                      .path = member_text(dict, "Path"),
                      .raw_path = member_text(dict, "RawPath"),
                      .query = member_text(dict, "RawQuery"),
                      .fragment = member_text(dict, "Fragment"),
                      .raw_fragment = member_text(dict, "RawFragment"),
                      .force_query = member_is_true(dict, "ForceQuery")};

    (void)count;
    if (user != NULL && user->kind == VALUE_MAP) {
        url.has_user = true;
        url.user = member_text(user->dict, "Username");
        url.has_password = member_is_true(user->dict, "PasswordSet");
        url.password = url.has_password ? member_text(user->dict, "Password") : url.password;
    } else if (user != NULL && user->kind != VALUE_NULL) {
        return run_fail(run, "unsupported type: %s", value_type_of(*user)->name);
    }
    url_put(&out, &url);
    return run_text(run, &out);
}

/* One more value behind those of the key. */
static bool query_add(struct run *run, struct dict *dict, struct value key, struct value v)
{
    const struct value *known = dict_find(dict, key);
    size_t count = known != NULL ? known->len : 0;
    struct value *items = run_items(run, count + 1);

    if (items == NULL) {
        return false;
    }
    if (count > 0) {
        memcpy(items, known->items, count * sizeof *items);
    }
    items[count] = v;
    (void)dict_put(dict, key, value_list(items, count + 1));
    return true;
}

/* "a=b" into the map; null or an error. */
static struct value query_pair(struct run *run, struct dict *dict, struct cxd_bytes pair)
{
    struct sink key = sink_on(run->pool);
    struct sink v = sink_on(run->pool);
    const char *equals = memchr(pair.ptr, '=', pair.len);
    size_t key_len = equals != NULL ? (size_t)(equals - pair.ptr) : pair.len;
    struct cxd_bytes bad;
    struct value key_value;
    struct value value;

    if (pair.len == 0) {
        return value_null();
    }
    if (memchr(pair.ptr, ';', pair.len) != NULL) {
        return run_fail(run, "invalid semicolon separator in query");
    }
    if (!url_unescape(&key, (struct cxd_bytes){pair.ptr, key_len}, URL_QUERY, &bad) ||
        (equals != NULL && !url_unescape(&v, (struct cxd_bytes){equals + 1, pair.len - key_len - 1},
                                         URL_QUERY, &bad))) {
        return run_fail(run, "invalid URL escape \"%.*s\"", (int)bad.len, bad.ptr);
    }
    key_value = run_text(run, &key);
    value = run_text(run, &v);
    if (value_is_error(key_value) || value_is_error(value) ||
        !query_add(run, dict, key_value, value)) {
        return run_fatal(run);
    }
    return value_null();
}

static struct value parse_query(struct run *run, const struct value *args, uint32_t count)
{
    struct cxd_bytes text = value_range(args[0]);
    size_t pairs = 1;
    struct dict *dict;

    (void)count;
    for (size_t i = 0; i < text.len; i++) {
        pairs += text.ptr[i] == '&' ? 1 : 0;
    }
    dict = run_spend(run, pairs) ? dict_new(run->pool, pairs) : NULL;
    if (dict == NULL) {
        return run->fatal != NULL ? run_fatal(run) : run_out_of_memory(run);
    }
    while (text.len > 0) {
        const char *end = memchr(text.ptr, '&', text.len);
        size_t len = end != NULL ? (size_t)(end - text.ptr) : text.len;
        struct value problem = query_pair(run, dict, (struct cxd_bytes){text.ptr, len});
        if (value_is_error(problem)) {
            return problem;
        }
        len += end != NULL ? 1 : 0;
        text.ptr += len;
        text.len -= len;
    }
    return value_map(dict);
}

static bool put_pair(struct sink *out, struct value key, struct value v)
{
    if (key.kind != VALUE_STRING || v.kind != VALUE_STRING) {
        return false;
    }
    if (out->len > 0) {
        sink_char(out, '&');
    }
    url_escape(out, value_range(key), URL_QUERY);
    sink_char(out, '=');
    url_escape(out, value_range(v), URL_QUERY);
    return true;
}

static struct value format_query(struct run *run, const struct value *args, uint32_t count)
{
    const struct dict *dict = args[0].dict;
    const struct dict_entry **sorted = dict_sorted(run->pool, dict);
    struct sink out = sink_on(run->pool);
    bool ok = true;

    (void)count;
    if (sorted == NULL) {
        return run_out_of_memory(run);
    }
    for (uint32_t i = 0; ok && i < dict->count; i++) {
        struct value v = sorted[i]->value;
        struct value list = v.kind == VALUE_LIST ? v : value_list(&sorted[i]->value, 1);
        for (uint32_t j = 0; ok && j < list.len; j++) {
            ok = run_spend(run, 1) && put_pair(&out, sorted[i]->key, list.items[j]);
        }
    }
    if (run->fatal != NULL) {
        return run_fatal(run);
    }
    return ok ? run_text(run, &out)
              : run_fail(run, "no such overload for format_query: values must be lists of strings");
}

const struct function url_functions[] = {
    {"parse_url", FUNCTION_METHOD, 1, 1, VALUE_MASK(VALUE_STRING), parse_url},
    {"format_url", FUNCTION_METHOD, 1, 1, VALUE_MASK(VALUE_MAP), format_url},
    {"parse_query", FUNCTION_METHOD, 1, 1, VALUE_MASK(VALUE_STRING), parse_query},
    {"format_query", FUNCTION_METHOD, 1, 1, VALUE_MASK(VALUE_MAP), format_query},
    {NULL}};
