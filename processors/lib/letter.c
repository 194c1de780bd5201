/* letter.c: by ranges of two-byte UTF-8, where upper and lower case have the same length. */
#include "lib/letter.h"

#include <string.h>

struct range {
    unsigned first; /* upper case */
    unsigned last;
    unsigned
        step; /* what is between both cases; 1: they alternate, even is upper; 2: odd is upper */
};

static const struct range ranges[] = {
    {0xc0, 0xd6, 32},   {0xd8, 0xde, 32},   {0x100, 0x12f, 1},  {0x132, 0x137, 1},
    {0x139, 0x148, 2},  {0x14a, 0x177, 1},  {0x178, 0x178, 0},  {0x179, 0x17e, 2},
    {0x391, 0x3a1, 32}, {0x3a3, 0x3ab, 32}, {0x400, 0x40f, 80}, {0x410, 0x42f, 32},
    {0x460, 0x481, 1},  {0x48a, 0x4bf, 1},  {0x4c1, 0x4ce, 2},  {0x4d0, 0x52f, 1},
};

#define Y_DIAERESIS_UPPER 0x178u
#define Y_DIAERESIS_LOWER 0xffu

static unsigned code_lower(unsigned code)
{
    for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++) {
        const struct range *r = &ranges[i];
        if (code < r->first || code > r->last) {
            continue;
        }
        if (r->step == 0) {
            return Y_DIAERESIS_LOWER;
        }
        return r->step > 2 ? code + r->step : code + (code % 2 == r->step - 1);
    }
    return code;
}

static unsigned code_upper(unsigned code)
{
    if (code == Y_DIAERESIS_LOWER) {
        return Y_DIAERESIS_UPPER;
    }
    for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++) {
        const struct range *r = &ranges[i];
        if (r->step > 2 && code >= r->first + r->step && code <= r->last + r->step) {
            return code - r->step;
        }
        if ((r->step == 1 || r->step == 2) && code >= r->first && code <= r->last) {
            return code - (code % 2 != r->step - 1);
        }
    }
    return code;
}

static void letters_turn(const char *text, size_t len, bool has_escapes, bool is_lower, char *out)
{
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)text[i];
        out[i] = text[i];
        if (has_escapes && c == '\\' && i + 1 < len) {
            size_t more = text[i + 1] == 'u' ? 5 : 1;
            more = more < len - i ? more : len - i - 1;
            memcpy(out + i + 1, text + i + 1, more);
            i += more;
        } else if (c < 0x80) {
            bool is_letter = is_lower ? c >= 'A' && c <= 'Z' : c >= 'a' && c <= 'z';
            out[i] = (char)(is_letter ? c ^ 0x20 : c);
        } else if (c >= 0xc2 && c < 0xe0 && i + 1 < len &&
                   ((unsigned char)text[i + 1] & 0xc0) == 0x80) {
            unsigned code = (c & 0x1fu) << 6 | ((unsigned char)text[i + 1] & 0x3fu);
            code = is_lower ? code_lower(code) : code_upper(code);
            out[i] = (char)(0xc0 | code >> 6);
            out[++i] = (char)(0x80 | (code & 0x3f));
        }
    }
}

void letter_lower(const char *text, size_t len, bool has_escapes, char *out)
{
    letters_turn(text, len, has_escapes, true, out);
}

void letter_upper(const char *text, size_t len, bool has_escapes, char *out)
{
    letters_turn(text, len, has_escapes, false, out);
}

bool letter_is_same(struct cxd_bytes a, struct cxd_bytes b)
{
    char left[128];
    char right[128];

    if (a.len != b.len) {
        return false;
    }
    while (a.len > 0) {
        size_t len = a.len < sizeof left ? a.len : sizeof left;
        /* not between the two bytes of a letter: a part ends before a byte that begins one */
        while (len > 1 && len < a.len && ((unsigned char)a.ptr[len] & 0xc0) == 0x80) {
            len--;
        }
        letter_lower(a.ptr, len, true, left);
        letter_lower(b.ptr, len, true, right);
        if (memcmp(left, right, len) != 0) {
            return false;
        }
        a = (struct cxd_bytes){a.ptr + len, a.len - len};
        b = (struct cxd_bytes){b.ptr + len, b.len - len};
    }
    return true;
}
