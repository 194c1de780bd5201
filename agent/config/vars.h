/* vars.h: the inside of ${...}, for texts (vars.c, read.c) and for conditions (eql.c). */
#pragma once

#include "base/buf.h"
#include "config/conf.h"

/* A value: text, or a piece of a tree (a list, a map, or a scalar that keeps its type). */
struct var {
    const struct conf *node; /* NULL: text */
    const char *ptr; /* text; borrowed from arena, environment or a provider, until the next call */
    size_t len;
    const char *why; /* after CXD_NOT_FOUND, what its provider says; NULL: nothing */
    bool is_secret;  /* from the keystore or a file */
};

/*
 * End of the ${...} whose inside begins at `at`: its }, or NULL when there is none before `end`. Quotes hide what is in them;
 * a backslash within quotes hides one more.
 */
const char *vars_close(const char *at, const char *end);
/*
 * Value of a|b|'text':default. CXD_OK; CXD_NOT_FOUND: no alternative has a value and there is no default; CXD_NOMEM, CXD_TOO_LARGE.
 * Nothing is logged.
 */
int vars_find(const char *inside, size_t len, struct arena *arena, struct var *ret_var,
              struct cxd_error *err);
/* The same for all of a text that is one variable and nothing else: CXD_OK with a list, a map or a typed scalar; CXD_END: it is none
 * of these, and conf_expand's business. */
int vars_find_whole(const char *text, size_t len, struct arena *arena, struct var *ret_var);
/* conf_expand, which tells whether a secret went into it. */
int vars_expand(const char *text, size_t len, struct arena *arena, struct var *ret_var,
                struct cxd_error *err);
/* The inside of quotes, \ taken out. */
int vars_unquote(const char *inside, size_t len, struct buf *out);
