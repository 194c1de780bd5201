/* codec.h: base64 and hex, both ways. Pure. */
#pragma once

#include "../lang/sink.h"

void codec_put_base64(struct sink *sink, struct cxd_bytes data, bool padded);
/* Strict letters; line ends are skipped, as Go does. `padded`: 1 padding is needed, 0 forbidden, -1 as it comes. On failure
 * *ret_at is the byte that is wrong. */
bool codec_read_base64(struct sink *sink, struct cxd_bytes text, int padded, size_t *ret_at);
void codec_put_hex(struct sink *sink, struct cxd_bytes data);
bool codec_read_hex(struct sink *sink, struct cxd_bytes text);
