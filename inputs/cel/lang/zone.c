/*
 * zone.c: reads TZif files (RFC 8536), second part, as far as transitions go. Behind the last transition the rule in the
 * file's footer counts; it is followed for the usual form STDoffDST,Mm.w.d,Mm.w.d.
 */
#include "zone.h"

#include "moment.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FOLDER "/usr/share/zoneinfo/"

static bool digits_two(const char *text, int *ret)
{
    if (text[0] < '0' || text[0] > '9' || text[1] < '0' || text[1] > '9') {
        return false;
    }
    *ret = (text[0] - '0') * 10 + text[1] - '0';
    return true;
}

/* [+-]hh:mm */
static bool fixed_offset(struct cxd_bytes name, int32_t *ret_offset)
{
    bool negative = name.len == 6 && name.ptr[0] == '-';
    int hours = 0;
    int minutes = 0;

    if (name.len == 6 && (negative || name.ptr[0] == '+')) {
        name.ptr++;
        name.len--;
    }
    if (name.len != 5 || name.ptr[2] != ':' || !digits_two(name.ptr, &hours) ||
        !digits_two(name.ptr + 3, &minutes) || hours > 23 || minutes > 59) {
        return false;
    }
    *ret_offset = (negative ? -1 : 1) * (hours * 3600 + minutes * 60);
    return true;
}

/* Letters, digits, _ + - and / between them: no way out of the folder. */
static bool is_name(struct cxd_bytes name)
{
    if (name.len == 0 || name.len > 64 || name.ptr[0] == '/') {
        return false;
    }
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];
        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
              c == '_' || c == '+' || c == '-' || c == '/')) {
            return false;
        }
    }
    return true;
}

static int64_t big_endian(const unsigned char *data, size_t len)
{
    uint64_t number = data[0] >= 0x80 ? UINT64_MAX : 0;

    for (size_t i = 0; i < len; i++) {
        number = number << 8 | data[i];
    }
    return (int64_t)number;
}

struct header {
    size_t transitions;
    size_t types;
    size_t size; /* of the data behind the header */
};

static bool header_read(const unsigned char *data, size_t left, size_t width, struct header *ret)
{
    int64_t counts[6];

    if (left < 44 || memcmp(data, "TZif", 4) != 0) {
        return false;
    }
    for (size_t i = 0; i < 6; i++) {
        counts[i] = big_endian(data + 20 + 4 * i, 4);
        if (counts[i] < 0 || counts[i] > ZONE_FILE_MAX) {
            return false;
        }
    }
    ret->transitions = (size_t)counts[3];
    ret->types = (size_t)counts[4];
    ret->size = ret->transitions * (width + 1) + ret->types * 6 + (size_t)counts[5] +
                (size_t)counts[2] * (width + 4) + (size_t)counts[1] + (size_t)counts[0];
    return ret->types > 0 && left - 44 >= ret->size;
}

/* "[+-]h[h][:mm[:ss]]" as seconds. */
static const char *clock_take(const char *at, int32_t *ret)
{
    int sign = *at == '-' ? -1 : 1;
    int32_t part[3] = {0, 0, 0};

    at += *at == '-' || *at == '+' ? 1 : 0;
    for (int i = 0; i < 3; i++) {
        while (*at >= '0' && *at <= '9' && part[i] < 1000) {
            part[i] = part[i] * 10 + (*at++ - '0');
        }
        if (*at != ':') {
            break;
        }
        at++;
    }
    *ret = sign * (part[0] * 3600 + part[1] * 60 + part[2]);
    return at;
}

static const char *word_skip(const char *at)
{
    if (*at == '<') {
        while (*at != '\0' && *at != '>') {
            at++;
        }
        return *at != '\0' ? at + 1 : at;
    }
    while ((*at >= 'a' && *at <= 'z') || (*at >= 'A' && *at <= 'Z')) {
        at++;
    }
    return at;
}

static int number_take(const char **at)
{
    int number = 0;

    while (**at >= '0' && **at <= '9' && number < 1000) {
        number = number * 10 + (*(*at)++ - '0');
    }
    return number;
}

