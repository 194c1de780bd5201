/*
 * layout.h: times as texts, by example: "2006-01-02T15:04:05.000Z07:00" is how Monday, 2 January 2006, 15:04:05 in a zone 7 hours west
 * would be written. UNIX and UNIX_MS are seconds and milliseconds since 1970. Pure, any thread.
 */
#pragma once

#include "lib/moment.h"

#define LAYOUT_PIECES_MAX 64

enum layout_part {
    LAYOUT_TEXT,
    LAYOUT_YEAR,      /* 2006 */
    LAYOUT_YEAR2,     /* 06: 69 to 99 are 19xx */
    LAYOUT_MONTH,     /* 1 */
    LAYOUT_MONTH2,    /* 01 */
    LAYOUT_MONTH_ABC, /* Jan */
    LAYOUT_MONTH_NAME,
    LAYOUT_DAY,      /* 2, also _2 */
    LAYOUT_DAY2,     /* 02 */
    LAYOUT_YEAR_DAY, /* 002, also __2 */
    LAYOUT_WEEKDAY_ABC,
    LAYOUT_WEEKDAY_NAME,
    LAYOUT_HOUR2,    /* 15 */
    LAYOUT_HOUR12,   /* 3 */
    LAYOUT_HOUR12_2, /* 03 */
    LAYOUT_MINUTE,
    LAYOUT_MINUTE2,
    LAYOUT_SECOND,
    LAYOUT_SECOND2,
    LAYOUT_FRACTION,  /* .000: that many digits; .999: any number of them */
    LAYOUT_HALF,      /* PM or pm */
    LAYOUT_ZONE_NAME, /* MST: UTC, GMT, Z or an abbreviation, which is taken for UTC */
    LAYOUT_OFFSET,    /* -0700, -07:00, -07; Z instead of -: Z for UTC */
    LAYOUT_UNIX,
    LAYOUT_UNIX_MS
};

struct layout_piece {
    enum layout_part part;
    struct cxd_bytes text; /* TEXT; OFFSET and FRACTION: as the layout has it */
};

struct layout {
    struct layout_piece pieces[LAYOUT_PIECES_MAX];
    size_t count;
};

/* Pieces point into text. False: too many of them. */
bool layout_read(struct cxd_bytes text, struct layout *ret_layout);
/* The time as the text says it; *ret_is_local: it names no zone, so that the zone's offset is still to be taken off. */
bool layout_parse(const struct layout *layout, struct cxd_bytes text, struct moment *ret_moment,
                  bool *ret_is_local);
