/* timeparse.c: a time read by a layout. Thread: any. */
#include "template/layout.h"

#include <strings.h>

/* What the text has said so far. */
struct reading {
    struct cxd_bytes rest;
    int64_t year;
    int64_t month, day, yearday; /* -1: not said */
    int64_t hour, minute, second, nsec;
    int32_t offset;
    char zone[8];
    bool has_offset, has_zone, is_pm, has_pm;
};

/* 1 to max digits; fixed: exactly max. */
static bool read_digits(struct reading *r, size_t min, size_t max, int64_t *ret)
{
    int64_t number = 0;
    size_t len = 0;

    while (len < max && len < r->rest.len && r->rest.ptr[len] >= '0' && r->rest.ptr[len] <= '9') {
        number = number * 10 + (r->rest.ptr[len] - '0');
        len++;
    }
    if (len < min) {
        return false;
    }
    r->rest.ptr += len;
    r->rest.len -= len;
    *ret = number;
    return true;
}

static bool read_name(struct reading *r, const char *const *names, int count, bool is_long,
                      int64_t *ret)
{
    for (int i = 0; i < count; i++) {
        size_t len = is_long ? strlen(names[i]) : 3;

        if (r->rest.len >= len && strncasecmp(r->rest.ptr, names[i], len) == 0) {
            r->rest.ptr += len;
            r->rest.len -= len;
            *ret = i;
            return true;
        }
    }
    return false;
}

static void read_blank(struct reading *r)
{
    if (r->rest.len > 0 && r->rest.ptr[0] == ' ') {
        r->rest.ptr++;
        r->rest.len--;
    }
}

/* Literal text; a run of blanks matches any number of them. */
static bool read_literal(struct reading *r, struct cxd_bytes text)
{
    while (text.len > 0) {
        if (*text.ptr == ' ') {
            if (r->rest.len > 0 && r->rest.ptr[0] != ' ') {
                return false;
            }
            while (text.len > 0 && *text.ptr == ' ') {
                text.ptr++;
                text.len--;
            }
            while (r->rest.len > 0 && r->rest.ptr[0] == ' ') {
                read_blank(r);
            }
            continue;
        }
        if (r->rest.len == 0 || r->rest.ptr[0] != *text.ptr) {
            return false;
        }
        text.ptr++;
        text.len--;
        r->rest.ptr++;
        r->rest.len--;
    }
    return true;
}

static bool read_colon(struct reading *r, bool colon)
{
    return !colon || read_literal(r, CXD_LIT(":"));
}

static bool read_offset(struct reading *r, enum layout_kind kind)
{
    bool colon = kind == LAYOUT_ISO_COLON || kind == LAYOUT_NUM_COLON ||
                 kind == LAYOUT_ISO_COLON_SECONDS || kind == LAYOUT_NUM_COLON_SECONDS;
    bool seconds = kind == LAYOUT_ISO_SECONDS || kind == LAYOUT_NUM_SECONDS ||
                   kind == LAYOUT_ISO_COLON_SECONDS || kind == LAYOUT_NUM_COLON_SECONDS;
    int64_t h = 0;
    int64_t m = 0;
    int64_t s = 0;
    bool minus;

    r->has_offset = true;
    if (kind <= LAYOUT_ISO_COLON_SECONDS && r->rest.len > 0 && r->rest.ptr[0] == 'Z') {
        memcpy(r->zone, "UTC", 4);
        return read_literal(r, CXD_LIT("Z"));
    }
    if (r->rest.len == 0 || (r->rest.ptr[0] != '+' && r->rest.ptr[0] != '-')) {
        return false;
    }
    minus = r->rest.ptr[0] == '-';
    r->rest.ptr++;
    r->rest.len--;
    if (!read_digits(r, 2, 2, &h)) {
        return false;
    }
    if (kind != LAYOUT_ISO_SHORT && kind != LAYOUT_NUM_SHORT &&
        (!read_colon(r, colon) || !read_digits(r, 2, 2, &m))) {
        return false;
    }
    if (seconds && (!read_colon(r, colon) || !read_digits(r, 2, 2, &s))) {
        return false;
    }
    r->offset = (int32_t)(h * 3600 + m * 60 + s) * (minus ? -1 : 1);
    if (r->offset == 0) {
        memcpy(r->zone, "UTC", 4);
    }
    return h <= 24 && m < 60 && s < 60;
}