/* ",Mm.w.d[/time]": the local second of that change in the year. */
static const char *change_take(const char *at, int64_t year, int64_t *ret)
{
    int month;
    int week;
    int day;
    int32_t clock = 7200;

    if (at[0] != ',' || at[1] != 'M') {
        return NULL;
    }
    at += 2;
    month = number_take(&at);
    at += *at == '.' ? 1 : 0;
    week = number_take(&at);
    at += *at == '.' ? 1 : 0;
    day = number_take(&at);
    if (month < 1 || month > 12 || week < 1 || week > 5 || day > 6) {
        return NULL;
    }
    if (*at == '/') {
        at = clock_take(at + 1, &clock);
    }
    int64_t first = moment_days(year, month, 1);
    int weekday = (int)(((first + 4) % 7 + 7) % 7);
    int64_t date = 1 + (day - weekday + 7) % 7 + (week - 1) * 7;
    while (date > moment_month_days(year, month)) {
        date -= 7;
    }
    *ret = (first + date - 1) * 86400 + clock;
    return at;
}

/* The footer's rule: POSIX TZ, whose offsets point west. */
static bool rule_offset(const char *rule, int64_t seconds, int32_t *ret_offset)
{
    int32_t standard = 0;
    int32_t summer = 0;
    int64_t begin = 0;
    int64_t end = 0;
    const char *at = word_skip(rule);
    int64_t year;

    if (at == rule) {
        return false;
    }
    at = clock_take(at, &standard);
    if (*at == '\0') {
        *ret_offset = -standard;
        return true;
    }
    at = word_skip(at);
    summer = standard - 3600;
    if (*at != ',') {
        at = clock_take(at, &summer);
    }
    year = moment_split(seconds - standard).year;
    at = change_take(at, year, &begin);
    at = at != NULL ? change_take(at, year, &end) : NULL;
    if (at == NULL) {
        return false;
    }
    begin += standard; /* to UTC */
    end += summer;
    bool is_summer =
        begin < end ? seconds >= begin && seconds < end : seconds >= begin || seconds < end;
    *ret_offset = is_summer ? -summer : -standard;
    return true;
}

static bool table_offset(const unsigned char *data, size_t len, int64_t seconds,
                         int32_t *ret_offset)
{
    struct header h;
    const unsigned char *times;
    size_t skip;
    size_t type = 0;
    size_t low = 0;

    if (!header_read(data, len, 4, &h)) {
        return false;
    }
    skip = 44 + h.size;
    if (!header_read(data + skip, len - skip, 8, &h)) {
        return false;
    }
    times = data + skip + 44;
    for (size_t high = h.transitions; low < high;) {
        size_t middle = (low + high) / 2;
        if (big_endian(times + 8 * middle, 8) <= seconds) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    if (low == h.transitions) {
        char rule[128] = "";
        const unsigned char *from = times + h.size;
        size_t left = len - (size_t)(from - data);
        for (size_t i = 1; left > 1 && i < left && i < sizeof rule && from[i] != '\n'; i++) {
            rule[i - 1] = (char)from[i];
        }
        if (rule_offset(rule, seconds, ret_offset)) {
            return true;
        }
    }
    if (low > 0) {
        type = times[8 * h.transitions + low - 1];
    }
    if (type >= h.types) {
        return false;
    }
    *ret_offset = (int32_t)big_endian(times + 9 * h.transitions + 6 * type, 4);
    return true;
}

bool zone_offset(struct cxd_bytes name, int64_t seconds, int32_t *ret_offset)
{
    char path[sizeof FOLDER + 64];
    unsigned char *data;
    ssize_t len;
    bool ok;
    int fd;

    if ((name.len == 3 && memcmp(name.ptr, "UTC", 3) == 0) || name.len == 0) {
        *ret_offset = 0;
        return true;
    }
    if (fixed_offset(name, ret_offset)) {
        return true;
    }
    if (!is_name(name)) {
        return false;
    }
    (void)snprintf(path, sizeof path, FOLDER "%.*s", (int)name.len, name.ptr); /* fits */
    fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    data = fd >= 0 ? malloc(ZONE_FILE_MAX) : NULL;
    len = data != NULL ? read(fd, data, ZONE_FILE_MAX) : -1;
    ok = len > 0 && table_offset(data, (size_t)len, seconds, ret_offset);
    free(data);
    if (fd >= 0) {
        (void)close(fd); /* only read */
    }
    return ok;
}
