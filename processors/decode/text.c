/* text.c: decode_base64_field, urldecode, decode_duration: short texts by short rules. */
#include "lib/edit.h"
#include "lib/number.h"

#include <string.h>

/* Fetches the text of a field. 1, 0: absent, and that is no failure; EDIT_FAILED; negative. */
static int text_get(struct edit *e, const struct path *field, struct cxd_bytes *ret_text)
{
    struct edit_spot spot;
    int r = edit_find(e, field, &spot);

    if (r <= 0) {
        return r < 0 ? r : edit_missing(e, field);
    }
    r = edit_text(e, field, &spot.node->value, ret_text);
    return r == CXD_OK ? 1 : r;
}

/* --- decode_base64_field ------------------------------------------------------------------------------ */

struct decode_base64_field {
    struct base base;
    struct path from;
    struct path to;
};

static int decode_base64_field_open(struct base *b, struct cxd_bytes options, struct cxd_error *err)
{
    struct decode_base64_field *p = (struct decode_base64_field *)b;
    int r = path_option(b, options, "field.from", &p->from, err);

    if (r == CXD_OK && base_text(b, options, "field.to").len > 0) {
        return path_option(b, options, "field.to", &p->to, err);
    }
    p->to = p->from;
    return r;
}

static unsigned letter_value(char c)
{
    if (c >= 'A' && c <= 'Z') {
        return (unsigned)(c - 'A');
    }
    if (c >= 'a' && c <= 'z') {
        return (unsigned)(c - 'a') + 26;
    }
    if (c >= '0' && c <= '9') {
        return (unsigned)(c - '0') + 52;
    }
    return c == '+' ? 62 : c == '/' ? 63 : 64;
}

/* Line ends are passed over; the filling may be left out, but not be wrong. */
static bool base64_read(struct cxd_bytes text, char *out, size_t *ret_len)
{
    unsigned held = 0;
    unsigned letters = 0;
    size_t filling = 0;

    *ret_len = 0;
    for (size_t i = 0; i < text.len; i++) {
        unsigned value = letter_value(text.ptr[i]);
        if (text.ptr[i] == '\n' || text.ptr[i] == '\r') {
            continue;
        }
        filling += text.ptr[i] == '=';
        if (text.ptr[i] == '=') {
            continue;
        }
        if (value == 64 || filling > 0) {
            return false;
        }
        held = held << 6 | value;
        if (++letters % 4 != 1) {
            out[(*ret_len)++] = (char)(held >> (6 - 2 * ((letters - 1) % 4)));
        }
    }
    return letters % 4 != 1 && (filling == 0 || (letters + filling) % 4 == 0) && filling < 3;
}

static int decode_base64_field_run(struct edit *e)
{
    struct decode_base64_field *p = (struct decode_base64_field *)e->base;
    struct cxd_bytes text;
    char *out;
    size_t len;
    int r = text_get(e, &p->from, &text);

    if (r != 1) {
        return r;
    }
    out = edit_alloc(e, text.len + 1);
    if (out == NULL) {
        return edit_lack(e);
    }
    if (!base64_read(text, out, &len)) {
        return edit_fail(e, "field %.200s is not base64", p->from.name.ptr);
    }
    return edit_put_value(e, &p->to, edit_text_value((struct cxd_bytes){out, len}));
}

static const struct cxd_option decode_base64_field_options[] = {
    {.name = "field.from",
     .type = CXD_OPTION_STRING,
     .flags = CXD_OPTION_REQUIRED,
     .help = "Text in base64."},
    {.name = "field.to",
     .type = CXD_OPTION_STRING,
     .help = "Where the result goes; absent: into the field itself."},
    OPTION_IGNORE_MISSING,
    OPTION_FAIL_ON_ERROR,
    {.name = NULL},
};

BASE_MODULE(decode_base64_field, NULL, "decodes base64", NULL)

/* --- urldecode ---------------------------------------------------------------------------------------- */

struct urldecode {
    struct base base;
    struct path_pair *pairs;
    size_t count;
};

static int urldecode_open(struct base *b, struct cxd_bytes options, struct cxd_error *err)
{
    struct urldecode *p = (struct urldecode *)b;

    return path_pairs(b, options, "fields", false, &p->pairs, &p->count, err);
}

static unsigned hex_value(char c)
{
    if (c >= '0' && c <= '9') {
        return (unsigned)(c - '0');
    }
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? (unsigned)(c - 'a') + 10 : 16;
}

static bool url_read(struct cxd_bytes text, char *out, size_t *ret_len)
{
    *ret_len = 0;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i] == '+' ? ' ' : text.ptr[i];
        if (c == '%') {
            unsigned high = i + 2 < text.len ? hex_value(text.ptr[i + 1]) : 16;
            unsigned low = i + 2 < text.len ? hex_value(text.ptr[i + 2]) : 16;
            if (high > 15 || low > 15) {
                return false;
            }
            c = (char)(high << 4 | low);
            i += 2;
        }
        out[(*ret_len)++] = c;
    }
    return true;
}

static int pair_decode(struct edit *e, const struct path_pair *pair)
{
    struct cxd_bytes text;
    char *out;
    size_t len;
    int r = text_get(e, &pair->from, &text);

    if (r != 1) {
        return r;
    }
    out = edit_alloc(e, text.len + 1);
    if (out == NULL) {
        return edit_lack(e);
    }
    if (!url_read(text, out, &len)) {
        return edit_fail(e, "field %.200s: %% without two hexadecimal digits", pair->from.name.ptr);
    }
    return edit_put_value(e, pair->has_to ? &pair->to : &pair->from,
                          edit_text_value((struct cxd_bytes){out, len}));
}

