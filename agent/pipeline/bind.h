/* bind.h: the whole host table: the gate's part and the pipeline's event functions. Constant once made. */
#pragma once

#include "cxd/host.h"

/* Made on the first call; the first call comes from control, before any thread. */
const struct cxd_host *bind_host(void);
