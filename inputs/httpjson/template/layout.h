/*
 * layout.h: the elements of a layout. Private to this folder. Pure.
 */
#pragma once

#include "template/gotime.h"

enum layout_kind {
    LAYOUT_NONE, /* no element behind the text */
    LAYOUT_LONG_MONTH,
    LAYOUT_MONTH,
    LAYOUT_NUM_MONTH,
    LAYOUT_ZERO_MONTH,
    LAYOUT_LONG_WEEKDAY,
    LAYOUT_WEEKDAY,
    LAYOUT_DAY,
    LAYOUT_UNDER_DAY,
    LAYOUT_ZERO_DAY,
    LAYOUT_UNDER_YEARDAY,
    LAYOUT_ZERO_YEARDAY,
    LAYOUT_HOUR,
    LAYOUT_HOUR12,
    LAYOUT_ZERO_HOUR12,
    LAYOUT_MINUTE,
    LAYOUT_ZERO_MINUTE,
    LAYOUT_SECOND,
    LAYOUT_ZERO_SECOND,
    LAYOUT_LONG_YEAR,
    LAYOUT_YEAR,
    LAYOUT_PM,
    LAYOUT_LOWER_PM,
    LAYOUT_ZONE_NAME,
    LAYOUT_ISO_ZONE,          /* Z0700 */
    LAYOUT_ISO_SECONDS,       /* Z070000 */
    LAYOUT_ISO_SHORT,         /* Z07 */
    LAYOUT_ISO_COLON,         /* Z07:00 */
    LAYOUT_ISO_COLON_SECONDS, /* Z07:00:00 */
    LAYOUT_NUM_ZONE,          /* -0700 */
    LAYOUT_NUM_SECONDS,       /* -070000 */
    LAYOUT_NUM_SHORT,         /* -07 */
    LAYOUT_NUM_COLON,         /* -07:00 */
    LAYOUT_NUM_COLON_SECONDS, /* -07:00:00 */
    LAYOUT_FRACTION0,         /* .000 */
    LAYOUT_FRACTION9          /* .999 */
};

struct layout_element {
    struct cxd_bytes before; /* literal text */
    struct cxd_bytes text;   /* the element itself */
    enum layout_kind kind;
};

/* Takes the first element off the layout. */
struct layout_element layout_next(struct cxd_bytes *layout);
