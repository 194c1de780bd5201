/* layout_read.c: reading an instant by a layout, and the time functions of programs. */
#include "layout.h"

#include "../lang/moment.h"
#include "../lang/services.h"
#include "catalog.h"

struct parsed {
    struct moment_civil c;
    int yearday; /* 0: none */
    uint32_t ns;
    int32_t offset;
    bool is_pm;
    bool is_am;
    bool has_month;
    bool has_day;
    const char *out_of_range; /* "day" */
};

static bool is_digit(struct cxd_bytes text, size_t at)
{
    return at < text.len && text.ptr[at] >= '0' && text.ptr[at] <= '9';
}

static void skip(struct cxd_bytes *text, size_t count)
{
    text->ptr += count;
    text->len -= count;
}

/* From `least` to `most` digits. */
static bool take_number(struct cxd_bytes *text, size_t least, size_t most, int *ret)
{
    int number = 0;
    size_t count = 0;

    while (count < most && is_digit(*text, count)) {
        number = number * 10 + (text->ptr[count++] - '0');
    }
    if (count < least) {
        return false;
    }
    skip(text, count);
    *ret = number;
    return true;
}

/* A name of the table in any case; len 0: all of its letters. */
static bool take_name(struct cxd_bytes *text, const char *const *names, int count, size_t len,
                      int *ret)
{
    for (int i = 0; i < count; i++) {
        size_t want = len > 0 ? len : strlen(names[i]);
        size_t at = 0;
        while (at < want && at < text->len && (text->ptr[at] | 0x20) == (names[i][at] | 0x20)) {
            at++;
        }
        if (at == want) {
            skip(text, want);
            *ret = i;
            return true;
        }
    }
    return false;
}

static bool take_fraction(struct cxd_bytes *text, size_t digits, uint32_t *ret)
{
    uint32_t unit = 100000000;
    size_t at = 1;

    if (text->len < 2 || (text->ptr[0] != '.' && text->ptr[0] != ',') || !is_digit(*text, 1)) {
        return false;
    }
    *ret = 0;
    for (; is_digit(*text, at) && (digits == 0 || at <= digits); at++) {
        *ret += (uint32_t)(text->ptr[at] - '0') * unit;
        unit /= 10;
    }
    if (digits > 0 && at != digits + 1) {
        return false;
    }
    skip(text, at);
    return true;
}

static bool take_offset(struct cxd_bytes *text, const struct layout_chunk *chunk, int32_t *ret)
{
    int fields[3] = {0, 0, 0};
    bool negative;

    if (chunk->offset_z && text->len > 0 && text->ptr[0] == 'Z') {
        skip(text, 1);
        *ret = 0;
        return true;
    }
    if (text->len == 0 || (text->ptr[0] != '+' && text->ptr[0] != '-')) {
        return false;
    }
    negative = text->ptr[0] == '-';
    skip(text, 1);
    for (int i = 0; i < chunk->offset_fields; i++) {
        if (i > 0 && chunk->offset_colon) {
            if (text->len == 0 || text->ptr[0] != ':') {
                return false;
            }
            skip(text, 1);
        }
        if (!take_number(text, 2, 2, &fields[i])) {
            return false;
        }
    }
    *ret = (negative ? -1 : 1) * (fields[0] * 3600 + fields[1] * 60 + fields[2]);
    return fields[0] <= 24 && fields[1] < 60 && fields[2] < 60;
}

/* Three letters, or four that end in T; GMT may carry an hour. Only UTC and GMT have a known offset. */
static bool take_zone(struct cxd_bytes *text, int32_t *ret)
{
    size_t len = 0;
    int hours = 0;

    while (len < text->len && text->ptr[len] >= 'A' && text->ptr[len] <= 'Z') {
        len++;
    }
    if (len < 3 || len > 5 || (len == 4 && text->ptr[3] != 'T')) {
        return false;
    }
    bool is_gmt = len == 3 && memcmp(text->ptr, "GMT", 3) == 0;

    skip(text, len);
    *ret = 0;
    if (is_gmt && text->len > 1 && (text->ptr[0] == '+' || text->ptr[0] == '-') &&
        is_digit(*text, 1)) {
        bool negative = text->ptr[0] == '-';
        skip(text, 1);
        (void)take_number(text, 1, 2, &hours); /* a digit is there */
        *ret = (negative ? -1 : 1) * hours * 3600;
    }
    return true;
}

