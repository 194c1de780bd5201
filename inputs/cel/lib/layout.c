/* layout.c: finding the parts of a layout, and writing an instant by it. */
#include "layout.h"

#include "../lang/dict.h"
#include "../lang/moment.h"
#include "catalog.h"

#include <stdio.h>

const char *const layout_months[12] = {"January",   "February", "March",    "April",
                                       "May",       "June",     "July",     "August",
                                       "September", "October",  "November", "December"};
const char *const layout_weekdays[7] = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                        "Thursday", "Friday", "Saturday"};

/* Longer forms stand before those they begin with. */
static const struct {
    const char *text;
    uint8_t kind;
    uint8_t fields; /* of an offset */
} parts[] = {
    {"January", LAYOUT_MONTH_LONG, 0},
    {"Jan", LAYOUT_MONTH_SHORT, 0},
    {"Monday", LAYOUT_WEEKDAY_LONG, 0},
    {"Mon", LAYOUT_WEEKDAY_SHORT, 0},
    {"MST", LAYOUT_ZONE_NAME, 0},
    {"002", LAYOUT_YEARDAY, 0},
    {"01", LAYOUT_MONTH_TWO, 0},
    {"02", LAYOUT_DAY_TWO, 0},
    {"03", LAYOUT_HOUR_TWELVE_TWO, 0},
    {"04", LAYOUT_MINUTE_TWO, 0},
    {"05", LAYOUT_SECOND_TWO, 0},
    {"06", LAYOUT_YEAR_TWO, 0},
    {"15", LAYOUT_HOUR, 0},
    {"1", LAYOUT_MONTH, 0},
    {"2006", LAYOUT_YEAR, 0},
    {"2", LAYOUT_DAY, 0},
    {"__2", LAYOUT_YEARDAY_BLANK, 0},
    {"_2", LAYOUT_DAY_BLANK, 0},
    {"3", LAYOUT_HOUR_TWELVE, 0},
    {"4", LAYOUT_MINUTE, 0},
    {"5", LAYOUT_SECOND, 0},
    {"PM", LAYOUT_PM_UPPER, 0},
    {"pm", LAYOUT_PM_LOWER, 0},
    {"-07:00:00", LAYOUT_OFFSET, 3},
    {"-070000", LAYOUT_OFFSET, 3},
    {"-07:00", LAYOUT_OFFSET, 2},
    {"-0700", LAYOUT_OFFSET, 2},
    {"-07", LAYOUT_OFFSET, 1},
    {"Z07:00:00", LAYOUT_OFFSET, 3},
    {"Z070000", LAYOUT_OFFSET, 3},
    {"Z07:00", LAYOUT_OFFSET, 2},
    {"Z0700", LAYOUT_OFFSET, 2},
    {"Z07", LAYOUT_OFFSET, 1},
};

static bool starts(struct cxd_bytes text, const char *with)
{
    size_t len = strlen(with);

    return len <= text.len && memcmp(text.ptr, with, len) == 0;
}

/* ".000" or ",999" that no digit follows: its length. */
static size_t fraction_len(struct cxd_bytes text)
{
    size_t len = 1;

    if (text.len < 2 || (text.ptr[0] != '.' && text.ptr[0] != ',') ||
        (text.ptr[1] != '0' && text.ptr[1] != '9')) {
        return 0;
    }
    while (len < text.len && text.ptr[len] == text.ptr[1]) {
        len++;
    }
    return len < text.len && text.ptr[len] >= '0' && text.ptr[len] <= '9' ? 0 : len;
}

/* What begins here; kind LAYOUT_END: text. */
static struct layout_chunk part_at(struct cxd_bytes here)
{
    struct layout_chunk chunk = {.part = {here.ptr, fraction_len(here)}};

