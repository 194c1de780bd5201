/* number.c: digits, units and overflow; no locale. */
#include "config/number.h"

#include "cxd/status.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct unit {
    const char *name;
    double factor;
};

static const struct unit time_units[] = {{"ms", 1},      {"us", 0.001},   {"s", 1000}, {"m", 60000},
                                         {"h", 3600000}, {"d", 86400000}, {NULL, 0}};
static const struct unit size_units[] = {{"KiB", 1024},  {"MiB", 1048576},  {"GiB", 1073741824},
                                         {"kB", 1000},   {"KB", 1000},      {"MB", 1e6},
                                         {"GB", 1e9},    {"k", 1024},       {"K", 1024},
                                         {"M", 1048576}, {"G", 1073741824}, {"b", 1},
                                         {"B", 1},       {NULL, 0}};

int number_int(const char *text, int64_t *ret_value)
{
    int negative = *text == '-';
    const char *at = text + (*text == '-' || *text == '+');
    uint64_t value = 0;
    uint64_t max = negative ? (uint64_t)INT64_MAX + 1 : (uint64_t)INT64_MAX;

    if (*at == '\0') {
        return CXD_CONFIG;
    }
    for (; *at != '\0'; at++) {
        unsigned digit = (unsigned)(*at - '0');
        if (digit > 9 || value > (max - digit) / 10) {
            return CXD_CONFIG;
        }
        value = value * 10 + digit;
    }
    *ret_value = negative ? (int64_t)(0 - value) : (int64_t)value;
    return CXD_OK;
}

/* Unsigned decimal with optional fraction: the end of it, or NULL. */
static const char *decimal_read(const char *at, double *ret_value)
{
    double value = 0;
    double place = 0.1;
    const char *start = at;

    for (; *at >= '0' && *at <= '9'; at++) {
        value = value * 10 + (*at - '0');
    }
    if (at == start) {
        return NULL;
    }
    if (*at == '.') {
        at++;
        for (; *at >= '0' && *at <= '9'; at++) {
            value += (*at - '0') * place;
            place /= 10;
        }
    }
    *ret_value = value;
    return at;
}

int number_double(const char *text, double *ret_value)
{
    char *end;
    double value = strtod(text, &end); /* the process never sets a locale */

    if (end == text || *end != '\0' || !isfinite(value)) {
        return CXD_CONFIG;
    }
    *ret_value = value;
    return CXD_OK;
}

static const struct unit *unit_find(const struct unit *units, const char *at)
{
    for (; units->name != NULL; units++) {
        size_t len = strlen(units->name);
        if (strncmp(at, units->name, len) == 0) {
            return units;
        }
    }
    return NULL;
}

int number_duration_ms(const char *text, int64_t *ret_ms)
{
    const double max_ms = 3.2e12;
    double total = 0;
    double value;
    const char *at = decimal_read(text, &value);

    if (at != NULL && *at == '\0') {
        total = value * 1000;
    } else {
        at = text;
        do {
            const struct unit *unit;
            at = decimal_read(at, &value);
            unit = at != NULL ? unit_find(time_units, at) : NULL;
            if (unit == NULL) {
                return CXD_CONFIG;
            }
            total += value * unit->factor;
            at += strlen(unit->name);
        } while (*at != '\0');
    }
    if (total > max_ms) {
        return CXD_CONFIG;
    }
    *ret_ms = (int64_t)(total + 0.5);
    return CXD_OK;
}

int number_size(const char *text, int64_t *ret_bytes)
{
    double value;
    double factor = 1;
    const char *at = decimal_read(text, &value);

    if (at == NULL) {
        return CXD_CONFIG;
    }
    while (*at == ' ') {
        at++;
    }
    if (*at != '\0') {
        const struct unit *unit = unit_find(size_units, at);
        if (unit == NULL || at[strlen(unit->name)] != '\0') {
            return CXD_CONFIG;
        }
        factor = unit->factor;
    }
    if (value * factor > 9e15) {
        return CXD_CONFIG;
    }
    *ret_bytes = (int64_t)(value * factor);
    return CXD_OK;
}
