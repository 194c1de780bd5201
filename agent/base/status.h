/* status.h: names, texts and classes of enum cxd_status. Constant data, any thread. */
#pragma once

#include "cxd/status.h"

const char *status_name(int status); /* "NOT_FOUND"; "UNKNOWN" for a number not in the list */
const char *status_text(int status);
enum cxd_class status_class(int status);
