/* cursor_doc.h: the cursors of all buckets as one BSON document, and back. Pure but for the host's document functions. */
#pragma once

#include "cursor.h"

/* Writes the document into `b` (reset first). Bytes are b's. */
int cursor_doc_write(const struct heap *h, struct cxd_builder *b, const struct cursor *cursors,
                     size_t count, struct cxd_bytes *ret_doc);
/*
 * Reads a stored document; {NULL,0} gives none. *ret_cursors is an array of *ret_count, freed by cursor_doc_free.
 * CXD_UNSUPPORTED: written by a newer version. CXD_CORRUPT: not what this version writes. CXD_NOMEM.
 */
int cursor_doc_read(const struct heap *h, struct cxd_bytes doc, struct cursor **ret_cursors,
                    size_t *ret_count, struct cxd_error *err);
void cursor_doc_free(const struct heap *h, struct cursor *cursors, size_t count);