static bool take_year(struct cxd_bytes *text, bool two, int64_t *ret)
{
    int year = 0;

    if (!take_number(text, two ? 2 : 4, two ? 2 : 4, &year)) {
        return false;
    }
    *ret = two ? year + (year >= 69 ? 1900 : 2000) : year;
    return true;
}

static bool take_month(struct cxd_bytes *text, enum layout_part kind, struct parsed *p)
{
    int number = 0;

    if (kind == LAYOUT_MONTH_LONG || kind == LAYOUT_MONTH_SHORT) {
        if (!take_name(text, layout_months, 12, kind == LAYOUT_MONTH_SHORT ? 3 : 0, &number)) {
            return false;
        }
        number++;
    } else if (!take_number(text, kind == LAYOUT_MONTH_TWO ? 2 : 1, 2, &number)) {
        return false;
    }
    p->c.month = number;
    p->has_month = true;
    if (number < 1 || number > 12) {
        p->out_of_range = "month";
    }
    return true;
}

static bool take_day(struct cxd_bytes *text, enum layout_part kind, struct parsed *p)
{
    if (kind == LAYOUT_DAY_BLANK && text->len > 0 && text->ptr[0] == ' ') {
        skip(text, 1);
    }
    p->has_day = true;
    return take_number(text, kind == LAYOUT_DAY_TWO ? 2 : 1, 2, &p->c.day);
}

static bool take_limited(struct cxd_bytes *text, bool two, int limit, const char *what, int *ret,
                         struct parsed *p)
{
    if (!take_number(text, two ? 2 : 1, 2, ret)) {
        return false;
    }
    if (*ret > limit) {
        p->out_of_range = what;
    }
    return true;
}

/* Seconds may have a fraction that the layout does not speak of. */
static bool take_second(struct cxd_bytes *text, bool two, struct cxd_bytes layout, struct parsed *p)
{
    bool said = layout.len >= 2 && (layout.ptr[0] == '.' || layout.ptr[0] == ',') &&
                (layout.ptr[1] == '0' || layout.ptr[1] == '9');

    if (!take_limited(text, two, 59, "second", &p->c.second, p)) {
        return false;
    }
    if (!said) {
        (void)take_fraction(text, 0, &p->ns); /* there need not be one */
    }
    return true;
}

static bool take_pm(struct cxd_bytes *text, bool upper, struct parsed *p)
{
    static const char *const words[2][2] = {{"am", "pm"}, {"AM", "PM"}};

    for (int i = 0; i < 2; i++) {
        if (text->len >= 2 && memcmp(text->ptr, words[upper][i], 2) == 0) {
            skip(text, 2);
            p->is_pm = i == 1;
            p->is_am = i == 0;
            return true;
        }
    }
    return false;
}

static bool take_clock(struct cxd_bytes *text, const struct layout_chunk *chunk,
                       struct cxd_bytes layout, struct parsed *p)
{
    switch (chunk->kind) {
    case LAYOUT_HOUR:
        return take_limited(text, true, 23, "hour", &p->c.hour, p);
    case LAYOUT_HOUR_TWELVE:
    case LAYOUT_HOUR_TWELVE_TWO:
        return take_limited(text, chunk->kind == LAYOUT_HOUR_TWELVE_TWO, 12, "hour", &p->c.hour, p);
    case LAYOUT_MINUTE:
    case LAYOUT_MINUTE_TWO:
        return take_limited(text, chunk->kind == LAYOUT_MINUTE_TWO, 59, "minute", &p->c.minute, p);
    case LAYOUT_SECOND:
    case LAYOUT_SECOND_TWO:
        return take_second(text, chunk->kind == LAYOUT_SECOND_TWO, layout, p);
    case LAYOUT_PM_UPPER:
    case LAYOUT_PM_LOWER:
        return take_pm(text, chunk->kind == LAYOUT_PM_UPPER, p);
    case LAYOUT_ZONE_NAME:
        return take_zone(text, &p->offset);
    case LAYOUT_OFFSET:
        return take_offset(text, chunk, &p->offset);
    case LAYOUT_FRACTION_ZERO:
        return take_fraction(text, chunk->part.len - 1, &p->ns);
    default: /* .999: may be missing */
        (void)take_fraction(text, 0, &p->ns);
        return true;
    }
}

static bool take_part(struct cxd_bytes *text, const struct layout_chunk *chunk,
                      struct cxd_bytes layout, struct parsed *p)
{
    int ignored = 0;

