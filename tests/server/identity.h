#pragma once
/*
 * Who the simulator is: its own certificate authority, a server certificate for 127.0.0.1, ::1, localhost
 * and api-tenant.localhost, and a service account with its key. Made once in a state folder and read from there afterwards. Read-only after identity_open.
 */
#include <openssl/evp.h>
#include <stdbool.h>

struct identity {
    char *server_cert; /* PEM */
    char *server_key;  /* PEM */
    char *account_key; /* PEM, PKCS#8 */
    EVP_PKEY *account;
    char account_email[96];
    char key_id[41];
};

/* False with *ret_reason: the folder or a file cannot be written, or cryptography failed. */
bool identity_open(struct identity *identity, const char *state, const char **ret_reason);
void identity_done(struct identity *identity);
/* Writes STATE/service-account.json, whose token_uri is token_uri. */
bool identity_write_account(const struct identity *identity, const char *state,
                            const char *token_uri);
