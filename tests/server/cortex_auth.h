#pragma once
/*
 * Who may call the Cortex API: a Standard key, sent as it is, and an Advanced key, of which only a digest with a fresh nonce
 * and timestamp is sent. Any thread; the lock is private.
 */
#include <stdbool.h>
#include <stdint.h>

enum { CORTEX_DIGEST_BYTES = 65, CORTEX_NONCE_MAX = 256, CORTEX_KEY_MAX = 256 };

struct cortex_auth;

/* The four headers; NULL: absent. */
struct cortex_credentials {
    const char *id, *authorization, *nonce, *timestamp;
};

enum cortex_verdict {
    CORTEX_WELCOME,
    CORTEX_NO_KEY,      /* no such key id, or headers are missing */
    CORTEX_WRONG_KEY,   /* also a key of one kind used as the other */
    CORTEX_WRONG_TIME,  /* outside of the tolerated skew */
    CORTEX_NONCE_TWICE, /* a replay */
    CORTEX_VERDICTS
};

/* Each as ID:KEY. NULL: not well formed, too long, or no memory. */
struct cortex_auth *cortex_auth_new(const char *standard, const char *advanced, int64_t skew_ms);
void cortex_auth_free(struct cortex_auth *auth);
/* A timestamp is good when it is near either clock: the machine's, or the tenant's, which may be a simulated one. */
enum cortex_verdict cortex_auth_check(struct cortex_auth *auth,
                                      const struct cortex_credentials *credentials, int64_t real_ms,
                                      int64_t tenant_ms);
/* SHA-256 of key, nonce and timestamp in a row, as lower-case hexadecimal digits. False: cryptography failed. */
bool cortex_auth_digest(const char *key, const char *nonce, const char *timestamp,
                        char out[CORTEX_DIGEST_BYTES]);
const char *cortex_verdict_name(enum cortex_verdict verdict);