    switch (chunk->kind) {
    case LAYOUT_MONTH_LONG:
    case LAYOUT_MONTH_SHORT:
    case LAYOUT_MONTH:
    case LAYOUT_MONTH_TWO:
        return take_month(text, chunk->kind, p);
    case LAYOUT_WEEKDAY_LONG:
    case LAYOUT_WEEKDAY_SHORT:
        return take_name(text, layout_weekdays, 7, chunk->kind == LAYOUT_WEEKDAY_SHORT ? 3 : 0,
                         &ignored);
    case LAYOUT_DAY:
    case LAYOUT_DAY_BLANK:
    case LAYOUT_DAY_TWO:
        return take_day(text, chunk->kind, p);
    case LAYOUT_YEARDAY:
    case LAYOUT_YEARDAY_BLANK:
        while (chunk->kind == LAYOUT_YEARDAY_BLANK && text->len > 0 && text->ptr[0] == ' ') {
            skip(text, 1);
        }
        return take_number(text, chunk->kind == LAYOUT_YEARDAY ? 3 : 1, 3, &p->yearday);
    case LAYOUT_YEAR:
    case LAYOUT_YEAR_TWO:
        return take_year(text, chunk->kind == LAYOUT_YEAR_TWO, &p->c.year);
    default:
        return take_clock(text, chunk, layout, p);
    }
}

/* Literal text; a blank in the layout stands for any number of blanks. */
static bool take_text(struct cxd_bytes *text, struct cxd_bytes want)
{
    for (size_t i = 0; i < want.len; i++) {
        if (want.ptr[i] == ' ') {
            if (text->len > 0 && text->ptr[0] != ' ') {
                return false;
            }
            while (text->len > 0 && text->ptr[0] == ' ') {
                skip(text, 1);
            }
            continue;
        }
        if (text->len == 0 || text->ptr[0] != want.ptr[i]) {
            return false;
        }
        skip(text, 1);
    }
    return true;
}

static void complain(struct sink *why, struct cxd_bytes layout, struct cxd_bytes text,
                     struct cxd_bytes left, struct cxd_bytes part, const char *range)
{
    sink_print(why, "parsing time \"%.*s\"", (int)text.len, text.ptr);
    if (range != NULL) {
        sink_print(why, ": %s out of range", range);
        return;
    }
    if (part.len == 0) {
        sink_print(why, ": extra text: \"%.*s\"", (int)left.len, left.ptr);
        return;
    }
    sink_print(why, " as \"%.*s\": cannot parse \"%.*s\" as \"%.*s\"", (int)layout.len, layout.ptr,
               (int)left.len, left.ptr, (int)part.len, part.ptr);
}

/* Days of the year, the default date and the range of the day. */
static const char *date_settle(struct parsed *p)
{
    if (p->yearday > 0 && !p->has_month) {
        int64_t days = moment_days(p->c.year, 1, 1) + p->yearday - 1;
        struct moment_civil c = moment_split(days * 86400);
        if (c.year != p->c.year) {
            return "day-of-year";
        }
        p->c.month = c.month;
        p->c.day = c.day;
        return NULL;
    }
    p->c.month = p->has_month ? p->c.month : 1;
    p->c.day = p->has_day ? p->c.day : 1;
    return p->c.day < 1 || p->c.day > moment_month_days(p->c.year, p->c.month) ? "day" : NULL;
}

bool layout_read(struct cxd_bytes layout, struct cxd_bytes text, int64_t *ret_seconds,
                 uint32_t *ret_ns, struct sink *why)
{
    struct cxd_bytes rest = layout;
    struct cxd_bytes left = text;
    struct parsed p = {0};
    const char *range;

    while (rest.len > 0) {
        struct layout_chunk chunk = layout_next(&rest);
        struct cxd_bytes before = left;
        if (!take_text(&left, chunk.text)) {
            complain(why, layout, text, before, chunk.text, NULL);
            return false;
        }
        before = left;
        if (chunk.kind != LAYOUT_END && !take_part(&left, &chunk, rest, &p)) {
            complain(why, layout, text, before, chunk.part, NULL);
            return false;
        }
        if (p.out_of_range != NULL) {
            complain(why, layout, text, left, chunk.part, p.out_of_range);
            return false;
        }
    }
    range = left.len > 0 ? NULL : date_settle(&p);
    if (left.len > 0 || range != NULL) {
        complain(why, layout, text, left, (struct cxd_bytes){NULL, 0}, range);
        return false;
    }
    if (p.is_pm && p.c.hour < 12) {
        p.c.hour += 12;
    } else if (p.is_am && p.c.hour == 12) {
        p.c.hour = 0;
    }
    *ret_seconds = moment_join(&p.c) - p.offset;
    *ret_ns = p.ns;
    return true;
}
