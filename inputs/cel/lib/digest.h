/* digest.h: MD5 and SHA-1, for APIs that still ask for them; neither protects anything. Pure, any thread. */
#pragma once

#include <stddef.h>

void digest_md5(const void *data, size_t len, unsigned char out[16]);
void digest_sha1(const void *data, size_t len, unsigned char out[20]);
