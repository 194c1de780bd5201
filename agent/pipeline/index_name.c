/*
 * index_name.c: see the header. A date's part is kept as three bytes (mark, letter, width) between the pattern's literal ones.
 */
#include "pipeline/index_name.h"

#include "base/clock.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#define DATE_MARK '\1'
#define DAY_MS 86400000

struct making {
    struct index_name *name;
    size_t len;
    struct cxd_error *err;
};

static int byte_add(struct making *m, char c)
{
    if (m->len + 1 >= sizeof m->name->pattern) {
        return cxd_error_set(m->err, CXD_CONFIG, "index: longer than %d bytes", INDEX_NAME_MAX);
    }
    m->name->pattern[m->len++] = (char)tolower((unsigned char)c);
    m->name->pattern[m->len] = '\0';
    return CXD_OK;
}

static int bytes_add(struct making *m, const char *text, size_t len)
{
    int r = CXD_OK;

    for (size_t i = 0; i < len && r == CXD_OK; i++) {
        r = byte_add(m, text[i]);
    }
    return r;
}

/* Letters of Joda's patterns that make sense in a name, each as two bytes with the longest run that is understood. */
static int field_add(struct making *m, const char *run, size_t width)
{
    char letter = *run;
    static const char letters[] = "yYxMdDHmsw";
    static const char widest[] = "4442232222";
    const char *at = strchr(letters, letter);

    if (at == NULL || width > (size_t)(widest[at - letters] - '0')) {
        return cxd_error_set(m->err, CXD_CONFIG,
                             "index: \"%.*s\" in a date is not known (yyyy xxxx MM dd DDD HH mm ss "
                             "ww are)",
                             (int)(width > 8 ? 8 : width), run);
    }
    if (m->len + 4 > sizeof m->name->pattern) {
        return cxd_error_set(m->err, CXD_CONFIG, "index: longer than %d bytes", INDEX_NAME_MAX);
    }
    m->name->pattern[m->len++] = DATE_MARK;
    m->name->pattern[m->len++] = letter == 'Y' ? 'y' : letter;
    m->name->pattern[m->len++] = (char)('0' + width);
    m->name->pattern[m->len] = '\0';
    m->name->is_dated = 1;
    return CXD_OK;
}

static int layout_add(struct making *m, const char *text, size_t len)
{
    int r = CXD_OK;

    for (size_t i = 0; i < len && r == CXD_OK;) {
        size_t run = 1;
        if (text[i] == '\'') {
            const char *end = memchr(text + i + 1, '\'', len - i - 1);
            run = end != NULL ? (size_t)(end - text) - i + 1 : 1;
            r = end != NULL ? bytes_add(m, text + i + 1, run - 2)
                            : cxd_error_set(m->err, CXD_CONFIG, "index: a quote does not end");
        } else if (isalpha((unsigned char)text[i])) {
            while (i + run < len && text[i + run] == text[i]) {
                run++;
            }
            r = field_add(m, text + i, run);
        } else {
            r = byte_add(m, text[i]);
        }
        i += run;
    }
    return r;
}

static int is_word(const char *text, size_t len, const char *word)
{
    return len == strlen(word) && memcmp(text, word, len) == 0;
}

/* What stands between %{ and }. */
static int part_add(struct making *m, const char *text, size_t len, const struct index_words *words)
{
    if (len > 0 && text[0] == '+') {
        return layout_add(m, text + 1, len - 1);
    }
    if (is_word(text, len, "[agent.name]") || is_word(text, len, "[observer.name]")) {
        return bytes_add(m, words->name, strlen(words->name));
    }
    if (is_word(text, len, "[agent.version]") || is_word(text, len, "[observer.version]")) {
        return bytes_add(m, words->version, strlen(words->version));
    }
    return cxd_error_set(m->err, CXD_CONFIG,
                         "index: \"%%{%.*s}\" is not known (%%{[agent.name]}, %%{[agent.version]} "
                         "and %%{+yyyy.MM.dd} are)",
                         (int)(len > 60 ? 60 : len), text);
}

static int parts_read(struct making *m, const char *text, const struct index_words *words)
{
    int r = CXD_OK;

    while (*text != '\0' && r == CXD_OK) {
        size_t len = 1;
        if (text[0] == '%' && text[1] == '{') {
            const char *end = strchr(text, '}');
            len = end != NULL ? (size_t)(end - text) + 1 : 2;
            r = end != NULL ? part_add(m, text + 2, len - 3, words)
                            : cxd_error_set(m->err, CXD_CONFIG, "index: \"%%{\" without its \"}\"");
        } else {
            r = byte_add(m, *text);
        }
        text += len;
    }
    return r;
}

