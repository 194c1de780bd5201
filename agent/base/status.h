/* status.h: names, texts and classes of enum cxd_status. Constant data, any thread. */
#pragma once

#include "cxd/status.h"

const char *status_name(int status); /* "NOT_FOUND"; "UNKNOWN" for a number not in the list */
const char *status_text(int status);
enum cxd_class status_class(int status);
/* A call that failed without words gets its status and that status's text; an error that has a text stays as it is. */
void status_explain(struct cxd_error *err, int status);
