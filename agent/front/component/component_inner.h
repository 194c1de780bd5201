/* component_inner.h: a component's inside, for component.c and observe.c. Control's thread. */
#pragma once

#include "front/command.h"
#include "front/component/checkin.h"
#include "front/component/desired.h"
#include "front/run/agent.h"
#include "front/run/reload.h"

/* Where an input unit stands in the plan that runs. */
struct place {
    char id[256];
    int line; /* 0: no unit */
};

struct component {
    struct command_common common;
    struct checkin *checkin;
    struct expected now; /* with all configurations */
    struct buf policy;   /* of it */
    struct buf applied;  /* the last that was tried */
    int lines[EXPECTED_UNITS_MAX];
    struct place *places; /* of the units in the plan that runs, by their ids; EXPECTED_UNITS_MAX */
    struct cxd_error trouble; /* of the last try; CXD_OK: none */
    int trouble_line;         /* the unit's that it is of; 0: all */
    struct agent *agent;      /* NULL: nothing has been started yet */
    struct reload *reload;
    int is_stopping;
};

/* observe.c: what runs, as the units see it, is told. */
void component_report(struct component *c);
/* The plan that runs is the one that c->lines is of. */
void component_places_set(struct component *c);
