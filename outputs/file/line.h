/* line.h: a document as the line that is written, in pieces and without copying. Pure. */
#pragma once

#include "cxd/event.h"

#include <sys/uio.h>

#define LINE_PARTS_MAX 8

/* with_metadata: {"_index":..,"_id":..,"_source":..} around the document; without an id, no "_id". */
uint64_t line_len(const struct cxd_doc *doc, int with_metadata); /* bytes, newline included */
int line_parts(const struct cxd_doc *doc, int with_metadata, struct iovec parts[LINE_PARTS_MAX]);
/* Can this data stream's name be a file's? a-z 0-9 . _ -, beginning with a letter or digit, at most 200 bytes. */
int line_is_name(struct cxd_bytes index);
