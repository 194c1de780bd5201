/* vars.h: the inside of ${...}, for texts (vars.c) and for conditions (eql.c). */
#pragma once

#include "base/buf.h"
#include "config/conf.h"

/*
 * End of the ${...} whose inside begins at `at`: its }, or NULL when there is none before `end`. Quotes hide what is in them;
 * a backslash within quotes hides one more.
 */
const char *vars_close(const char *at, const char *end);
/*
 * Value of a|b|'text':default, appended to out. CXD_OK; CXD_NOT_FOUND: no alternative has a value and there is no default;
 * CXD_CONFIG: the text is no variable; CXD_NOMEM, CXD_TOO_LARGE. Nothing is logged.
 */
int vars_put(const char *inside, size_t len, struct buf *out, struct cxd_error *err);
/* The inside of quotes, \ taken out. */
int vars_unquote(const char *inside, size_t len, struct buf *out);
