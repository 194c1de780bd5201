/* utf8_rule.h: UTF-8 as its definition says, for comparison with the fast way. */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* The rule in numbers: decode, then look at the code point; overlong when it would fit in fewer bytes. */
static inline size_t utf8_by_rule(const unsigned char *p, size_t len)
{
    static const uint32_t least[5] = {0, 0, 0x80, 0x800, 0x10000};
    size_t need = p[0] < 0x80       ? 1
                  : p[0] >> 5 == 6  ? 2
                  : p[0] >> 4 == 14 ? 3
                  : p[0] >> 3 == 30 ? 4
                                    : 0;
    uint32_t code;

    if (need < 2 || need > len) {
        return need == 1;
    }
    code = p[0] & (0x7fu >> need);
    for (size_t i = 1; i < need; i++) {
        if (p[i] >> 6 != 2) {
            return 0;
        }
        code = code << 6 | (p[i] & 0x3fu);
    }
    return code < least[need] || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff) ? 0 : need;
}
