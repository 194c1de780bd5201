/* test.h: the parts of `cortexd test`. */
#pragma once

#include "cxd/status.h"
#include "front/command.h"

/* test output: an exit code. */
int test_output(const struct command_common *common, int is_json);
/* Says what is wrong, in words on standard error or as a line of JSON on standard output. EXIT_PROBLEM. */
int test_complain(const struct cxd_error *err, int is_json);
