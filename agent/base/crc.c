/*
 * crc.c: CRC-32C by table, and by the SSE4.2 instruction where the processor has it (looked up once).
 */
#include "base/crc.h"

#include <pthread.h>
#include <string.h>

enum { POLYNOMIAL = 0x82f63b78 }; /* Castagnoli, reflected */

static uint32_t table[256];
static uint32_t (*best)(uint32_t crc, const unsigned char *at, size_t len);

static uint32_t by_table(uint32_t crc, const unsigned char *at, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        crc = table[(crc ^ at[i]) & 0xff] ^ (crc >> 8);
    }
    return crc;
}

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) static uint32_t
by_instruction(uint32_t crc, const unsigned char *at, size_t len)
{
    uint64_t wide = crc;

    while (len >= 8) {
        uint64_t word;

        memcpy(&word, at, sizeof word);
        wide = __builtin_ia32_crc32di(wide, word);
        at += 8;
        len -= 8;
    }
    crc = (uint32_t)wide;
    while (len > 0) {
        crc = __builtin_ia32_crc32qi(crc, *at);
        at++;
        len--;
    }
    return crc;
}
#endif

static void prepare(void)
{
    for (uint32_t i = 0; i < 256; i++) {
        uint32_t crc = i;

        for (int bit = 0; bit < 8; bit++) {
            crc = (crc & 1) != 0 ? (crc >> 1) ^ (uint32_t)POLYNOMIAL : crc >> 1;
        }
        table[i] = crc;
    }
    best = by_table;
#if defined(__x86_64__)
    if (__builtin_cpu_supports("sse4.2")) {
        best = by_instruction;
    }
#endif
}

static pthread_once_t once = PTHREAD_ONCE_INIT;

uint32_t crc32c(uint32_t crc, const void *data, size_t len)
{
    (void)pthread_once(&once, prepare); /* cannot fail with this argument */
    return ~best(~crc, data, len);
}

uint32_t crc32c_table(uint32_t crc, const void *data, size_t len)
{
    (void)pthread_once(&once, prepare); /* cannot fail with this argument */
    return ~by_table(~crc, data, len);
}
