/* rotate.h: gives a full file the next number, and deletes those beyond the number to be kept. */
#pragma once

#include "cxd/status.h"

/* FILE becomes FILE.%08u; files_max counts the file that will be made next as well, 0 keeps all. */
int rotate_file(int folder, const char *file, uint32_t files_max, struct cxd_error *err);
