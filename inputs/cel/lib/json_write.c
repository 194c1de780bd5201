/* json_write.c: values to JSON as Go writes it, and the JSON functions. */
#include "json_text.h"

#include "../lang/dict.h"
#include "../lang/moment.h"
#include "../lang/number.h"
#include "../lang/utf8.h"
#include "codec.h"
#include "swar.h"

#include <math.h>

#define SAFE_MAX 9007199254740991 /* beyond it an int becomes a string */

static void put_special(struct sink *sink, uint32_t code)
{
    switch (code) {
    case '"':
        sink_text(sink, "\\\"");
        break;
    case '\\':
        sink_text(sink, "\\\\");
        break;
    case '\b':
        sink_text(sink, "\\b");
        break;
    case '\f':
        sink_text(sink, "\\f");
        break;
    case '\n':
        sink_text(sink, "\\n");
        break;
    case '\r':
        sink_text(sink, "\\r");
        break;
    case '\t':
        sink_text(sink, "\\t");
        break;
    case 0x7f:
        sink_char(sink, 0x7f);
        break;
    default:
        sink_print(sink, "\\u%04x", code);
    }
}

/* Fewer bytes than a step, made a step of by plain ones behind them: two moves that overlap reach both ends of the usual ones. */
static inline void last_take(char last[SWAR_STEP], const char *from, size_t len)
{
    memset(last, ' ', SWAR_STEP);
    if (len >= 8) {
        memcpy(last, from, 8);
        memcpy(last + len - 8, from + len - 8, 8);
    } else if (len >= 4) {
        memcpy(last, from, 4);
        memcpy(last + len - 4, from + len - 4, 4);
    } else {
        last[0] = from[0];
        last[len / 2] = from[len / 2];
        last[len - 1] = from[len - 1];
    }
}

/* Copies from `at` on up to the first byte that is not plain; where that is, or the length (also when there is no room). */
static size_t plain_copy(struct sink *sink, struct cxd_bytes text, size_t at)
{
    size_t need = text.len - at + SWAR_STEP;
    char *out = need <= sink->room - sink->len ? sink->text + sink->len : sink_room(sink, need);
    size_t start = at;
    unsigned step = SWAR_STEP;

    if (out == NULL) {
        return text.len;
    }
    while (step == SWAR_STEP && text.len - at >= SWAR_STEP) {
        step = swar_copy(text.ptr + at, out);
        at += step;
        out += step;
    }
    if (step == SWAR_STEP && at < text.len) {
        char last[SWAR_STEP];
        size_t left = text.len - at;
        last_take(last, text.ptr + at, left);
        step = swar_copy(last, out);
        at += step < left ? step : left;
    }
    sink->len += at - start;
    return at;
}

/* Texts of JSON within JSON have a quote every few bytes: whole steps, those with quotes too. Where it stopped. */
static size_t slashed_copy(struct sink *sink, struct cxd_bytes text, size_t at)
{
#ifdef __SSE2__
    const size_t need = SWAR_SLASHED + SWAR_STEP;

    while (text.len - at >= 2 * SWAR_STEP) {
        char *out = need <= sink->room - sink->len ? sink->text + sink->len : sink_room(sink, need);
        char *next = out != NULL ? swar_slash(text.ptr + at, out) : NULL;
        if (next == NULL) {
            break;
        }
        sink->len += (size_t)(next - out);
        at += SWAR_STEP;
    }
#else
    (void)sink;
    (void)text;
#endif
    return at;
}

static void put_string(struct sink *sink, struct cxd_bytes text)
{
    size_t at;

    sink_char(sink, '"');
    at = slashed_copy(sink, text, 0);
    while ((at = plain_copy(sink, text, at)) < text.len) {
        const char quoted[2] = {'\\', text.ptr[at]};
        size_t len = 1;
        uint32_t code;

        if (quoted[1] == '"' || quoted[1] == '\\') {
            sink_put(sink, quoted, sizeof quoted);
            at = slashed_copy(sink, text, at + 1);
            continue;
        }
        code = utf8_get(text.ptr + at, text.len - at, &len);
        if (len > 1 && code != 0x2028 && code != 0x2029) {
            sink_put(sink, text.ptr + at, len);
        } else {
            put_special(sink, code);
        }
        at += len;
    }
    sink_char(sink, '"');
}

