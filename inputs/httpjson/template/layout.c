/* layout.c: finds the elements of a layout. The longest form is named first where one begins another. Thread: any. */
#include "template/layout.h"

static const struct {
    const char *text;
    uint8_t kind;
    bool no_lower; /* not when a lower-case letter follows */
} layout_words[] = {
    {"January", LAYOUT_LONG_MONTH, false},
    {"Jan", LAYOUT_MONTH, true},
    {"Monday", LAYOUT_LONG_WEEKDAY, false},
    {"Mon", LAYOUT_WEEKDAY, true},
    {"MST", LAYOUT_ZONE_NAME, false},
    {"002", LAYOUT_ZERO_YEARDAY, false},
    {"01", LAYOUT_ZERO_MONTH, false},
    {"02", LAYOUT_ZERO_DAY, false},
    {"03", LAYOUT_ZERO_HOUR12, false},
    {"04", LAYOUT_ZERO_MINUTE, false},
    {"05", LAYOUT_ZERO_SECOND, false},
    {"06", LAYOUT_YEAR, false},
    {"15", LAYOUT_HOUR, false},
    {"1", LAYOUT_NUM_MONTH, false},
    {"2006", LAYOUT_LONG_YEAR, false},
    {"2", LAYOUT_DAY, false},
    {"__2", LAYOUT_UNDER_YEARDAY, false},
    {"_2", LAYOUT_UNDER_DAY, false},
    {"3", LAYOUT_HOUR12, false},
    {"4", LAYOUT_MINUTE, false},
    {"5", LAYOUT_SECOND, false},
    {"PM", LAYOUT_PM, false},
    {"pm", LAYOUT_LOWER_PM, false},
    {"-07:00:00", LAYOUT_NUM_COLON_SECONDS, false},
    {"-070000", LAYOUT_NUM_SECONDS, false},
    {"-07:00", LAYOUT_NUM_COLON, false},
    {"-0700", LAYOUT_NUM_ZONE, false},
    {"-07", LAYOUT_NUM_SHORT, false},
    {"Z07:00:00", LAYOUT_ISO_COLON_SECONDS, false},
    {"Z070000", LAYOUT_ISO_SECONDS, false},
    {"Z07:00", LAYOUT_ISO_COLON, false},
    {"Z0700", LAYOUT_ISO_ZONE, false},
    {"Z07", LAYOUT_ISO_SHORT, false},
};

/* ".000", ",999": a run of one digit behind a point, with no digit after it. */
static size_t layout_fraction(struct cxd_bytes rest)
{
    size_t len = 1;

    if (rest.len < 2 || (rest.ptr[0] != '.' && rest.ptr[0] != ',') ||
        (rest.ptr[1] != '0' && rest.ptr[1] != '9')) {
        return 0;
    }
    while (len < rest.len && rest.ptr[len] == rest.ptr[1]) {
        len++;
    }
    return len < rest.len && rest.ptr[len] >= '0' && rest.ptr[len] <= '9' ? 0 : len;
}

static size_t layout_match(struct cxd_bytes rest, enum layout_kind *ret_kind)
{
    size_t fraction = layout_fraction(rest);

    if (fraction > 0) {
        *ret_kind = rest.ptr[1] == '0' ? LAYOUT_FRACTION0 : LAYOUT_FRACTION9;
        return fraction;
    }
    /* "_2006" is a literal underscore and a year */
    if (rest.len >= 5 && memcmp(rest.ptr, "_2006", 5) == 0) {
        return 0;
    }
    for (size_t i = 0; i < sizeof layout_words / sizeof layout_words[0]; i++) {
        size_t len = strlen(layout_words[i].text);

        if (rest.len < len || memcmp(rest.ptr, layout_words[i].text, len) != 0) {
            continue;
        }
        if (layout_words[i].no_lower && rest.len > len && rest.ptr[len] >= 'a' &&
            rest.ptr[len] <= 'z') {
            continue;
        }
        *ret_kind = layout_words[i].kind;
        return len;
    }
    return 0;
}

struct layout_element layout_next(struct cxd_bytes *layout)
{
    struct layout_element e = {.before = {layout->ptr, 0}, .kind = LAYOUT_NONE};
    struct cxd_bytes rest = *layout;

    while (rest.len > 0) {
        size_t len = layout_match(rest, &e.kind);

        if (len > 0) {
            e.text = (struct cxd_bytes){rest.ptr, len};
            rest.ptr += len;
            rest.len -= len;
            break;
        }
        e.before.len++;
        rest.ptr++;
        rest.len--;
    }
    *layout = rest;
    return e;
}
