/*
 * limit.c: rate_limit: what a server says about its limits, as a map of rate, next, burst and reset. What is missing in the
 * headers is missing in the map; what cannot be read is told as `error`.
 */
#include "../lang/dict.h"
#include "../lang/moment.h"
#include "../lang/number.h"
#include "../lang/services.h"
#include "catalog.h"
#include "layout.h"

#include <math.h>

struct limit {
    struct run *run;
    struct cxd_bytes limit;
    struct cxd_bytes remaining;
    struct cxd_bytes reset;
    struct dict *out;
    double window; /* seconds */
};

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

static bool same_name(struct value key, struct cxd_bytes name, bool canonical)
{
    if (key.kind != VALUE_STRING || key.len != name.len) {
        return false;
    }
    for (size_t i = 0; i < name.len; i++) {
        if (canonical ? lower(key.text[i]) != lower(name.ptr[i]) : key.text[i] != name.ptr[i]) {
            return false;
        }
    }
    return true;
}

/* The first value of the header; empty: none. */
static struct cxd_bytes header_get(const struct dict *headers, struct cxd_bytes name,
                                   bool canonical)
{
    for (uint32_t i = 0; i < headers->count; i++) {
        struct value v = headers->entries[i].value;
        if (!same_name(headers->entries[i].key, name, canonical)) {
            continue;
        }
        v = v.kind == VALUE_LIST && v.len > 0 ? v.items[0] : v;
        return v.kind == VALUE_STRING ? value_range(v) : (struct cxd_bytes){"", 0};
    }
    return (struct cxd_bytes){"", 0};
}

static void put_quoted(struct sink *out, struct cxd_bytes text)
{
    sink_char(out, '"');
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '"' || text.ptr[i] == '\\') {
            sink_char(out, '\\');
        }
        sink_char(out, text.ptr[i]);
    }
    sink_char(out, '"');
}

/* Reads the three headers and says what they were. Null or an error. */
static struct value headers_read(struct limit *l, const struct dict *headers,
                                 struct cxd_bytes prefix, bool canonical)
{
    static const char *const suffixes[] = {"-Limit", "-Remaining", "-Reset"};
    struct cxd_bytes *into[] = {&l->limit, &l->remaining, &l->reset};
    struct sink text = sink_on(l->run->pool);
    struct value shown;

    for (size_t i = 0; i < 3; i++) {
        struct sink name = sink_on(l->run->pool);
        sink_put(&name, prefix.ptr, prefix.len);
        sink_text(&name, suffixes[i]);
        if (name.failed) {
            return run_out_of_memory(l->run);
        }
        *into[i] = header_get(headers, (struct cxd_bytes){name.text, name.len}, canonical);
        sink_text(&text, i > 0 ? " " : "");
        sink_put(&text, name.text, name.len);
        sink_char(&text, '=');
        put_quoted(&text, *into[i]);
    }
    shown = run_text(l->run, &text);
    DICT_SET(l->out, "headers", shown);
    return value_is_error(shown) ? shown : value_null();
}

static struct value told(struct limit *l, const char *what, struct cxd_bytes text)
{
    struct sink out = sink_on(l->run->pool);
    struct value v;

    sink_text(&out, what);
    put_quoted(&out, text);
    sink_text(&out, what[0] == 'c' ? " as number or timestamp" : ": invalid syntax");
    v = run_text(l->run, &out);
    DICT_SET(l->out, "error", v);
    return value_is_error(v) ? v : value_map(l->out);
}

static int64_t wall_ns(const struct run *run)
{
    return run->services != NULL && run->services->wall_ns != NULL
               ? run->services->wall_ns(run->services->ctx)
               : run->now.i * MOMENT_SECOND + run->now.len;
}

/* Seconds until the instant; cut off at the ends of a duration. */
static double until(const struct run *run, struct value at)
{
    int64_t now = wall_ns(run);
    struct value here = value_timestamp(now / MOMENT_SECOND, (uint32_t)(now % MOMENT_SECOND));
    int64_t ns = at.i > here.i ? INT64_MAX : INT64_MIN;

    (void)moment_between(at, here, &ns); /* stays at the end when it does not fit */
    return (double)ns / MOMENT_SECOND;
}

