/*
 * aws.c: sign_aws_from_env, sign_aws_from_shared and sign_aws_from_static: a request map with Amazon's signature. Unlike mito's,
 * the signature covers the body, without which no service accepts it.
 */
#include "../lang/dict.h"
#include "../lang/sink.h"
#include "catalog.h"
#include "request.h"
#include "sigv4.h"

#define MAP VALUE_MASK(VALUE_MAP)
#define SIGN_STEPS 200

/* The six names that the last argument has, no more and no less. */
static bool options_read(const struct dict *map, struct sigv4_ask *ask)
{
    const struct value *service = dict_find_text(map, "service", 7);
    const struct value *region = dict_find_text(map, "region", 6);
    const struct value *time = dict_find_text(map, "sign_time", 9);
    const struct value *no_hoist = dict_find_text(map, "no_hoist", 8);
    const struct value *no_escape = dict_find_text(map, "no_escape", 9);
    const struct value *no_token = dict_find_text(map, "disable_session_token", 21);

    if (map->count != 6 || service == NULL || region == NULL || time == NULL || no_hoist == NULL ||
        no_escape == NULL || no_token == NULL || service->kind != VALUE_STRING ||
        region->kind != VALUE_STRING || time->kind != VALUE_TIMESTAMP ||
        no_hoist->kind != VALUE_BOOL || no_escape->kind != VALUE_BOOL ||
        no_token->kind != VALUE_BOOL) {
        return false;
    }
    ask->service = value_range(*service);
    ask->region = value_range(*region);
    ask->seconds = time->i;
    ask->path_as_it_is = no_escape->u != 0;
    ask->token_unsigned = no_token->u != 0;
    return true; /* no_hoist is for addresses that carry the signature */
}

static struct value header_with(struct run *run, struct value header, const char *name,
                                struct cxd_bytes text)
{
    struct value *items = run_items(run, 1);

    if (items == NULL) {
        return run_fatal(run);
    }
    items[0] = value_string(text.ptr, text.len);
    return request_with(run, header.dict, value_string(name, strlen(name)), value_list(items, 1));
}

static struct value signed_map(struct run *run, struct value map, const struct sigv4_answer *answer)
{
    const struct value *old = dict_find_text(map.dict, "Header", 6);
    struct value header = old != NULL && old->kind == VALUE_MAP ? *old : value_null();
    struct dict *none = header.kind == VALUE_NULL ? dict_new(run->pool, 0) : NULL;

    if (header.kind == VALUE_NULL) {
        if (none == NULL) {
            return run_out_of_memory(run);
        }
        header = value_map(none);
    }
    header = header_with(run, header, "X-Amz-Date", answer->date);
    if (!value_is_error(header) && answer->token.len > 0) {
        header = header_with(run, header, "X-Amz-Security-Token", answer->token);
    }
    if (!value_is_error(header)) {
        header = header_with(run, header, "Authorization", answer->authorization);
    }
    return value_is_error(header) ? header
                                  : request_with(run, map.dict, VALUE_TEXT("Header"), header);
}

static struct value sign(struct run *run, struct value map, struct value options,
                         const struct services_keys *keys)
{
    struct services_header headers[SIGV4_HEADERS_MAX];
    struct services_request request = {.headers = headers};
    struct sigv4_answer answer;
    struct sigv4_ask ask = {.keys = keys};
    struct value problem;
    const char *why;

    if (options.kind != VALUE_MAP || !options_read(options.dict, &ask)) {
        return run_fail(run, "the signing arguments are service, region, sign_time, no_hoist, "
                             "no_escape and disable_session_token");
    }
    if (run->services == NULL || run->services->sha256 == NULL) {
        return run_fail(run, "sha256 is not available here");
    }
    problem = request_read(run, map.dict, &request, headers, SIGV4_HEADERS_MAX);
    if (value_is_error(problem)) {
        return problem;
    }
    if (!run_spend(run, SIGN_STEPS + request.body.len / 16)) {
        return run_fatal(run);
    }
    ask.method = request.method;
    ask.url = request.url;
    ask.body = request.body;
    ask.headers = headers;
    ask.header_count = request.header_count;
    why = sigv4_sign(run->pool, run->services, &ask, &answer);
    if (run->pool->status != 0) {
        return run_out_of_memory(run);
    }
    return why != NULL ? run_fail(run, "%s", why) : signed_map(run, map, &answer);
}

static struct value from_found(struct run *run, struct value map, struct value options,
                               const char *file, const char *profile)
{
    struct services_keys keys = {{NULL, 0}, {NULL, 0}, {NULL, 0}};
    struct cxd_error err = CXD_ERROR_INIT;

    if (run->services == NULL || run->services->keys == NULL) {
        return run_fail(run, "keys of the environment are not available here");
    }
    if (run->services->keys(run->pool, file, profile, &keys, &err) < 0) {
        return err.status == CXD_NOMEM ? run_out_of_memory(run) : run_fail(run, "%s", err.text);
    }
    return sign(run, map, options, &keys);
}

static struct value from_env(struct run *run, const struct value *args, uint32_t count)
{
    (void)count;
    return from_found(run, args[0], args[1], NULL, NULL);
}

static struct value from_shared(struct run *run, const struct value *args, uint32_t count)
{
    const char *file;
    const char *profile;

    (void)count;
    if (args[1].kind != VALUE_STRING || args[2].kind != VALUE_STRING) {
        return run_no_overload(run);
    }
    file = pool_copy(run->pool, args[1].text, args[1].len);
    profile = pool_copy(run->pool, args[2].text, args[2].len);
    return file != NULL && profile != NULL ? from_found(run, args[0], args[3], file, profile)
                                           : run_out_of_memory(run);
}

static struct value from_static(struct run *run, const struct value *args, uint32_t count)
{
    struct services_keys keys;

    for (uint32_t i = 1; i < count - 1; i++) {
        if (args[i].kind != VALUE_STRING) {
            return run_no_overload(run);
        }
    }
    keys = (struct services_keys){value_range(args[1]), value_range(args[2]), value_range(args[3])};
    return sign(run, args[0], args[count - 1], &keys);
}

const struct function aws_functions[] = {
    {"sign_aws_from_env", FUNCTION_METHOD, 2, 2, MAP, from_env},
    {"sign_aws_from_shared", FUNCTION_METHOD, 4, 4, MAP, from_shared},
    {"sign_aws_from_static", FUNCTION_METHOD, 5, 6, MAP, from_static},
    {NULL}};
