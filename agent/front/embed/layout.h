/* layout.h: a batch as bytes for the host, in one of the formats of cxd/embed.h. Pure, any thread. */
#pragma once

#include "pipeline/batch.h"

#include <stdint.h>

/* Bytes that layout_put writes for the batch, which must be sealed; 0: no such format. */
uint64_t layout_len(const struct batch *b, uint32_t format);
/* out has room for layout_len bytes. */
void layout_put(const struct batch *b, uint32_t format, char *out);