static bool reset_date(struct cxd_bytes text, struct value *ret_at)
{
    static const char *const layouts[] = {"Mon, 02 Jan 2006 15:04:05 GMT",
                                          "Mon, 02 Jan 2006 15:04:05 MST"};
    struct pool none;
    uint32_t ns = 0;
    int64_t seconds = 0;

    pool_init(&none, 4096);
    for (size_t i = 0; i < 2; i++) {
        struct sink why = sink_on(&none);
        bool ok = layout_read((struct cxd_bytes){layouts[i], strlen(layouts[i])}, text, &seconds,
                              &ns, &why);
        pool_clear(&none);
        if (ok) {
            *ret_at = value_timestamp(seconds, ns);
            break;
        }
    }
    pool_done(&none);
    return ret_at->kind == VALUE_TIMESTAMP;
}

/* When the limit is reset, and the seconds until then. False: not understood. */
static bool reset_read(struct limit *l, bool delta, double *ret_per, struct value *ret_at)
{
    int64_t now = wall_ns(l->run);
    double seconds = 0;

    *ret_at = value_null();
    if (number_read(l->reset, &seconds) && fabs(seconds) < 9.0e9) {
        if (delta) {
            struct value here =
                value_timestamp(now / MOMENT_SECOND, (uint32_t)(now % MOMENT_SECOND));
            *ret_per = seconds;
            return moment_add(here, (int64_t)seconds * MOMENT_SECOND, ret_at);
        }
        *ret_at = value_timestamp((int64_t)seconds, 0);
        *ret_per = until(l->run, *ret_at);
        return true;
    }
    if (!reset_date(l->reset, ret_at)) {
        return false;
    }
    *ret_per = until(l->run, *ret_at);
    return true;
}

static bool limit_begin(struct limit *l, struct run *run, double window)
{
    *l = (struct limit){.run = run, .out = dict_new(run->pool, 8), .window = window};
    return l->out != NULL;
}

static void limit_set(struct limit *l, double rate, double next, int64_t burst, struct value reset)
{
    DICT_SET(l->out, "rate", value_double(rate));
    DICT_SET(l->out, "next", value_double(next));
    DICT_SET(l->out, "burst", value_int(burst));
    DICT_SET(l->out, "reset", reset);
}

static bool is_missing(const struct limit *l)
{
    return l->limit.len == 0 || l->remaining.len == 0 || l->reset.len == 0;
}

static struct value okta(struct limit *l)
{
    double limit = 0;
    double remaining = 0;
    double per = 0;
    struct value reset;

    if (!number_read(l->limit, &limit)) {
        return told(l, "strconv.ParseFloat: parsing ", l->limit);
    }
    if (!number_read(l->remaining, &remaining)) {
        return told(l, "strconv.ParseFloat: parsing ", l->remaining);
    }
    if (!reset_read(l, false, &per, &reset)) {
        return told(l, "strconv.ParseInt: parsing ", l->reset);
    }
    limit_set(l, remaining / per, limit / l->window, 1, reset);
    return value_map(l->out);
}

static struct cxd_bytes trimmed(struct cxd_bytes text)
{
    while (text.len > 0 && text.ptr[0] == ' ') {
        text.ptr++;
        text.len--;
    }
    while (text.len > 0 && text.ptr[text.len - 1] == ' ') {
        text.len--;
    }
    return text;
}

/* The piece up to the separator; *text is moved behind it. */
static struct cxd_bytes piece_take(struct cxd_bytes *text, char separator)
{
    const char *end = text->len > 0 ? memchr(text->ptr, separator, text->len) : NULL;
    size_t len = end != NULL ? (size_t)(end - text->ptr) : text->len;
    struct cxd_bytes piece = {text->ptr, len};

    len += end != NULL ? 1 : 0;
    text->ptr += len;
    text->len -= len;
    return trimmed(piece);
}

static bool attribute(struct cxd_bytes piece, const char *name, int64_t *ret)
{
    size_t len = strlen(name);

    return piece.len > len && memcmp(piece.ptr, name, len) == 0 &&
           number_read_int((struct cxd_bytes){piece.ptr + len, piece.len - len}, ret);
}