static int urldecode_run(struct edit *e)
{
    struct urldecode *p = (struct urldecode *)e->base;
    int r = CXD_OK;

    for (size_t i = 0; i < p->count && r == CXD_OK; i++) {
        r = edit_next(e, pair_decode(e, &p->pairs[i]));
    }
    return r;
}

static const struct cxd_option pair_options[] = {
    {.name = "from",
     .type = CXD_OPTION_STRING,
     .flags = CXD_OPTION_REQUIRED,
     .help = "Text with %XX and + in it."},
    {.name = "to",
     .type = CXD_OPTION_STRING,
     .help = "Where the result goes; absent: into the field itself."},
    {.name = NULL},
};

static const struct cxd_option urldecode_options[] = {
    {.name = "fields",
     .type = CXD_OPTION_GROUP_LIST,
     .flags = CXD_OPTION_REQUIRED,
     .help = "Fields with their targets.",
     .children = pair_options},
    OPTION_IGNORE_MISSING,
    OPTION_FAIL_ON_ERROR,
    {.name = NULL},
};

BASE_MODULE(urldecode, NULL, "decodes the query parts of URLs", NULL)

/* --- decode_duration ---------------------------------------------------------------------------------- */

struct decode_duration {
    struct base base;
    struct path field;
    double unit_ns;
};

static int decode_duration_open(struct base *b, struct cxd_bytes options, struct cxd_error *err)
{
    static const char *const formats[] = {"milliseconds", "seconds", "minutes", "hours", NULL};
    static const double units[] = {1e6, 1e9, 60e9, 3600e9};
    struct decode_duration *p = (struct decode_duration *)b;
    int r = path_option(b, options, "field", &p->field, err);
    int format = r == CXD_OK ? base_word(b, options, "format", formats, err) : -1;

    p->unit_ns = format >= 0 ? units[format] : 0;
    return r != CXD_OK ? r : format >= 0 ? CXD_OK : CXD_CONFIG;
}

struct duration_unit {
    const char *name;
    double ns;
};

/* Longer names before those that they begin with. */
static const struct duration_unit duration_units[] = {
    {"ns", 1},   {"us", 1e3}, {"\xc2\xb5s", 1e3}, {"\xce\xbcs", 1e3},
    {"ms", 1e6}, {"s", 1e9},  {"m", 60e9},        {"h", 3600e9}};

/* Number and unit, again and again: "1h15m30.918s". */
static bool duration_read(struct cxd_bytes text, double *ret_ns)
{
    bool is_negative = text.len > 0 && text.ptr[0] == '-';
    size_t at = text.len > 0 && (text.ptr[0] == '-' || text.ptr[0] == '+');
    size_t parts = 0;

    *ret_ns = 0;
    if (text.len - at == 1 && text.ptr[at] == '0') {
        return true;
    }
    while (at < text.len) {
        struct cxd_bytes number = {text.ptr + at, 0};
        double value;
        size_t i = 0;
        while (at < text.len &&
               ((text.ptr[at] >= '0' && text.ptr[at] <= '9') || text.ptr[at] == '.')) {
            at++;
            number.len++;
        }
        while (i < 8 && (text.len - at < strlen(duration_units[i].name) ||
                         memcmp(text.ptr + at, duration_units[i].name,
                                strlen(duration_units[i].name)) != 0)) {
            i++;
        }
        if (i == 8 || !number_read_double(number, &value)) {
            return false;
        }
        *ret_ns += value * duration_units[i].ns;
        at += strlen(duration_units[i].name);
        parts++;
    }
    *ret_ns = is_negative ? -*ret_ns : *ret_ns;
    return parts > 0;
}

static int decode_duration_run(struct edit *e)
{
    struct decode_duration *p = (struct decode_duration *)e->base;
    char printed[NUMBER_TEXT_MAX];
    struct cxd_bytes text;
    double ns;
    int r = text_get(e, &p->field, &text);

    if (r != 1) {
        return r;
    }
    if (!duration_read(text, &ns)) {
        return edit_fail(e, "field %.200s is no duration", p->field.name.ptr);
    }
    text = (struct cxd_bytes){printed, number_print_double(ns / p->unit_ns, printed)};
    text = edit_keep(e, text);
    if (text.ptr == NULL) {
        return edit_lack(e);
    }
    return edit_put_value(
        e, &p->field,
        (struct cxd_value){.ptr = text.ptr, .len = (uint32_t)text.len, .kind = CXD_KIND_NUMBER});
}

static const struct cxd_option decode_duration_options[] = {
    {.name = "field",
     .type = CXD_OPTION_STRING,
     .flags = CXD_OPTION_REQUIRED,
     .help = "Duration as Go writes them: 1h15m, 250ms."},
    {.name = "format",
     .type = CXD_OPTION_STRING,
     .default_value = "milliseconds",
     .help = "milliseconds, seconds, minutes or hours."},
    OPTION_IGNORE_MISSING,
    OPTION_FAIL_ON_ERROR,
    {.name = NULL},
};

BASE_MODULE(decode_duration, NULL, "makes numbers of durations", NULL)
