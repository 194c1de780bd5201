/*
 * address.c: see address.h.
 */
#include "address.h"

#include <string.h>

#define V4_MAX_LEN 15
#define V6_MAX_LEN 64
#define GROUPS 8

bool address_is_v4(const char *text, size_t len)
{
    int parts = 1;
    int digits = 0;
    int number = 0;

    if (len > V4_MAX_LEN) {
        return false;
    }
    for (size_t i = 0; i < len; i++) {
        char c = text[i];
        if (c == '.') {
            if (digits == 0 || ++parts > 4) {
                return false;
            }
            digits = 0;
            number = 0;
            continue;
        }
        if (c < '0' || c > '9' || (digits > 0 && number == 0)) {
            return false;
        }
        number = number * 10 + (c - '0');
        digits++;
        if (number > 255) {
            return false;
        }
    }
    return parts == 4 && digits > 0;
}

static bool is_hex(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/* Groups between colons from text to end; -1: not well-formed. An IPv4 end counts for two. No text, no groups. */
static int count_groups(const char *text, const char *end, bool may_end_v4)
{
    int groups = 0;

    while (text < end) {
        const char *colon = memchr(text, ':', (size_t)(end - text));
        const char *stop = colon != NULL ? colon : end;
        if (colon == NULL && may_end_v4 && memchr(text, '.', (size_t)(end - text)) != NULL) {
            return address_is_v4(text, (size_t)(end - text)) ? groups + 2 : -1;
        }
        if (stop == text || stop - text > 4 || ++groups > GROUPS) {
            return -1;
        }
        for (; text < stop; text++) {
            if (!is_hex(*text)) {
                return -1;
            }
        }
        if (colon != NULL && ++text == end) {
            return -1; /* a colon at the end */
        }
    }
    return groups;
}

bool address_is_v6(const char *text, size_t len)
{
    const char *end = text + len;
    const char *gap = NULL;
    int front;
    int back;

    if (len < 2 || len > V6_MAX_LEN) {
        return false;
    }
    for (const char *at = text; at + 1 < end && gap == NULL; at++) {
        gap = at[0] == ':' && at[1] == ':' ? at : NULL;
    }
    if (gap == NULL) {
        return count_groups(text, end, true) == GROUPS;
    }
    front = count_groups(text, gap, false);
    back = count_groups(gap + 2, end, true);
    return front >= 0 && back >= 0 && front + back < GROUPS;
}

bool address_is_valid(const char *text, size_t len)
{
    return memchr(text, ':', len) != NULL ? address_is_v6(text, len) : address_is_v4(text, len);
}
