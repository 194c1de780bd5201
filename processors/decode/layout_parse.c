/* layout_parse.c: a text read part by part, as its layout has them. */
#include "layout.h"

#include <string.h>
#include <strings.h>

static const char *const months[] = {"January",   "February", "March",    "April",
                                     "May",       "June",     "July",     "August",
                                     "September", "October",  "November", "December"};
static const char *const weekdays[] = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                       "Thursday", "Friday", "Saturday"};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

struct reading {
    struct cxd_bytes text;
    size_t at;
    struct moment_parts parts;
    int64_t nanos;
    int year_day; /* 0: not said */
    int offset_s;
    bool is_zone_said;
    bool is_half_said;
    bool is_afternoon;
};

static char peek(const struct reading *rd)
{
    return rd->at < rd->text.len ? rd->text.ptr[rd->at] : '\0';
}

static bool digits_take(struct reading *rd, int min, int max, int *ret_number)
{
    int count = 0;
    int number = 0;

    while (count < max && is_digit(peek(rd))) {
        number = number * 10 + (rd->text.ptr[rd->at++] - '0');
        count++;
    }
    *ret_number = number;
    return count >= min;
}

/* A name out of a list, or its first three letters; any case. */
static bool name_take(struct reading *rd, const char *const *names, int count, bool is_short,
                      int *ret_index)
{
    for (int i = 0; i < count; i++) {
        size_t len = is_short ? 3 : strlen(names[i]);
        if (rd->text.len - rd->at >= len &&
            strncasecmp(rd->text.ptr + rd->at, names[i], len) == 0) {
            rd->at += len;
            *ret_index = i;
            return true;
        }
    }
    return false;
}

/* Digits behind the point; max 0: as many as there are. */
static bool fraction_take(struct reading *rd, size_t wanted)
{
    int64_t scale = 100000000;
    size_t count = 0;

    rd->nanos = 0;
    while (is_digit(peek(rd)) && (wanted == 0 || count < wanted)) {
        rd->nanos += (rd->text.ptr[rd->at++] - '0') * scale;
        scale /= 10;
        count++;
    }
    return count > 0 && (wanted == 0 || count == wanted);
}

static bool fraction_part(struct reading *rd, struct cxd_bytes layout)
{
    bool is_exact = layout.ptr[1] == '0';

    if (peek(rd) != '.' && peek(rd) != ',') {
        return !is_exact; /* .999: nothing is a number of digits, too */
    }
    rd->at++;
    return fraction_take(rd, is_exact ? layout.len - 1 : 0);
}

/* A second may have a fraction that its layout does not speak of. */
static bool second_part(struct reading *rd, int min, bool is_fraction_next)
{
    bool is_read = digits_take(rd, min, 2, &rd->parts.second);

    if (is_read && !is_fraction_next && (peek(rd) == '.' || peek(rd) == ',') &&
        rd->at + 1 < rd->text.len && is_digit(rd->text.ptr[rd->at + 1])) {
        rd->at++;
        is_read = fraction_take(rd, 0);
    }
    return is_read;
}

static bool offset_part(struct reading *rd, struct cxd_bytes layout)
{
    bool has_colon = memchr(layout.ptr, ':', layout.len) != NULL;
    size_t pairs = (layout.len - 1 - (has_colon ? (layout.len - 1) / 3 : 0)) / 2;
    int sign = peek(rd) == '-' ? -1 : 1;
    int factor = 3600;
    int offset = 0;

    if (layout.ptr[0] == 'Z' && (peek(rd) == 'Z' || peek(rd) == 'z')) {
        rd->at++;
        rd->is_zone_said = true;
        return true;
    }
    if (peek(rd) != '-' && peek(rd) != '+') {
        return false;
    }
    rd->at++;
    for (size_t i = 0; i < pairs; i++, factor /= 60) {
        int number;
        if (i > 0 && has_colon && rd->text.len > rd->at && rd->text.ptr[rd->at++] != ':') {
            return false;
        }
        if (!digits_take(rd, 2, 2, &number) || number > (i == 0 ? 24 : 59)) {
            return false;
        }
        offset += number * factor;
    }
    rd->offset_s = sign * offset;
    rd->is_zone_said = true;
    return true;
}

static bool zone_part(struct reading *rd)
{
    size_t start = rd->at;

    while ((peek(rd) >= 'A' && peek(rd) <= 'Z') && rd->at - start < 5) {
        rd->at++;
    }
    rd->is_zone_said = true;
    return rd->at > start;
}

static bool half_part(struct reading *rd)
{
    char first = (char)(peek(rd) | 0x20);

    if (rd->text.len - rd->at < 2 || (first != 'a' && first != 'p') ||
        (rd->text.ptr[rd->at + 1] | 0x20) != 'm') {
        return false;
    }
    rd->at += 2;
    rd->is_half_said = true;
    rd->is_afternoon = first == 'p';
    return true;
}

static bool year2_part(struct reading *rd)
{
    bool is_read = digits_take(rd, 2, 2, &rd->parts.year);

    rd->parts.year += rd->parts.year >= 69 ? 1900 : 2000;
    return is_read;
}

static bool text_part(struct reading *rd, struct cxd_bytes text)
{
    if (rd->text.len - rd->at < text.len ||
        memcmp(rd->text.ptr + rd->at, text.ptr, text.len) != 0) {
        return false;
    }
    rd->at += text.len;
    return true;
}

static bool month_name_part(struct reading *rd, bool is_short)
{
    int index = 0;
    bool is_read = name_take(rd, months, 12, is_short, &index);

    rd->parts.month = index + 1;
    return is_read;
}

