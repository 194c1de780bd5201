/* timeformat.c: a time written by a layout. Thread: any. */
#include "template/layout.h"

#include <inttypes.h>
#include <stdio.h>

__attribute__((format(printf, 2, 3))) static void put(struct text *out, const char *format, ...)
{
    char room[64];
    va_list args;

    va_start(args, format);
    (void)vsnprintf(room, sizeof room, format, args); /* a number or two */
    va_end(args);
    text_put(out, room);
}

static void put_offset(enum layout_kind kind, int32_t offset, struct text *out)
{
    int32_t size = offset < 0 ? -offset : offset;
    bool colon = kind == LAYOUT_ISO_COLON || kind == LAYOUT_NUM_COLON ||
                 kind == LAYOUT_ISO_COLON_SECONDS || kind == LAYOUT_NUM_COLON_SECONDS;
    bool seconds = kind == LAYOUT_ISO_SECONDS || kind == LAYOUT_NUM_SECONDS ||
                   kind == LAYOUT_ISO_COLON_SECONDS || kind == LAYOUT_NUM_COLON_SECONDS;

    if (kind >= LAYOUT_ISO_ZONE && kind <= LAYOUT_ISO_COLON_SECONDS && offset == 0) {
        text_put(out, "Z");
        return;
    }
    put(out, "%c%02d", offset < 0 ? '-' : '+', size / 3600);
    if (kind != LAYOUT_ISO_SHORT && kind != LAYOUT_NUM_SHORT) {
        put(out, "%s%02d", colon ? ":" : "", size / 60 % 60);
    }
    if (seconds) {
        put(out, "%s%02d", colon ? ":" : "", size % 60);
    }
}

static void put_zone_name(const struct gotime *t, struct text *out)
{
    int32_t size = t->offset < 0 ? -t->offset : t->offset;

    if (t->zone[0] != '\0') {
        text_put(out, t->zone);
        return;
    }
    put(out, "%c%02d", t->offset < 0 ? '-' : '+', size / 3600);
    if (size / 60 % 60 != 0) {
        put(out, "%02d", size / 60 % 60);
    }
}

static void put_fraction(const struct layout_element *e, int32_t nsec, struct text *out)
{
    char digits[16];
    size_t len = e->text.len - 1;

    (void)snprintf(digits, sizeof digits, "%09d", (int)nsec);
    len = len < 9 ? len : 9;
    if (e->kind == LAYOUT_FRACTION9) {
        while (len > 0 && digits[len - 1] == '0') {
            len--;
        }
        if (len == 0) {
            return;
        }
    }
    text_add(out, e->text.ptr, 1);
    text_add(out, digits, len);
    for (size_t i = 9; i < e->text.len - 1 && e->kind == LAYOUT_FRACTION0; i++) {
        text_put(out, "0");
    }
}

static int hour12(int hour)
{
    return hour % 12 == 0 ? 12 : hour % 12;
}

static void put_date(enum layout_kind kind, const struct gotime_parts *p, struct text *out)
{
    int64_t year = p->year;

    switch (kind) {
    case LAYOUT_LONG_YEAR:
        put(out, "%s%04" PRId64, year < 0 ? "-" : "", year < 0 ? -year : year);
        break;
    case LAYOUT_YEAR:
        put(out, "%02" PRId64, (year < 0 ? -year : year) % 100);
        break;
    case LAYOUT_LONG_MONTH:
        text_put(out, gotime_months[p->month - 1]);
        break;
    case LAYOUT_MONTH:
        text_add(out, gotime_months[p->month - 1], 3);
        break;
    case LAYOUT_NUM_MONTH:
        put(out, "%d", p->month);
        break;
    case LAYOUT_ZERO_MONTH:
        put(out, "%02d", p->month);
        break;
    case LAYOUT_LONG_WEEKDAY:
        text_put(out, gotime_weekdays[p->weekday]);
        break;
    case LAYOUT_WEEKDAY:
        text_add(out, gotime_weekdays[p->weekday], 3);
        break;
    case LAYOUT_DAY:
        put(out, "%d", p->day);
        break;
    case LAYOUT_UNDER_DAY:
        put(out, "%2d", p->day);
        break;
    case LAYOUT_ZERO_DAY:
        put(out, "%02d", p->day);
        break;
    case LAYOUT_UNDER_YEARDAY:
        put(out, "%3d", p->yearday);
        break;
    default:
        put(out, "%03d", p->yearday);
        break;
    }
}

static void put_clock(enum layout_kind kind, const struct gotime_parts *p, struct text *out)
{
    switch (kind) {
    case LAYOUT_HOUR:
        put(out, "%02d", p->hour);
        break;
    case LAYOUT_HOUR12:
        put(out, "%d", hour12(p->hour));
        break;
    case LAYOUT_ZERO_HOUR12:
        put(out, "%02d", hour12(p->hour));
        break;
    case LAYOUT_MINUTE:
        put(out, "%d", p->minute);
        break;
    case LAYOUT_ZERO_MINUTE:
        put(out, "%02d", p->minute);
        break;
    case LAYOUT_SECOND:
        put(out, "%d", p->second);
        break;
    case LAYOUT_ZERO_SECOND:
        put(out, "%02d", p->second);
        break;
    case LAYOUT_PM:
        text_put(out, p->hour >= 12 ? "PM" : "AM");
        break;
    default:
        text_put(out, p->hour >= 12 ? "pm" : "am");
        break;
    }
}

void gotime_format(const struct gotime *t, struct cxd_bytes layout, struct text *out)
{
    struct gotime_parts p = gotime_parts(t);
    bool more = true;

    while (more && out->status == 0) {
        struct layout_element e = layout_next(&layout);

        text_add(out, e.before.ptr, e.before.len);
        if (e.kind == LAYOUT_NONE) {
            more = false;
        } else if (e.kind == LAYOUT_FRACTION0 || e.kind == LAYOUT_FRACTION9) {
            put_fraction(&e, t->nsec, out);
        } else if (e.kind == LAYOUT_ZONE_NAME) {
            put_zone_name(t, out);
        } else if (e.kind >= LAYOUT_ISO_ZONE) {
            put_offset(e.kind, t->offset, out);
        } else if (e.kind >= LAYOUT_HOUR && e.kind != LAYOUT_LONG_YEAR && e.kind != LAYOUT_YEAR) {
            put_clock(e.kind, &p, out);
        } else {
            put_date(e.kind, &p, out);
        }
    }
}
