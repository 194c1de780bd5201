/*
 * How values of an event are written.
 */
#include "event_pen.h"

void event_put_text(struct event_pen *pen, const char *text)
{
    event_put(pen, text, strlen(text));
}

void event_put_piece(struct event_pen *pen, const struct table_piece *piece)
{
    event_put(pen, piece->text, piece->len);
}

void event_put_number(struct event_pen *pen, uint64_t value)
{
    char digits[24];
    unsigned at = sizeof digits;
    do {
        digits[--at] = (char)('0' + value % 10);
        value /= 10;
    } while (value);
    event_put(pen, digits + at, sizeof digits - at);
}

void event_put_hex(struct event_pen *pen, uint64_t value, unsigned digits)
{
    table_hex(pen->at, value, digits);
    pen->at += digits;
}

unsigned event_draw(struct event_pen *pen, size_t below)
{
    return (unsigned)((table_random(&pen->random) >> 24) % below);
}

static void event_put_two(char *out, unsigned value)
{
    out[0] = (char)('0' + value / 10);
    out[1] = (char)('0' + value % 10);
}

/* ISO 8601 in UTC; days to a date by counting in years that begin in March. */
void event_put_iso(struct event_pen *pen, int64_t time_ms)
{
    unsigned seconds = (unsigned)(time_ms / 1000 % 86400);
    unsigned days = (unsigned)(time_ms / 86400000) + 719468;
    unsigned era = days / 146097, day = days % 146097;
    unsigned year = (day - day / 1460 + day / 36524 - day / 146096) / 365;
    unsigned of_year = day - (365 * year + year / 4 - year / 100);
    unsigned month = (5 * of_year + 2) / 153;
    unsigned of_month = of_year - (153 * month + 2) / 5 + 1;
    month = month < 10 ? month + 3 : month - 9;
    year += era * 400 + (month <= 2);
    char text[] = "\"yyyy-mm-ddThh:mm:ssZ\"";
    event_put_two(text + 1, year / 100);
    event_put_two(text + 3, year % 100);
    event_put_two(text + 6, month);
    event_put_two(text + 9, of_month);
    event_put_two(text + 12, seconds / 3600);
    event_put_two(text + 15, seconds / 60 % 60);
    event_put_two(text + 18, seconds % 60);
    event_put(pen, text, sizeof text - 1);
}
