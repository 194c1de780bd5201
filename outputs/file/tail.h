/* tail.h: finds and cuts a line without an end at the end of a file. */
#pragma once

#include "cxd/status.h"

/* Cuts the file behind its last newline; *ret_cut: bytes gone. CXD_CONFIG when more than 64 MiB would go: not our file. */
int tail_cut(int fd, uint64_t len, const char *name, uint64_t *ret_cut, struct cxd_error *err);
