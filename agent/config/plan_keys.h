/* plan_keys.h: the keys of a policy that are the agent's own and no module's, as option tables: what is known, and what is told. */
#pragma once

#include "cxd/option.h"

enum plan_place {
    PLAN_AGENT,     /* below `agent` */
    PLAN_OUTPUT,    /* in each of `outputs`, beside its module's options */
    PLAN_STREAM,    /* in each of `inputs`, and in its `streams`, which go before */
    PLAN_PROVIDERS, /* below `providers` */
    PLAN_PLACES
};

/* Static. The defaults are those that plan_read fills in. */
const struct cxd_option *plan_keys(enum plan_place place);
/* "agent", "outputs", "inputs", "providers". Static. */
const char *plan_place_name(enum plan_place place);
