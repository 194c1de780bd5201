/*
 * lex.h: the words of a template, one at a time. Private to this folder. Pure.
 */
#pragma once

#include "lib/region.h"

enum lex_kind {
    LEX_END,      /* of the source */
    LEX_TEXT,     /* outside of actions */
    LEX_OPEN,     /* [[ */
    LEX_CLOSE,    /* ]] */
    LEX_FIELD,    /* .name; text without the dot */
    LEX_VARIABLE, /* $name; text with the dollar sign */
    LEX_WORD,     /* function or keyword */
    LEX_NUMBER,
    LEX_STRING, /* "..." or `...`, as written */
    LEX_CHAR,   /* '.', as written */
    LEX_DOT,
    LEX_PIPE,
    LEX_LEFT,
    LEX_RIGHT,
    LEX_DECLARE, /* := */
    LEX_ASSIGN,  /* = */
    LEX_COMMA,
    LEX_BAD /* text says why */
};

struct lex {
    const char *start;
    const char *ptr;
    const char *end;
    bool is_inside;   /* an action */
    bool is_trimming; /* the last action ended with -]] */
};

struct lex_token {
    struct cxd_bytes text;
    uint32_t pos;
    bool after_space;
    uint8_t kind; /* enum lex_kind */
};

void lex_init(struct lex *lex, struct cxd_bytes source);
struct lex_token lex_next(struct lex *lex);
/* A Go string, raw string or character constant decoded into the region. False: not one (or no memory). */
bool lex_unquote(struct region *r, struct cxd_bytes text, struct cxd_bytes *ret);
