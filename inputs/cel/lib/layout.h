/*
 * layout.h: Go's time layouts, such as "2006-01-02T15:04:05Z07:00": writing and reading. Pure; UTC.
 */
#pragma once

#include "../lang/function.h"

enum layout_part {
    LAYOUT_END = 0, /* only text was left */
    LAYOUT_MONTH_LONG,
    LAYOUT_MONTH_SHORT,
    LAYOUT_MONTH,
    LAYOUT_MONTH_TWO,
    LAYOUT_WEEKDAY_LONG,
    LAYOUT_WEEKDAY_SHORT,
    LAYOUT_DAY,
    LAYOUT_DAY_BLANK, /* _2 */
    LAYOUT_DAY_TWO,
    LAYOUT_YEARDAY_BLANK, /* __2 */
    LAYOUT_YEARDAY,       /* 002 */
    LAYOUT_HOUR,          /* 15 */
    LAYOUT_HOUR_TWELVE,
    LAYOUT_HOUR_TWELVE_TWO,
    LAYOUT_MINUTE,
    LAYOUT_MINUTE_TWO,
    LAYOUT_SECOND,
    LAYOUT_SECOND_TWO,
    LAYOUT_YEAR,
    LAYOUT_YEAR_TWO,
    LAYOUT_PM_UPPER,
    LAYOUT_PM_LOWER,
    LAYOUT_ZONE_NAME,
    LAYOUT_OFFSET,        /* -0700 and kin; see the flags */
    LAYOUT_FRACTION_ZERO, /* .000: fixed digits */
    LAYOUT_FRACTION_NINE  /* .999: without trailing zeros */
};

struct layout_chunk {
    struct cxd_bytes text; /* in front of the part */
    struct cxd_bytes part; /* as written in the layout */
    enum layout_part kind;
    bool offset_z; /* Z for UTC */
    bool offset_colon;
    uint8_t offset_fields; /* 1: hours, 2: minutes too, 3: seconds too */
};

/* The next chunk; *layout is moved behind it. */
struct layout_chunk layout_next(struct cxd_bytes *layout);
void layout_put(struct sink *sink, struct cxd_bytes layout, int64_t seconds, uint32_t ns);
/* NULL and the instant, or the reason as text in `why`. */
bool layout_read(struct cxd_bytes layout, struct cxd_bytes text, int64_t *ret_seconds,
                 uint32_t *ret_ns, struct sink *why);

/* time_layout: the named layouts as a map, or an error. */
struct value layout_names(struct run *run);
extern const char *const layout_months[12];
extern const char *const layout_weekdays[7];