static void put_int(struct sink *sink, bool negative, uint64_t magnitude)
{
    const char *quote = magnitude > SAFE_MAX ? "\"" : "";

    sink_print(sink, "%s%s%llu%s", quote, negative ? "-" : "", (unsigned long long)magnitude,
               quote);
}

static void put_double(struct sink *sink, struct value v)
{
    uint64_t magnitude;
    bool negative;

    if (value_whole_get(v, &negative, &magnitude)) {
        sink_print(sink, "%s%llu", negative ? "-" : "", (unsigned long long)magnitude);
    } else if (isnan(v.d)) {
        sink_text(sink, "\"NaN\"");
    } else if (isinf(v.d)) {
        sink_text(sink, v.d < 0 ? "\"-Infinity\"" : "\"Infinity\"");
    } else {
        number_put_json(sink, v.d);
    }
}

static void put_key(struct sink *sink, struct value key)
{
    if (key.kind == VALUE_STRING) {
        put_string(sink, value_range(key));
    } else if (key.kind == VALUE_BOOL) {
        sink_text(sink, key.truth ? "\"true\"" : "\"false\"");
    } else if (key.kind == VALUE_INT) {
        sink_print(sink, "\"%lld\"", (long long)key.i);
    } else {
        sink_print(sink, "\"%llu\"", (unsigned long long)key.u);
    }
    sink_char(sink, ':');
}

static bool put_map(struct run *run, struct sink *sink, const struct dict *dict,
                    struct value *ret_problem)
{
    const struct dict_entry **sorted =
        dict_sorted_alike(run->pool, dict, &run->order, &run->order_count);

    if (sorted == NULL) {
        *ret_problem = run_out_of_memory(run);
        return false;
    }
    sink_char(sink, '{');
    for (uint32_t i = 0; i < dict->count; i++) {
        if (i > 0) {
            sink_char(sink, ',');
        }
        put_key(sink, sorted[i]->key);
        if (!json_text_put(run, sink, sorted[i]->value, ret_problem)) {
            return false;
        }
    }
    sink_char(sink, '}');
    return true;
}

static bool put_list(struct run *run, struct sink *sink, struct value v, struct value *ret_problem)
{
    sink_char(sink, '[');
    for (uint32_t i = 0; i < v.len; i++) {
        if (i > 0) {
            sink_char(sink, ',');
        }
        if (!json_text_put(run, sink, v.items[i], ret_problem)) {
            return false;
        }
    }
    sink_char(sink, ']');
    return true;
}

static bool put_container(struct run *run, struct sink *sink, struct value v,
                          struct value *ret_problem)
{
    bool ok;

    if (!run_spend(run, 1 + (v.kind == VALUE_LIST ? v.len : v.dict->count)) || !run_down(run)) {
        *ret_problem = run_fatal(run);
        return false;
    }
    ok = v.kind == VALUE_LIST ? put_list(run, sink, v, ret_problem)
                              : put_map(run, sink, v.dict, ret_problem);
    run_up(run);
    return ok;
}

static bool put_optional(struct run *run, struct sink *sink, struct value v,
                         struct value *ret_problem)
{
    bool ok;

    if (v.inner == NULL) {
        *ret_problem = run_fail(run, "failed to get native value for JSON");
        return false;
    }
    if (!run_down(run)) {
        *ret_problem = run_fatal(run);
        return false;
    }
    ok = json_text_put(run, sink, *v.inner, ret_problem);
    run_up(run);
    return ok;
}

