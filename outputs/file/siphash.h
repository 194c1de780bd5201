/* siphash.h: SipHash-2-4, a 64-bit hash under a secret key: whoever writes the ids cannot make two of them meet. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#define SIPHASH_KEY_LEN 16

uint64_t siphash(const unsigned char key[SIPHASH_KEY_LEN], const char *ptr, size_t len);
