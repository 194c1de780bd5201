/*
 * decode.h: a reply's bytes to JSON text: JSON, NDJSON, CSV, XML, ZIP. Pure but for the host's gunzip.
 */
#pragma once

#include "config.h"

struct _xmlDoc; /* libxml2's */

/* Which decoding a Content-Type asks for; JSON for what is not known. */
enum decode_type decode_type_of(const char *content_type);
/*
 * Takes body's memory over where it can. On success *body is one JSON value (or empty: there was none). CXD_MALFORMED,
 * CXD_TOO_DEEP, CXD_TRUNCATED say where; CXD_TOO_LARGE beyond body->max; CXD_NOMEM. schema: for XML, or NULL.
 */
int decode_body(enum decode_type type, const struct _xmlDoc *schema, struct text *body,
                struct cxd_error *err);

/* The single forms, each appending to out (empty). */
int decode_csv(struct cxd_bytes in, struct text *out, struct cxd_error *err);
int decode_xml(struct cxd_bytes in, const struct _xmlDoc *schema, struct text *out,
               struct cxd_error *err);
int decode_zip(struct cxd_bytes in, struct text *out, struct cxd_error *err);
/* Every JSON value of in, comma before each but the first of all (*count). */
int decode_values(struct cxd_bytes in, size_t *count, struct text *out, struct cxd_error *err);
