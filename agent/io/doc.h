/*
 * doc.h: BSON documents, read and written, by libbson: options, cursors, stored records.
 *
 * Readers expect bytes that were made by a builder here or have passed doc_check; other bytes do no harm but may look shorter
 * than they are. Values of BSON types that struct cxd_scalar has no word for read as CXD_NONE, and doc_check refuses them.
 * UTC times read as CXD_INT (milliseconds). One thread at a time per builder.
 */
#pragma once

#include "base/buf.h"
#include "cxd/host.h"

enum {
    DOC_DEPTH_MAX = 32,              /* documents within documents */
    DOC_SIZE_MAX = 16 * 1024 * 1024, /* bytes */
    DOC_NAME_MAX = 1024              /* bytes of a member's name */
};

/* For foreign bytes: framing, depth, size, UTF-8 (no NUL inside), known types. CXD_CORRUPT, CXD_TOO_DEEP, CXD_TOO_LARGE. */
int doc_check(struct cxd_bytes doc, struct cxd_error *err);
/* The same for a document that is to lie within `depth` others. */
int doc_check_within(struct cxd_bytes doc, int depth, struct cxd_error *err);
/* path is dotted, list elements by number: "buckets.0.name". Type CXD_NONE when absent. Borrowed from doc. */
struct cxd_scalar doc_get(struct cxd_bytes doc, const char *path);
/* Member number `index`, with its name (ret_name may be NULL); type CXD_NONE past the end. */
struct cxd_scalar doc_at(struct cxd_bytes doc, uint32_t index, struct cxd_bytes *ret_name);

/* The document as one line of JSON, appended to out: binary in base64, a number that JSON has not as null. CXD_NOMEM,
 * CXD_TOO_LARGE (out's limit), CXD_TOO_DEEP; out is as before then. */
int doc_json(struct cxd_bytes doc, struct buf *out);

struct cxd_builder *doc_new(void); /* NULL: no memory */
/*
 * Appends. CXD_INVALID: text that is not UTF-8, a name with a NUL or too long, a type that cannot be put, or a nested
 * document that doc_check refuses; CXD_TOO_LARGE; CXD_NOMEM. The document is then as before.
 */
int doc_put(struct cxd_builder *b, const char *name, const struct cxd_scalar *value);
/* Opens a nested one; inside a list, name is ignored (may be NULL). CXD_TOO_DEEP. */
int doc_push(struct cxd_builder *b, const char *name, int is_array);
int doc_pop(struct cxd_builder *b); /* CXD_INVALID: none is open */
/* The document, nested ones that are open get closed; owned by b, valid until the next change. */
struct cxd_bytes doc_bytes(struct cxd_builder *b);
void doc_reset(struct cxd_builder *b); /* empty again, memory kept */
void doc_free(struct cxd_builder *b);  /* accepts NULL; wipes what was in it */

/* Values, for doc_put. */
struct cxd_scalar doc_text(const char *text); /* NULL gives CXD_NIL */
struct cxd_scalar doc_bytes_text(struct cxd_bytes text);
struct cxd_scalar doc_int(int64_t number);
struct cxd_scalar doc_bool(int is_true);
