/* sign.h: Ed25519 signatures by OpenSSL. Keys as base64 of their 32 bytes, private ones as PEM. Any thread. */
#pragma once

#include "cxd/abi.h"
#include "cxd/status.h"

enum { SIGN_KEY_LEN = 32, SIGN_LEN = 64, SIGN_PEM_MAX = 512 };

/* A new key pair: PKCS#8 PEM, ending with NUL, and the public key. CXD_BUG: the library refused. */
int sign_new(char pem[SIGN_PEM_MAX], unsigned char public_key[SIGN_KEY_LEN], struct cxd_error *err);
/* CXD_CONFIG: not an Ed25519 private key. */
int sign_make(struct cxd_bytes pem, struct cxd_bytes data, unsigned char signature[SIGN_LEN],
              unsigned char public_key[SIGN_KEY_LEN], struct cxd_error *err);
/* 1: it is the key's signature of data; 0. */
int sign_check(const unsigned char public_key[SIGN_KEY_LEN], struct cxd_bytes data,
               const unsigned char signature[SIGN_LEN]);