int index_name_read(const char *text, const struct index_words *words, struct index_name *ret_name,
                    struct cxd_error *err)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyz0123456789._-";
    struct index_name name = {0};
    struct making m = {.name = &name, .err = err};
    char sample[INDEX_NAME_MAX + 1] = "";
    uint32_t len;
    int r = strchr(text, DATE_MARK) == NULL
                ? parts_read(&m, text, words)
                : cxd_error_set(err, CXD_CONFIG, "index: holds a control character");

    if (r != CXD_OK) {
        return r;
    }
    len = index_name_write(&name, 0, sample);
    if (len == 0 || strspn(sample, allowed) != len || !isalnum((unsigned char)sample[0])) {
        return cxd_error_set(err, CXD_CONFIG,
                             "index \"%.100s\": expected 1 to %d of a-z 0-9 . _ -, a letter or "
                             "digit first",
                             text, INDEX_NAME_MAX);
    }
    *ret_name = name;
    return CXD_OK;
}

struct when {
    char text[CLOCK_TEXT_SIZE]; /* 2026-01-31T12:34:56.789Z */
    unsigned year;
    unsigned day;     /* of the year, from 1 */
    unsigned weekday; /* 1: Monday */
};

static unsigned digits_read(const char *text, int count)
{
    unsigned value = 0;

    while (count-- > 0) {
        value = value * 10 + (unsigned)(*text++ - '0');
    }
    return value;
}

static int is_leap(unsigned year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static struct when when_make(int64_t wall_ms)
{
    static const unsigned before[] = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334};
    int64_t days = wall_ms / DAY_MS - (wall_ms % DAY_MS < 0);
    struct when w;
    unsigned month;

    clock_format(wall_ms, w.text);
    w.year = digits_read(w.text, 4);
    month = digits_read(w.text + 5, 2);
    w.day = before[month - 1] + digits_read(w.text + 8, 2) + (month > 2 && is_leap(w.year));
    w.weekday = (unsigned)(((days + 3) % 7 + 7) % 7) + 1; /* 1970 began with a Thursday */
    return w;
}

/* ISO 8601's week, and the year that it belongs to. */
static unsigned week_of(const struct when *w, unsigned *ret_year)
{
    int week = ((int)w->day - (int)w->weekday + 10) / 7;
    unsigned first = (w->weekday + 371 - (w->day - 1)) % 7; /* weekday of 1 January, 0: Sunday */
    int has_53 = first == 4 || (first == 3 && is_leap(w->year));

    *ret_year = w->year;
    if (week < 1) { /* the last week of the year before */
        unsigned past = w->year - 1;
        unsigned past_first = (first + 7 - (is_leap(past) ? 2 : 1)) % 7;
        *ret_year = past;
        return past_first == 4 || (past_first == 3 && is_leap(past)) ? 53 : 52;
    }
    if (week == 53 && !has_53) {
        *ret_year = w->year + 1;
        return 1;
    }
    return (unsigned)week;
}

static unsigned field_value(const struct when *w, char letter)
{
    unsigned week_year;
    unsigned week = week_of(w, &week_year);

    switch (letter) {
    case 'y':
        return w->year;
    case 'x':
        return week_year;
    case 'w':
        return week;
    case 'D':
        return w->day;
    case 'M':
        return digits_read(w->text + 5, 2);
    case 'd':
        return digits_read(w->text + 8, 2);
    case 'H':
        return digits_read(w->text + 11, 2);
    case 'm':
        return digits_read(w->text + 14, 2);
    default:
        return digits_read(w->text + 17, 2);
    }
}

uint32_t index_name_write(const struct index_name *name, int64_t wall_ms, char out[INDEX_NAME_MAX])
{
    struct when w = when_make(wall_ms);
    uint32_t len = 0;

    for (const char *at = name->pattern; *at != '\0'; at++) {
        char digits[16] = {*at};
        int count = 1;
        if (*at == DATE_MARK) {
            unsigned value = field_value(&w, at[1]);
            int width = at[2] - '0';
            value = width == 2 && (at[1] == 'y' || at[1] == 'x') ? value % 100 : value;
            count = snprintf(digits, sizeof digits, "%0*u", width, value);
            at += 2;
        }
        if (len + (uint32_t)count > INDEX_NAME_MAX) {
            return 0;
        }
        memcpy(out + len, digits, (size_t)count);
        len += (uint32_t)count;
    }
    return len;
}