/* An abbreviation of three to five capitals, or a signed number of hours. Only UTC and GMT+n say how far. */
static bool read_zone_name(struct reading *r)
{
    size_t len = 0;
    int64_t hours = 0;

    while (len < r->rest.len && len < 6 && r->rest.ptr[len] >= 'A' && r->rest.ptr[len] <= 'Z') {
        len++;
    }
    if (len < 3 || len > 5) {
        if (r->rest.len > 0 && (r->rest.ptr[0] == '+' || r->rest.ptr[0] == '-')) {
            r->has_zone = true;
            return read_offset(r, LAYOUT_NUM_SHORT);
        }
        return false;
    }
    memcpy(r->zone, r->rest.ptr, len);
    r->zone[len] = '\0';
    r->has_zone = true;
    r->rest.ptr += len;
    r->rest.len -= len;
    if (strcmp(r->zone, "GMT") == 0 && r->rest.len > 1 &&
        (r->rest.ptr[0] == '+' || r->rest.ptr[0] == '-')) {
        bool minus = r->rest.ptr[0] == '-';

        r->rest.ptr++;
        r->rest.len--;
        if (!read_digits(r, 1, 2, &hours) || hours > 23) {
            return false;
        }
        r->offset = (int32_t)(hours * 3600) * (minus ? -1 : 1);
    }
    return true;
}

static bool read_fraction(struct reading *r, size_t digits, bool is_any)
{
    int64_t nsec = 0;
    size_t len = 1;
    size_t scale = 0;

    if (r->rest.len < 2 || (r->rest.ptr[0] != '.' && r->rest.ptr[0] != ',') ||
        r->rest.ptr[1] < '0' || r->rest.ptr[1] > '9') {
        return is_any;
    }
    while (len < r->rest.len && r->rest.ptr[len] >= '0' && r->rest.ptr[len] <= '9' &&
           (is_any || len <= digits)) {
        if (scale < 9) {
            nsec = nsec * 10 + (r->rest.ptr[len] - '0');
            scale++;
        }
        len++;
    }
    if (!is_any && len != digits + 1) {
        return false;
    }
    for (; scale < 9; scale++) {
        nsec *= 10;
    }
    r->nsec = nsec;
    r->rest.ptr += len;
    r->rest.len -= len;
    return true;
}

static bool read_date(struct reading *r, enum layout_kind kind)
{
    int64_t ignored;

    switch (kind) {
    case LAYOUT_LONG_YEAR:
        return read_digits(r, 4, 4, &r->year);
    case LAYOUT_YEAR:
        if (!read_digits(r, 2, 2, &r->year)) {
            return false;
        }
        r->year += r->year >= 69 ? 1900 : 2000;
        return true;
    case LAYOUT_LONG_MONTH:
    case LAYOUT_MONTH:
        if (!read_name(r, gotime_months, 12, kind == LAYOUT_LONG_MONTH, &r->month)) {
            return false;
        }
        r->month++;
        return true;
    case LAYOUT_NUM_MONTH:
    case LAYOUT_ZERO_MONTH:
        return read_digits(r, kind == LAYOUT_ZERO_MONTH ? 2 : 1, 2, &r->month) && r->month >= 1 &&
               r->month <= 12;
    case LAYOUT_LONG_WEEKDAY:
    case LAYOUT_WEEKDAY:
        return read_name(r, gotime_weekdays, 7, kind == LAYOUT_LONG_WEEKDAY, &ignored);
    case LAYOUT_UNDER_DAY:
        read_blank(r);
        return read_digits(r, 1, 2, &r->day);
    case LAYOUT_DAY:
    case LAYOUT_ZERO_DAY:
        return read_digits(r, kind == LAYOUT_ZERO_DAY ? 2 : 1, 2, &r->day);
    case LAYOUT_UNDER_YEARDAY:
        read_blank(r);
        read_blank(r);
        return read_digits(r, 1, 3, &r->yearday);
    default:
        return read_digits(r, 3, 3, &r->yearday);
    }
}

