/*
 * crypto.h: digests, signatures, base64, random bytes and hex, by OpenSSL. Any thread.
 */
#pragma once

#include "cxd/abi.h"
#include "cxd/status.h"

void crypto_sha256(const void *data, size_t len, unsigned char out[32]);
/* By enum cxd_digest; the length in bytes, 0 for another method. Takes no memory. */
size_t crypto_digest(int method, const void *data, size_t len, unsigned char out[64]);
/* CXD_NOMEM or CXD_BUG (the library refused) */
int crypto_hmac_sha256(struct cxd_bytes key, struct cxd_bytes data, unsigned char out[32],
                       struct cxd_error *err);
/*
 * RSASSA-PKCS1-v1_5 with SHA-256 by a key in PEM (PKCS#8 or PKCS#1, no passphrase, 2048 to 16384 bits). *sig_len in: room
 * in sig, out: length. CXD_CONFIG: not such a key; CXD_FULL: no room (*sig_len tells what is needed).
 */
int crypto_sign_rs256(struct cxd_bytes key_pem, struct cxd_bytes data, unsigned char *sig,
                      size_t *sig_len, struct cxd_error *err);
/*
 * Base64 without line ends; url: the URL alphabet, unpadded. Returns the length, without a terminator (none is written), or 0
 * when room is too small. Empty data gives 0, too.
 */
size_t crypto_base64(const void *data, size_t len, int url, char *out, size_t room);
/*
 * The way back. Strict: no white space, no foreign letters, unused bits zero; padding as it must be for the standard
 * alphabet, and optional for the URL's. CXD_MALFORMED, or CXD_FULL when room is too small.
 */
int crypto_base64_decode(struct cxd_bytes text, int url, void *out, size_t room, size_t *ret_len);
/* Lower-case hex, 2 * len letters and a NUL; 0 when room is too small, else 2 * len. */
size_t crypto_hex(const void *data, size_t len, char *out, size_t room);
/* Exactly len bytes from 2 * len hex letters, either case; colons between pairs are skipped. CXD_MALFORMED. */
int crypto_hex_decode(struct cxd_bytes text, void *out, size_t len);
/* Bytes nobody can guess. CXD_BUG when the library has none (then do not go on). */
int crypto_random(void *out, size_t len);
/* Overwrites; the compiler cannot leave it out. ptr may be NULL when len is 0. */
void crypto_wipe(void *ptr, size_t len);
