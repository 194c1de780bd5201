/* component_inner.h: a component's inside, for component.c, change.c and observe.c. Control's thread. */
#pragma once

#include "front/command.h"
#include "front/component/checkin.h"
#include "front/component/desired.h"
#include "front/run/agent.h"
#include "front/run/reload.h"

#define COMPONENT_POLICY_MAX (16u << 20)

/* Where an input unit stands in the plan that runs. */
struct place {
    char id[256];
    int line; /* 0: no unit */
    uint64_t config_idx;
};

/* An input unit that the plan does not take; the others run without it. */
struct refusal {
    char id[256]; /* "": none */
    char why[sizeof((struct cxd_error *)0)->text];
};

struct component {
    struct command_common common;
    struct checkin *checkin;
    struct expected now; /* with all configurations */
    struct buf policy;   /* of it, without the units that are refused */
    struct buf applied;  /* the last that was tried, with all units */
    int lines[EXPECTED_UNITS_MAX];
    struct place *places;     /* of the units in the plan that runs; EXPECTED_UNITS_MAX */
    struct refusal *refusals; /* EXPECTED_UNITS_MAX */
    size_t refusal_count;
    struct cxd_error trouble; /* of the last try, of no single input; CXD_OK: none */
    int is_output_trouble;    /* it is the output's alone */
    int is_changing;          /* what is wanted is being applied */
    int64_t retry_ms;         /* monotonic: then what was refused is tried again; 0: never */
    int64_t retry_wait_ms;
    int64_t start_ms;    /* monotonic */
    struct agent *agent; /* NULL: nothing has been started yet */
    struct reload *reload;
    int is_stopping;
};

/* change.c: what is wanted since the last call, and what is due to be tried again, is brought to life. */
void component_change(struct component *c);
/* observe.c: what runs, as the units see it, is told. */
void component_report(struct component *c);
/* The same without telling; observed_done in any case. CXD_NOMEM. */
int component_observe(struct component *c, struct observed *ret_observed);
/* NULL: the unit of this id is not refused. */
const struct refusal *component_refusal(const struct component *c, const char *id);
