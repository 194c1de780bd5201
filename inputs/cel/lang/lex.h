/*
 * lex.h: source text to tokens, one at a time. Borrows the source. Pure.
 */
#pragma once

#include <cxd/abi.h>
#include <stdint.h>

enum token_kind {
    TOKEN_END = 0,
    TOKEN_BAD, /* no token; lex.problem says why */
    TOKEN_IDENT,
    TOKEN_QUOTED, /* `name`, for selection; text is what is between the quotes */
    TOKEN_INT,
    TOKEN_UINT,
    TOKEN_DOUBLE,
    TOKEN_STRING, /* text with prefix and quotes */
    TOKEN_BYTES,
    TOKEN_SIGN /* an operator or bracket, see token.sign */
};

/* One character of an operator is itself; those of two have numbers of their own. */
enum token_sign { SIGN_EQ = 256, SIGN_NE, SIGN_LE, SIGN_GE, SIGN_AND, SIGN_OR };

struct token {
    uint32_t kind; /* enum token_kind */
    uint32_t sign;
    uint32_t at; /* byte offset in the source */
    struct cxd_bytes text;
};

struct lex {
    struct cxd_bytes source;
    size_t at;
    const char *problem; /* static */
};

void lex_init(struct lex *lex, struct cxd_bytes source);
struct token lex_next(struct lex *lex);
