/* little.h: numbers in files, lowest byte first whatever the machine. Nothing is aligned. Pure, any thread. */
#pragma once

#include <stdint.h>

/* The lowest `bytes` bytes of number, 1 to 8. */
static inline void little_put(char *out, uint64_t number, int bytes)
{
    for (int i = 0; i < bytes; i++) {
        out[i] = (char)(number >> (8 * i) & 0xff);
    }
}

/* Four bytes. */
static inline uint32_t little_get32(const char *ptr)
{
    uint32_t number = 0;

    for (int i = 0; i < 4; i++) {
        number |= (uint32_t)(unsigned char)ptr[i] << (8 * i);
    }
    return number;
}