static bool read_clock(struct reading *r, enum layout_kind kind)
{
    switch (kind) {
    case LAYOUT_HOUR:
        return read_digits(r, 1, 2, &r->hour) && r->hour < 24;
    case LAYOUT_HOUR12:
    case LAYOUT_ZERO_HOUR12:
        return read_digits(r, kind == LAYOUT_ZERO_HOUR12 ? 2 : 1, 2, &r->hour) && r->hour <= 12;
    case LAYOUT_MINUTE:
    case LAYOUT_ZERO_MINUTE:
        return read_digits(r, kind == LAYOUT_ZERO_MINUTE ? 2 : 1, 2, &r->minute) && r->minute < 60;
    case LAYOUT_SECOND:
    case LAYOUT_ZERO_SECOND:
        return read_digits(r, kind == LAYOUT_ZERO_SECOND ? 2 : 1, 2, &r->second) && r->second < 60;
    default:
        if (r->rest.len < 2 || (r->rest.ptr[0] | 0x20) == 'm' || (r->rest.ptr[1] | 0x20) != 'm') {
            return false;
        }
        r->has_pm = true;
        r->is_pm = (r->rest.ptr[0] | 0x20) == 'p';
        if (!r->is_pm && (r->rest.ptr[0] | 0x20) != 'a') {
            return false;
        }
        r->rest.ptr += 2;
        r->rest.len -= 2;
        return true;
    }
}

static bool read_element(struct reading *r, const struct layout_element *e, struct cxd_bytes layout)
{
    if (e->kind == LAYOUT_FRACTION0 || e->kind == LAYOUT_FRACTION9) {
        return read_fraction(r, e->text.len - 1, e->kind == LAYOUT_FRACTION9);
    }
    if (e->kind == LAYOUT_ZONE_NAME) {
        return read_zone_name(r);
    }
    if (e->kind >= LAYOUT_ISO_ZONE) {
        return read_offset(r, e->kind);
    }
    if (e->kind < LAYOUT_HOUR || e->kind == LAYOUT_LONG_YEAR || e->kind == LAYOUT_YEAR) {
        return read_date(r, e->kind);
    }
    if (!read_clock(r, e->kind)) {
        return false;
    }
    /* a fraction of a second is taken even where the layout has none */
    if (e->kind == LAYOUT_SECOND || e->kind == LAYOUT_ZERO_SECOND) {
        struct layout_element next = layout_next(&layout);

        if (next.before.len > 0 ||
            (next.kind != LAYOUT_FRACTION0 && next.kind != LAYOUT_FRACTION9)) {
            return read_fraction(r, 0, true);
        }
    }
    return true;
}

static int64_t month_days(int64_t year, int64_t month)
{
    return gotime_days(year, month + 1, 1) - gotime_days(year, month, 1);
}

static bool reading_date(struct reading *r)
{
    if (r->yearday >= 0) {
        int64_t day = gotime_days(r->year, 1, 1) + r->yearday - 1;
        struct gotime t = {.sec = day * 86400};
        struct gotime_parts p = gotime_parts(&t);

        if (r->yearday < 1 || p.year != r->year || (r->month >= 0 && r->month != p.month) ||
            (r->day >= 0 && r->day != p.day)) {
            return false;
        }
        r->month = p.month;
        r->day = p.day;
        return true;
    }
    r->month = r->month < 0 ? 1 : r->month;
    r->day = r->day < 0 ? 1 : r->day;
    return r->day >= 1 && r->day <= month_days(r->year, r->month);
}

bool gotime_parse(struct cxd_bytes layout, struct cxd_bytes text, int32_t offset, const char *zone,
                  struct gotime *ret)
{
    struct reading r = {.rest = text, .month = -1, .day = -1, .yearday = -1};
    struct layout_element e;

    do {
        e = layout_next(&layout);
        if (!read_literal(&r, e.before) ||
            (e.kind != LAYOUT_NONE && !read_element(&r, &e, layout))) {
            return false;
        }
    } while (e.kind != LAYOUT_NONE);
    if (r.rest.len > 0 || !reading_date(&r)) {
        return false;
    }
    if (r.has_pm) {
        r.hour = r.is_pm && r.hour < 12 ? r.hour + 12 : !r.is_pm && r.hour == 12 ? 0 : r.hour;
    }
    if (!r.has_offset && !r.has_zone) {
        r.offset = offset;
        (void)snprintf(r.zone, sizeof r.zone, "%s", zone);
    }
    *ret = gotime_utc(gotime_days(r.year, r.month, r.day) * 86400 + r.hour * 3600 + r.minute * 60 +
                          r.second - r.offset,
                      r.nsec);
    ret->offset = r.offset;
    memcpy(ret->zone, r.zone, sizeof ret->zone);
    return true;
}
