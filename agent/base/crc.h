/* crc.h: CRC-32C (Castagnoli), as stored records carry it. Pure, any thread. */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* Goes on from a former result; start with 0. Uses the processor's instruction where there is one. */
uint32_t crc32c(uint32_t crc, const void *data, size_t len);
/* The same by table alone: the reference that the fast one is tested against. */
uint32_t crc32c_table(uint32_t crc, const void *data, size_t len);
