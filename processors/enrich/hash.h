/* hash.h: XXH64, for names of events and for tables; not for safety. Pure, any thread. */
#pragma once

#include <cxd/abi.h>

uint64_t hash_xx64(const void *data, size_t len, uint64_t seed);
