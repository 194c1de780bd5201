/* tryout.h: how this program tries strangers' modules: by itself, started anew (see gate/probe.h and check_try.c). */
#pragma once

#include "gate/probe.h"

/* For agent_options.probe. Static. */
const struct probe *tryout_probe(void);
