/* check_play.h: one module at work for a moment: open, a few calls, close. In the child of `cortexd check-module`. */
#pragma once

#include "front/module/check.h"

/* options: BSON, as option_build made it. 1: good. */
int check_play(const struct check_order *order, const struct cxd_module *module,
               struct cxd_bytes options);