    if (chunk.part.len > 0) {
        chunk.kind = here.ptr[1] == '0' ? LAYOUT_FRACTION_ZERO : LAYOUT_FRACTION_NINE;
        return chunk;
    }
    if (starts(here, "_2006")) { /* a blank, and the year */
        return chunk;
    }
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        if (!starts(here, parts[i].text)) {
            continue;
        }
        chunk.part.len = strlen(parts[i].text);
        chunk.kind = parts[i].kind;
        chunk.offset_fields = parts[i].fields;
        chunk.offset_z = here.ptr[0] == 'Z';
        chunk.offset_colon = strchr(parts[i].text, ':') != NULL;
        /* "Jan" of "January" in lower case letters that go on is a word: Go wants none behind it */
        if (chunk.kind == LAYOUT_MONTH_SHORT && here.len > 3 && here.ptr[3] >= 'a' &&
            here.ptr[3] <= 'z') {
            chunk.kind = LAYOUT_END;
        }
        return chunk;
    }
    return chunk;
}

struct layout_chunk layout_next(struct cxd_bytes *layout)
{
    struct layout_chunk chunk = {.text = *layout};

    for (size_t i = 0; i < layout->len; i++) {
        struct cxd_bytes here = {layout->ptr + i, layout->len - i};
        struct layout_chunk found = part_at(here);
        if (found.kind != LAYOUT_END) {
            found.text = (struct cxd_bytes){layout->ptr, i};
            layout->ptr += i + found.part.len;
            layout->len -= i + found.part.len;
            return found;
        }
    }
    layout->ptr += layout->len;
    layout->len = 0;
    return chunk;
}

static void put_fraction(struct sink *sink, const struct layout_chunk *chunk, uint32_t ns)
{
    char digits[16];
    size_t count = chunk->part.len - 1 < 9 ? chunk->part.len - 1 : 9;

    (void)snprintf(digits, sizeof digits, "%09u", ns); /* fits */
    while (chunk->kind == LAYOUT_FRACTION_NINE && count > 0 && digits[count - 1] == '0') {
        count--;
    }
    if (count > 0) {
        sink_char(sink, chunk->part.ptr[0]);
        sink_put(sink, digits, count);
    }
}

static void put_offset(struct sink *sink, const struct layout_chunk *chunk)
{
    static const char *const zero[2][4] = {{"", "+00", "+0000", "+000000"},
                                           {"", "+00", "+00:00", "+00:00:00"}};

    sink_text(sink, chunk->offset_z ? "Z" : zero[chunk->offset_colon][chunk->offset_fields]);
}

static int twelve(int hour)
{
    return hour % 12 == 0 ? 12 : hour % 12;
}

static void put_date(struct sink *sink, enum layout_part kind, const struct moment_civil *c)
{
    switch (kind) {
    case LAYOUT_MONTH_LONG:
        sink_text(sink, layout_months[c->month - 1]);
        break;
    case LAYOUT_MONTH_SHORT:
        sink_put(sink, layout_months[c->month - 1], 3);
        break;
    case LAYOUT_MONTH:
        sink_print(sink, "%d", c->month);
        break;
    case LAYOUT_MONTH_TWO:
        sink_print(sink, "%02d", c->month);
        break;
    case LAYOUT_WEEKDAY_LONG:
        sink_text(sink, layout_weekdays[c->weekday]);
        break;
    case LAYOUT_WEEKDAY_SHORT:
        sink_put(sink, layout_weekdays[c->weekday], 3);
        break;
    case LAYOUT_DAY:
        sink_print(sink, "%d", c->day);
        break;
    case LAYOUT_DAY_BLANK:
        sink_print(sink, "%2d", c->day);
        break;
    case LAYOUT_DAY_TWO:
        sink_print(sink, "%02d", c->day);
        break;
    case LAYOUT_YEARDAY_BLANK:
        sink_print(sink, "%3d", c->yearday + 1);
        break;
    case LAYOUT_YEARDAY:
        sink_print(sink, "%03d", c->yearday + 1);
        break;
    case LAYOUT_YEAR:
        sink_print(sink, "%04lld", (long long)c->year);
        break;
    default:
        sink_print(sink, "%02d", (int)(c->year % 100));
    }
}

