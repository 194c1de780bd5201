/* printf.c: sprintf: flags, width and precision of a verb, and what is missing or left over. */
#include "printf.h"

#include "../lang/utf8.h"
#include "catalog.h"

#define WIDTH_MAX 10000

/* The piece padded to its width; zeros go behind the sign. */
static void put_padded(struct sink *out, const struct sink *piece, const struct printf_spec *s,
                       bool number)
{
    struct cxd_bytes text = {piece->text != NULL ? piece->text : "", piece->len};
    int pad = s->width - (int)utf8_count(text);
    bool zeros = s->zero && !s->minus;
    size_t sign = 0;

    if (pad > 0 && !s->minus) {
        sign = zeros && number && text.len > 0 && strchr("+- ", text.ptr[0]) != NULL ? 1 : 0;
        sink_put(out, text.ptr, sign);
        for (; pad > 0; pad--) {
            sink_char(out, zeros ? '0' : ' ');
        }
    }
    sink_put(out, text.ptr + sign, text.len - sign);
    for (; pad > 0; pad--) {
        sink_char(out, ' ');
    }
}

static int take_number(struct cxd_bytes text, size_t *at)
{
    int number = -1;

    for (; *at < text.len && text.ptr[*at] >= '0' && text.ptr[*at] <= '9'; ++*at) {
        number = (number < 0 ? 0 : number) * 10 + (text.ptr[*at] - '0');
        number = number > WIDTH_MAX ? WIDTH_MAX : number;
    }
    return number;
}

/* at is behind the percent sign, and ends on the verb. */
static struct printf_spec take_spec(struct cxd_bytes text, size_t *at)
{
    struct printf_spec s = {.width = -1, .precision = -1};

    for (; *at < text.len; ++*at) {
        char c = text.ptr[*at];
        s.minus |= c == '-';
        s.plus |= c == '+';
        s.sharp |= c == '#';
        s.space |= c == ' ';
        s.zero |= c == '0';
        if (c == '\0' || strchr("-+# 0", c) == NULL) {
            break;
        }
    }
    s.width = take_number(text, at);
    if (*at < text.len && text.ptr[*at] == '.') {
        ++*at;
        s.precision = take_number(text, at);
        s.precision = s.precision < 0 ? 0 : s.precision;
    }
    s.verb = *at < text.len ? text.ptr[*at] : '\0';
    return s;
}

static void put_extra(struct run *run, struct sink *out, struct value list, uint32_t next)
{
    struct printf_spec plain = {.verb = 'v', .width = -1, .precision = -1};

    sink_text(out, "%!(EXTRA ");
    for (uint32_t i = next; i < list.len; i++) {
        sink_text(out, i > next ? ", " : "");
        if (list.items[i].kind != VALUE_NULL) {
            sink_print(out, "%s=", printf_type(list.items[i]));
        }
        printf_put(run, out, list.items[i], &plain);
    }
    sink_char(out, ')');
}

static void put_one(struct run *run, struct sink *out, struct value v, const struct printf_spec *s)
{
    struct sink piece = sink_on(run->pool);
    bool number =
        value_is(v, VALUE_MASK(VALUE_INT) | VALUE_MASK(VALUE_UINT) | VALUE_MASK(VALUE_DOUBLE));

    if (strchr("vTdsqxXtfFeEgGbocOU", s->verb) == NULL) {
        printf_put_bad(run, &piece, v, s);
    } else {
        printf_put(run, &piece, v, s);
    }
    out->failed |= piece.failed;
    put_padded(out, &piece, s, number);
}

static struct value sprintf_list(struct run *run, const struct value *args, uint32_t count)
{
    struct cxd_bytes text = value_range(args[0]);
    struct sink out = sink_on(run->pool);
    uint32_t next = 0;

    (void)count;
    if (args[1].kind != VALUE_LIST) {
        return run_no_overload(run);
    }
    for (size_t at = 0; at < text.len && run->fatal == NULL; at++) {
        struct printf_spec s;
        if (text.ptr[at] != '%') {
            sink_char(&out, text.ptr[at]);
            continue;
        }
        at++;
        s = take_spec(text, &at);
        if (s.verb == '\0') {
            sink_text(&out, "%!(NOVERB)");
        } else if (s.verb == '%') {
            sink_char(&out, '%');
        } else if (next == args[1].len) {
            sink_print(&out, "%%!%c(MISSING)", s.verb);
        } else if (run_spend(run, 1)) {
            put_one(run, &out, args[1].items[next++], &s);
        }
    }
    if (next < args[1].len) {
        put_extra(run, &out, args[1], next);
    }
    return run->fatal != NULL ? run_fatal(run) : run_text(run, &out);
}

const struct function printf_functions[] = {
    {"sprintf", FUNCTION_BOTH, 2, 2, VALUE_MASK(VALUE_STRING), sprintf_list}, {NULL}};
