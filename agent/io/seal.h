/*
 * seal.h: data at rest under a key, by AES-256-GCM (OpenSSL). Any thread.
 *
 * Sealed: 12 bytes of random nonce, the encrypted bytes, 16 bytes of tag. One key is good for 2^32 seals.
 */
#pragma once

#include "base/buf.h"
#include "cxd/abi.h"
#include "cxd/status.h"

enum { SEAL_KEY_LEN = 32, SEAL_MARK_LEN = 8, SEAL_EXTRA = 12 + 16 };

struct seal_key {
    unsigned char bytes[SEAL_KEY_LEN];
    unsigned char mark[SEAL_MARK_LEN]; /* tells keys apart without giving one away */
};

/*
 * A key file: 32 bytes as 64 hex letters (a line end may follow) or as they are. It must belong to root or this user and be
 * readable by nobody else. CXD_CONFIG, CXD_NOT_FOUND, CXD_FORBIDDEN and what file_read says; texts name the path.
 */
int seal_key_read(const char *path, struct seal_key *ret_key, struct cxd_error *err);
/* A key among systemd's credentials: the folder keeps it from others, and an access list may show as a group's right to read. */
int seal_credential_read(const char *path, struct seal_key *ret_key, struct cxd_error *err);
void seal_key_wipe(struct seal_key *key);
/* Appends the sealed text to out; `bound` is not in it but must be the same at opening. CXD_NOMEM, CXD_TOO_LARGE, CXD_BUG. */
int seal_put(const struct seal_key *key, struct cxd_bytes bound, struct cxd_bytes text,
             struct buf *out);
/* Appends the text. CXD_CORRUPT: another key, another bound, or changed bytes (out is as before); CXD_NOMEM, CXD_TOO_LARGE. */
int seal_get(const struct seal_key *key, struct cxd_bytes bound, struct cxd_bytes sealed,
             struct buf *out);