static bool year_day_part(struct reading *rd)
{
    while (peek(rd) == ' ') {
        rd->at++;
    }
    return digits_take(rd, 1, 3, &rd->year_day) && rd->year_day > 0;
}

static bool day_part(struct reading *rd, struct cxd_bytes layout)
{
    if (layout.ptr[0] == '_' && peek(rd) == ' ') {
        rd->at++;
    }
    return digits_take(rd, 1, 2, &rd->parts.day);
}

static bool piece_take(struct reading *rd, const struct layout_piece *piece, bool is_fraction_next)
{
    int ignored;

    switch (piece->part) {
    case LAYOUT_TEXT:
        return text_part(rd, piece->text);
    case LAYOUT_YEAR:
        return digits_take(rd, 4, 4, &rd->parts.year);
    case LAYOUT_YEAR2:
        return year2_part(rd);
    case LAYOUT_MONTH:
    case LAYOUT_MONTH2:
        return digits_take(rd, piece->part == LAYOUT_MONTH ? 1 : 2, 2, &rd->parts.month);
    case LAYOUT_MONTH_ABC:
    case LAYOUT_MONTH_NAME:
        return month_name_part(rd, piece->part == LAYOUT_MONTH_ABC);
    case LAYOUT_DAY:
        return day_part(rd, piece->text);
    case LAYOUT_DAY2:
        return digits_take(rd, 2, 2, &rd->parts.day);
    case LAYOUT_YEAR_DAY:
        return year_day_part(rd);
    case LAYOUT_WEEKDAY_ABC:
    case LAYOUT_WEEKDAY_NAME:
        return name_take(rd, weekdays, 7, piece->part == LAYOUT_WEEKDAY_ABC, &ignored);
    case LAYOUT_HOUR2:
    case LAYOUT_HOUR12_2:
        return digits_take(rd, 2, 2, &rd->parts.hour);
    case LAYOUT_HOUR12:
        return digits_take(rd, 1, 2, &rd->parts.hour);
    case LAYOUT_MINUTE:
    case LAYOUT_MINUTE2:
        return digits_take(rd, piece->part == LAYOUT_MINUTE ? 1 : 2, 2, &rd->parts.minute);
    case LAYOUT_SECOND:
    case LAYOUT_SECOND2:
        return second_part(rd, piece->part == LAYOUT_SECOND ? 1 : 2, is_fraction_next);
    case LAYOUT_FRACTION:
        return fraction_part(rd, piece->text);
    case LAYOUT_HALF:
        return half_part(rd);
    case LAYOUT_ZONE_NAME:
        return zone_part(rd);
    case LAYOUT_OFFSET:
        return offset_part(rd, piece->text);
    default:
        return false;
    }
}

/* Digits, perhaps a sign, perhaps a fraction. */
static bool unix_read(struct cxd_bytes text, bool is_ms, struct moment *ret_moment)
{
    struct reading rd = {.text = text};
    bool is_negative = peek(&rd) == '-';
    int64_t whole = 0;
    size_t start;

    rd.at += is_negative;
    for (start = rd.at; is_digit(peek(&rd)) && rd.at - start < 17; rd.at++) {
        whole = whole * 10 + (peek(&rd) - '0');
    }
    if (rd.at == start) {
        return false;
    }
    if (peek(&rd) == '.') {
        rd.at++;
        if (!fraction_take(&rd, 0)) {
            return false;
        }
    }
    if (rd.at != text.len) {
        return false;
    }
    if (is_ms) {
        rd.nanos = whole % 1000 * 1000000 + rd.nanos / 1000;
        whole /= 1000;
    }
    *ret_moment = (struct moment){.seconds = whole, .nanos = rd.nanos};
    if (is_negative) {
        ret_moment->seconds = -whole - (rd.nanos > 0);
        ret_moment->nanos = rd.nanos > 0 ? 1000000000 - rd.nanos : 0;
    }
    return true;
}

static bool reading_end(struct reading *rd, struct moment *ret_moment)
{
    if (rd->is_half_said) {
        if (rd->parts.hour < 1 || rd->parts.hour > 12) {
            return false;
        }
        rd->parts.hour = rd->parts.hour % 12 + (rd->is_afternoon ? 12 : 0);
    }
    if (rd->year_day > 0) {
        rd->parts.month = 1;
        rd->parts.day = rd->year_day;
        while (rd->parts.month < 12 &&
               rd->parts.day > moment_days_in(rd->parts.year, rd->parts.month)) {
            rd->parts.day -= moment_days_in(rd->parts.year, rd->parts.month++);
        }
    }
    if (rd->at != rd->text.len || !moment_make(&rd->parts, rd->nanos, ret_moment)) {
        return false;
    }
    ret_moment->seconds -= rd->offset_s;
    return true;
}

bool layout_parse(const struct layout *layout, struct cxd_bytes text, struct moment *ret_moment,
                  bool *ret_is_local)
{
    struct reading rd = {.text = text, .parts = {.year = 0, .month = 1, .day = 1}};

    *ret_is_local = false;
    if (layout->pieces[0].part == LAYOUT_UNIX || layout->pieces[0].part == LAYOUT_UNIX_MS) {
        return unix_read(text, layout->pieces[0].part == LAYOUT_UNIX_MS, ret_moment);
    }
    for (size_t i = 0; i < layout->count; i++) {
        bool is_fraction_next =
            i + 1 < layout->count && layout->pieces[i + 1].part == LAYOUT_FRACTION;
        if (!piece_take(&rd, &layout->pieces[i], is_fraction_next)) {
            return false;
        }
    }
    *ret_is_local = !rd.is_zone_said;
    return reading_end(&rd, ret_moment);
}
