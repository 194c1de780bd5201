/*
 * letter.h: a line of the dead-letter store read back. Pure; one thread for each reader.
 */
#pragma once

#include "base/arena.h"
#include "base/buf.h"
#include "base/scan.h"

/* Members as they stand in the line; texts between their quotes, still escaped. Missing ones have ptr NULL. */
struct letter {
    struct cxd_value at;
    struct cxd_value stage;
    struct cxd_value status;
    struct cxd_value reason;
    struct cxd_value stream;
    struct cxd_value data_stream;
    struct cxd_value id;
    struct cxd_value document; /* object */
    struct cxd_value message;  /* text */
    struct cxd_value message_base64;
    struct cxd_value fields; /* object */
};

/* Borrows from the line. CXD_MALFORMED: no letter; CXD_TOO_DEEP, CXD_TOO_LARGE, CXD_NOMEM. */
int letter_read(struct scan *scan, struct arena *arena, struct cxd_bytes line,
                struct letter *ret_letter);
/* A text member decoded into out as a NUL-terminated string; longer ones are cut at a letter. */
void letter_text(const struct cxd_value *value, char *out, size_t room);
/* The raw record, appended to out: 0; CXD_NOT_FOUND: the letter has none; CXD_MALFORMED, CXD_NOMEM, CXD_TOO_LARGE. */
int letter_message(const struct letter *l, struct buf *out);
