#pragma once
/*
 * Access tokens: checks the signed assertion of a service account as Google's token endpoint does, hands out bearer tokens,
 * and knows which are still good. Any thread.
 */
#include <openssl/evp.h>
#include <stdbool.h>
#include <stddef.h>

struct token_desk;

struct token_desk_options {
    EVP_PKEY *key;       /* borrowed; the account's */
    const char *email;   /* copied */
    unsigned expires_in; /* seconds; what is promised and kept */
};

struct token_desk *token_desk_new(const struct token_desk_options *options);
void token_desk_free(struct token_desk *desk);
/* The audience that an assertion must name: the token endpoint's own URL. */
bool token_desk_audience(struct token_desk *desk, const char *url);
/*
 * Answers an assertion: NULL when it is good, with a new token in ret_token; else the OAuth error description. *ret_error
 * is then the OAuth error code. Both are constant.
 */
const char *token_desk_issue(struct token_desk *desk, const char *assertion, char ret_token[72],
                             const char **ret_error);
/* Is this bearer token good now: one handed out and not expired, or a self-signed assertion with a scope? */
bool token_desk_is_good(struct token_desk *desk, const char *bearer);
/* Every token handed out so far is void from now on. */
void token_desk_revoke(struct token_desk *desk);
unsigned token_desk_expires_in(const struct token_desk *desk);
