/* jwk.h: an RSA private key as JWK (RFC 7518) to PEM (PKCS#1), which the host can sign with. Pure. */
#pragma once

#include "lib/optree.h"

int jwk_to_pem(struct region *r, struct cxd_bytes json, struct cxd_bytes *ret_pem,
               struct cxd_bytes *ret_key_id, struct cxd_error *err);
