/*
 * store.h: the keystore file: names and secret values under AES-256-GCM. Control's thread only.
 *
 * File: "cortexd keystore 1 <mark of the key>\n", then the sealed text; the first line is bound to it, and the names stand inside,
 * so neither can be changed without the key. Sealed text: for each entry 2 bytes of name length, 4 of value length (little endian),
 * name, value.
 */
#pragma once

#include "io/seal.h"

#define STORE_NAME_MAX 128          /* bytes of a name: letters, digits, _ - . */
#define STORE_VALUE_MAX (64u << 10) /* bytes of a value */
#define STORE_ENTRIES_MAX 1000
#define STORE_FILE_MAX (4u << 20)

struct store {
    struct buf
        text; /* opened; never grows in place, so that nothing of it stays behind in freed memory */
};

void store_init(struct store *s);
void store_done(struct store *s); /* wipes */
/* CXD_NOT_FOUND: no file; CXD_CORRUPT: no keystore, another key, or changed; CXD_FORBIDDEN: others may read or write it; and what
 * file_read says. Texts name the path. */
int store_open(const char *path, const struct seal_key *key, struct store *ret_store,
               struct cxd_error *err);
/* Puts the file in place whole, mode 0600, owned by whom the folder belongs to. */
int store_save(const char *path, const struct seal_key *key, const struct store *s,
               struct cxd_error *err);
/* The next entry behind *at (0: the first); 0 when there is none. Borrowed until the store changes. */
int store_next(const struct store *s, size_t *at, struct cxd_bytes *ret_name,
               struct cxd_bytes *ret_value);
/* 1 when it is there. */
int store_find(const struct store *s, struct cxd_bytes name, struct cxd_bytes *ret_value);
/* In place of what had the name before. CXD_INVALID: not a name, or an empty value or one with a NUL; CXD_TOO_LARGE, CXD_NOMEM. */
int store_put(struct store *s, struct cxd_bytes name, struct cxd_bytes value,
              struct cxd_error *err);
/* CXD_NOT_FOUND */
int store_remove(struct store *s, struct cxd_bytes name, struct cxd_error *err);