static void put_clock(struct sink *sink, enum layout_part kind, const struct moment_civil *c)
{
    switch (kind) {
    case LAYOUT_HOUR:
        sink_print(sink, "%02d", c->hour);
        break;
    case LAYOUT_HOUR_TWELVE:
        sink_print(sink, "%d", twelve(c->hour));
        break;
    case LAYOUT_HOUR_TWELVE_TWO:
        sink_print(sink, "%02d", twelve(c->hour));
        break;
    case LAYOUT_MINUTE:
        sink_print(sink, "%d", c->minute);
        break;
    case LAYOUT_MINUTE_TWO:
        sink_print(sink, "%02d", c->minute);
        break;
    case LAYOUT_SECOND:
        sink_print(sink, "%d", c->second);
        break;
    case LAYOUT_SECOND_TWO:
        sink_print(sink, "%02d", c->second);
        break;
    case LAYOUT_PM_UPPER:
        sink_text(sink, c->hour >= 12 ? "PM" : "AM");
        break;
    case LAYOUT_PM_LOWER:
        sink_text(sink, c->hour >= 12 ? "pm" : "am");
        break;
    default:
        sink_text(sink, "UTC");
    }
}

void layout_put(struct sink *sink, struct cxd_bytes layout, int64_t seconds, uint32_t ns)
{
    struct moment_civil c = moment_split(seconds);

    while (layout.len > 0) {
        struct layout_chunk chunk = layout_next(&layout);
        sink_put(sink, chunk.text.ptr, chunk.text.len);
        switch (chunk.kind) {
        case LAYOUT_END:
            break;
        case LAYOUT_FRACTION_ZERO:
        case LAYOUT_FRACTION_NINE:
            put_fraction(sink, &chunk, ns);
            break;
        case LAYOUT_OFFSET:
            put_offset(sink, &chunk);
            break;
        case LAYOUT_YEAR:
        case LAYOUT_YEAR_TWO:
            put_date(sink, chunk.kind, &c);
            break;
        default:
            if (chunk.kind < LAYOUT_HOUR) {
                put_date(sink, chunk.kind, &c);
            } else {
                put_clock(sink, chunk.kind, &c);
            }
        }
    }
}

static const struct {
    const char *name;
    const char *layout;
} names[] = {{"ANSIC", "Mon Jan _2 15:04:05 2006"},
             {"HTTP", "Mon, 02 Jan 2006 15:04:05 GMT"},
             {"Kitchen", "3:04PM"},
             {"Layout", "01/02 03:04:05PM '06 -0700"},
             {"RFC1123", "Mon, 02 Jan 2006 15:04:05 MST"},
             {"RFC1123Z", "Mon, 02 Jan 2006 15:04:05 -0700"},
             {"RFC3339", "2006-01-02T15:04:05Z07:00"},
             {"RFC3339Nano", "2006-01-02T15:04:05.999999999Z07:00"},
             {"RFC822", "02 Jan 06 15:04 MST"},
             {"RFC822Z", "02 Jan 06 15:04 -0700"},
             {"RFC850", "Monday, 02-Jan-06 15:04:05 MST"},
             {"RubyDate", "Mon Jan 02 15:04:05 -0700 2006"},
             {"Stamp", "Jan _2 15:04:05"},
             {"StampMicro", "Jan _2 15:04:05.000000"},
             {"StampMilli", "Jan _2 15:04:05.000"},
             {"StampNano", "Jan _2 15:04:05.000000000"},
             {"UnixDate", "Mon Jan _2 15:04:05 MST 2006"}};

struct value layout_names(struct run *run)
{
    size_t count = sizeof names / sizeof names[0];
    struct dict *dict = dict_new(run->pool, count);

    if (dict == NULL) {
        return run_out_of_memory(run);
    }
    for (size_t i = 0; i < count; i++) {
        (void)dict_put(dict, value_string(names[i].name, strlen(names[i].name)),
                       value_string(names[i].layout, strlen(names[i].layout)));
    }
    return value_map(dict);
}
