/* attempt.c: try, is_error and debug: the functions that see errors, and the one that talks. */
#include "../lang/dict.h"
#include "../lang/services.h"
#include "catalog.h"
#include "json_text.h"

static struct value try(struct run *run, const struct value *args, uint32_t count)
{
    struct value text;
    struct dict *dict;

    if (!value_is_error(args[0])) {
        return args[0];
    }
    text = value_string(args[0].fault->text, strlen(args[0].fault->text));
    if (count == 1) {
        return text;
    }
    if (args[1].kind != VALUE_STRING) {
        return value_is_error(args[1]) ? args[1] : run_no_overload(run);
    }
    dict = dict_new(run->pool, 1);
    if (dict == NULL) {
        return run_out_of_memory(run);
    }
    (void)dict_put(dict, args[1], text);
    return value_map(dict);
}

static struct value is_error(struct run *run, const struct value *args, uint32_t count)
{
    (void)run;
    (void)count;
    return value_bool(value_is_error(args[0]));
}

static struct value debug(struct run *run, const struct value *args, uint32_t count)
{
    const struct services *s = run->services;
    struct sink out = sink_on(run->pool);
    struct value problem;

    (void)count;
    if (args[0].kind != VALUE_STRING) {
        return value_is_error(args[0]) ? args[0] : run_no_overload(run);
    }
    if (s == NULL || s->debug == NULL) {
        return args[1];
    }
    if (value_is_error(args[1])) {
        sink_text(&out, args[1].fault->text);
    } else if (!json_text_put(run, &out, args[1], &problem)) {
        out.len = 0;
        sink_text(&out, value_type_of(args[1])->name);
    }
    if (run->fatal != NULL) {
        return run_fatal(run);
    }
    if (!out.failed) {
        s->debug(s->ctx, value_range(args[0]), (struct cxd_bytes){out.text, out.len});
    }
    return args[1];
}

const struct function attempt_functions[] = {
    {"try", FUNCTION_FREE | FUNCTION_ERRORS, 1, 2, 0, try},
    {"is_error", FUNCTION_FREE | FUNCTION_ERRORS, 1, 1, 0, is_error},
    {"debug", FUNCTION_FREE | FUNCTION_ERRORS, 2, 2, 0, debug},
    {NULL}};
