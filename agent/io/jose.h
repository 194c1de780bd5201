/*
 * jose.h: private keys as JOSE sees them (RFC 7515, 7517, 7518): RSA as RS256, EC on P-256 as ES256. By OpenSSL. Any thread.
 */
#pragma once

#include "cxd/abi.h"
#include "cxd/status.h"

/* As cxd_host.jose_key and jose_sign say. */
int jose_key(struct cxd_bytes key_pem, char *jwk, size_t room, const char **ret_alg,
             struct cxd_error *err);
int jose_sign(struct cxd_bytes key_pem, struct cxd_bytes data, unsigned char *sig, size_t *sig_len,
              struct cxd_error *err);