/* "12;window=1; burst=1000": counts when its quota is not above the limit. False: malformed. */
static bool policy_read(struct cxd_bytes policy, int64_t quota, double *window, int64_t *burst)
{
    struct cxd_bytes first = piece_take(&policy, ';');
    int64_t own = 0;
    int64_t number = 0;

    if (!number_read_int(first, &own)) {
        return false;
    }
    while (own <= quota && policy.len > 0) {
        struct cxd_bytes piece = piece_take(&policy, ';');
        if (attribute(piece, "window=", &number) && number >= 0) {
            *window = (double)number;
        } else if (attribute(piece, "burst=", &number) && number > 0) {
            *burst = number;
        }
    }
    return true;
}

static struct value draft(struct limit *l)
{
    struct cxd_bytes policies = l->limit;
    struct cxd_bytes first = piece_take(&policies, ',');
    double window = l->window;
    double remaining = 0;
    double per = 0;
    int64_t quota = 0;
    int64_t burst = 1;
    struct value reset;

    if (!number_read(l->remaining, &remaining)) {
        return told(l, "strconv.ParseFloat: parsing ", l->remaining);
    }
    if (!reset_read(l, true, &per, &reset)) {
        return told(l, "could not parse ", l->reset);
    }
    if (!number_read_int(first, &quota)) {
        return told(l, "strconv.Atoi: parsing ", first);
    }
    while (policies.len > 0) {
        struct cxd_bytes policy = piece_take(&policies, ',');
        if (!policy_read(policy, quota, &window, &burst)) {
            return told(l, "strconv.Atoi: parsing ", policy);
        }
    }
    limit_set(l, remaining / per, (double)quota / window, burst, reset);
    return value_map(l->out);
}

/* rate_limit(headers, policy, window) */
static struct value named(struct run *run, const struct value *args)
{
    bool is_okta = value_text_is(args[1], "okta");
    struct value problem;
    struct limit l;

    if (args[1].kind != VALUE_STRING || args[2].kind != VALUE_DURATION) {
        return run_no_overload(run);
    }
    if (!is_okta && !value_text_is(args[1], "draft")) {
        return run_fail(run, "unknown policy: \"%.*s\"", (int)args[1].len, args[1].text);
    }
    if (!limit_begin(&l, run, (double)args[2].i / MOMENT_SECOND)) {
        return run_out_of_memory(run);
    }
    problem = headers_read(&l, args[0].dict,
                           is_okta ? CXD_LIT("X-Rate-Limit") : CXD_LIT("Rate-Limit"), true);
    if (value_is_error(problem) || is_missing(&l)) {
        return value_is_error(problem) ? problem : value_map(l.out);
    }
    return is_okta ? okta(&l) : draft(&l);
}

/* rate_limit(headers, prefix, canonical, delta, window, burst) */
static struct value general(struct run *run, const struct value *args)
{
    struct value problem;
    struct value reset;
    struct limit l;
    double limit = 0;
    double remaining = 0;
    double per = 0;

    if (args[1].kind != VALUE_STRING || args[2].kind != VALUE_BOOL || args[3].kind != VALUE_BOOL ||
        args[4].kind != VALUE_DURATION || args[5].kind != VALUE_INT) {
        return run_no_overload(run);
    }
    if (!limit_begin(&l, run, (double)args[4].i / MOMENT_SECOND)) {
        return run_out_of_memory(run);
    }
    problem = headers_read(&l, args[0].dict, value_range(args[1]), args[2].truth);
    if (value_is_error(problem) || is_missing(&l)) {
        return value_is_error(problem) ? problem : value_map(l.out);
    }
    if (!number_read(l.limit, &limit)) {
        return told(&l, "strconv.ParseFloat: parsing ", l.limit);
    }
    if (!number_read(l.remaining, &remaining)) {
        return told(&l, "strconv.ParseFloat: parsing ", l.remaining);
    }
    if (!reset_read(&l, args[3].truth, &per, &reset)) {
        return told(&l, "could not parse ", l.reset);
    }
    limit_set(&l, remaining / (per * l.window), limit / l.window, args[5].i < 1 ? 1 : args[5].i,
              reset);
    return value_map(l.out);
}

static struct value rate_limit(struct run *run, const struct value *args, uint32_t count)
{
    return count == 3 ? named(run, args) : count == 6 ? general(run, args) : run_no_overload(run);
}

const struct function limit_functions[] = {
    {"rate_limit", FUNCTION_FREE, 3, 6, VALUE_MASK(VALUE_MAP), rate_limit}, {NULL}};
