/* words.h: the core's statuses in the words of cxd/embed.h, and the last error's text of each handle. Any thread. */
#pragma once

#include "cxd/status.h"

#include <stdint.h>

int32_t words_code(int status);
/* For cxd_error; handle 0: the library. */
void words_keep(uint64_t handle, const struct cxd_error *err);
/* Empty when there was none. */
void words_get(uint64_t handle, char ret_text[sizeof((struct cxd_error *)NULL)->text]);
