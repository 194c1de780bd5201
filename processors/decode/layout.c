/* layout.c: a layout cut into parts, once; layout_parse.c reads texts by it. */
#include "layout.h"

#include <string.h>

struct word {
    const char *text;
    enum layout_part part;
};

/* Longer ones before those that they begin with. */
static const struct word words[] = {
    {"January", LAYOUT_MONTH_NAME},
    {"Jan", LAYOUT_MONTH_ABC},
    {"Monday", LAYOUT_WEEKDAY_NAME},
    {"Mon", LAYOUT_WEEKDAY_ABC},
    {"MST", LAYOUT_ZONE_NAME},
    {"2006", LAYOUT_YEAR},
    {"__2", LAYOUT_YEAR_DAY},
    {"002", LAYOUT_YEAR_DAY},
    {"01", LAYOUT_MONTH2},
    {"02", LAYOUT_DAY2},
    {"03", LAYOUT_HOUR12_2},
    {"04", LAYOUT_MINUTE2},
    {"05", LAYOUT_SECOND2},
    {"06", LAYOUT_YEAR2},
    {"_2", LAYOUT_DAY},
    {"15", LAYOUT_HOUR2},
    {"PM", LAYOUT_HALF},
    {"pm", LAYOUT_HALF},
    {"-07:00:00", LAYOUT_OFFSET},
    {"-070000", LAYOUT_OFFSET},
    {"-07:00", LAYOUT_OFFSET},
    {"-0700", LAYOUT_OFFSET},
    {"-07", LAYOUT_OFFSET},
    {"Z07:00:00", LAYOUT_OFFSET},
    {"Z070000", LAYOUT_OFFSET},
    {"Z07:00", LAYOUT_OFFSET},
    {"Z0700", LAYOUT_OFFSET},
    {"Z07", LAYOUT_OFFSET},
    {"1", LAYOUT_MONTH},
    {"2", LAYOUT_DAY},
    {"3", LAYOUT_HOUR12},
    {"4", LAYOUT_MINUTE},
    {"5", LAYOUT_SECOND},
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* ".000" or ",999" that no digit follows: its length, or 0. */
static size_t fraction_len(struct cxd_bytes text, size_t at)
{
    size_t end = at + 1;

    if ((text.ptr[at] != '.' && text.ptr[at] != ',') || end == text.len ||
        (text.ptr[end] != '0' && text.ptr[end] != '9')) {
        return 0;
    }
    while (end < text.len && text.ptr[end] == text.ptr[at + 1]) {
        end++;
    }
    return end < text.len && is_digit(text.ptr[end]) ? 0 : end - at;
}

/* The part that begins at text[at], and its length; LAYOUT_TEXT: none does. */
static enum layout_part part_find(struct cxd_bytes text, size_t at, size_t *ret_len)
{
    *ret_len = fraction_len(text, at);
    if (*ret_len > 0) {
        return LAYOUT_FRACTION;
    }
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        size_t len = strlen(words[i].text);
        if (len <= text.len - at && memcmp(text.ptr + at, words[i].text, len) == 0) {
            *ret_len = len;
            return words[i].part;
        }
    }
    *ret_len = 1;
    return LAYOUT_TEXT;
}

static bool is_word(struct cxd_bytes text, const char *word)
{
    return text.len == strlen(word) && memcmp(text.ptr, word, text.len) == 0;
}

bool layout_read(struct cxd_bytes text, struct layout *ret_layout)
{
    struct layout *l = ret_layout;

    l->count = 0;
    if (is_word(text, "UNIX") || is_word(text, "UNIX_MS")) {
        l->pieces[l->count++] =
            (struct layout_piece){.part = text.len == 4 ? LAYOUT_UNIX : LAYOUT_UNIX_MS};
        return true;
    }
    for (size_t at = 0; at < text.len;) {
        struct layout_piece *last = l->count > 0 ? &l->pieces[l->count - 1] : NULL;
        size_t len;
        enum layout_part part = part_find(text, at, &len);
        if (part == LAYOUT_TEXT && last != NULL && last->part == LAYOUT_TEXT) {
            last->text.len += len;
        } else if (l->count == LAYOUT_PIECES_MAX) {
            return false;
        } else {
            l->pieces[l->count++] = (struct layout_piece){part, {text.ptr + at, len}};
        }
        at += len;
    }
    return l->count > 0;
}