bool json_text_put(struct run *run, struct sink *sink, struct value v, struct value *ret_problem)
{
    switch (v.kind) {
    case VALUE_NULL:
        sink_put(sink, "null", 4);
        break;
    case VALUE_BOOL:
        sink_text(sink, v.truth ? "true" : "false");
        break;
    case VALUE_INT:
        put_int(sink, v.i < 0, v.i < 0 ? 0 - v.u : v.u);
        break;
    case VALUE_UINT:
        put_int(sink, false, v.u);
        break;
    case VALUE_DOUBLE:
        put_double(sink, v);
        break;
    case VALUE_STRING:
        put_string(sink, value_range(v));
        break;
    case VALUE_BYTES:
        sink_char(sink, '"');
        codec_put_base64(sink, value_range(v), true);
        sink_char(sink, '"');
        break;
    case VALUE_LIST:
    case VALUE_MAP:
        return put_container(run, sink, v, ret_problem);
    case VALUE_TIMESTAMP:
        sink_char(sink, '"');
        moment_put(sink, v.i, v.len);
        sink_char(sink, '"');
        break;
    case VALUE_DURATION:
        sink_char(sink, '"');
        moment_put_span(sink, v.i);
        sink_char(sink, '"');
        break;
    case VALUE_OPTIONAL:
        return put_optional(run, sink, v, ret_problem);
    default:
        *ret_problem =
            run_fail(run, "failed to get native value for JSON: %s", value_type_of(v)->name);
        return false;
    }
    return true;
}

static struct value encode(struct run *run, const struct value *args, uint32_t count)
{
    struct sink out = sink_on(run->pool);
    struct value problem;

    (void)count;
    return json_text_put(run, &out, args[0], &problem) ? run_text(run, &out) : problem;
}

static struct value decode(struct run *run, const struct value *args, uint32_t count)
{
    (void)count;
    return json_text_read_all(run, value_range(args[0]), 0);
}

static struct value decode_string_numbers(struct run *run, const struct value *args, uint32_t count)
{
    (void)count;
    return json_text_read_all(run, value_range(args[0]), JSON_TEXT_STRING_NUMBERS);
}

static struct value stream(struct run *run, struct value v, uint32_t flags)
{
    struct cxd_bytes text = value_range(v);
    struct value *items = NULL;
    size_t made = 0;
    size_t room = 0;
    size_t at = 0;

    for (;;) {
        while (at < text.len && strchr(" \n\t\r", text.ptr[at]) != NULL && text.ptr[at] != '\0') {
            at++;
        }
        if (at >= text.len) {
            return value_list(items, made);
        }
        if (made == room) {
            struct value *more = run_items(run, room = room * 2 + 8);
            if (more == NULL) {
                return run_fatal(run);
            }
            if (made > 0) {
                memcpy(more, items, made * sizeof *items);
            }
            items = more;
        }
        items[made] = json_text_read(run, text, &at, flags);
        if (value_is_error(items[made++])) {
            return items[made - 1];
        }
    }
}

static struct value decode_stream(struct run *run, const struct value *args, uint32_t count)
{
    (void)count;
    return stream(run, args[0], 0);
}

static struct value decode_stream_string_numbers(struct run *run, const struct value *args,
                                                 uint32_t count)
{
    (void)count;
    return stream(run, args[0], JSON_TEXT_STRING_NUMBERS);
}

#define TEXTUAL (VALUE_MASK(VALUE_STRING) | VALUE_MASK(VALUE_BYTES))

const struct function json_text_functions[] = {
    {"encode_json", FUNCTION_BOTH, 1, 1, 0, encode},
    {"decode_json", FUNCTION_BOTH, 1, 1, TEXTUAL, decode},
    {"decode_json_string_numbers", FUNCTION_BOTH, 1, 1, TEXTUAL, decode_string_numbers},
    {"decode_json_stream", FUNCTION_BOTH, 1, 1, TEXTUAL, decode_stream},
    {"decode_json_stream_string_numbers", FUNCTION_BOTH, 1, 1, TEXTUAL,
     decode_stream_string_numbers},
    {NULL}};
