/* observe.c: the agent's streams and outputs as the state of units. */
#include "front/component/component_inner.h"

#include "front/run/apply.h"
#include "pipeline/unit.h"

#include <stdio.h>
#include <string.h>

#define STREAMS_MAX (1u << 20)

/* What a unit of the agent is like, by kind and id. */
struct look {
    const char *kind;
    const char *id;
    int health; /* -1: not there */
    char reason[UNIT_REASON_MAX];
};

static void look_at(void *owner, const struct agent_unit *unit)
{
    struct look *look = owner;

    if (strcmp(unit->kind, look->kind) == 0 && strcmp(unit->id, look->id) == 0) {
        look->health = unit_health_get(unit->unit, look->reason);
    }
}

static int state_of(const struct look *look)
{
    return look->health < 0               ? STATE_CONFIGURING
           : look->health == CXD_HEALTHY  ? STATE_HEALTHY
           : look->health == CXD_DEGRADED ? STATE_DEGRADED
                                          : STATE_FAILED;
}

static void worse(struct observed_unit *u, int state, const char *message)
{
    int is_worse = state == STATE_FAILED || (state == STATE_DEGRADED && u->state != STATE_FAILED) ||
                   (state == STATE_CONFIGURING && u->state == STATE_HEALTHY);

    if (is_worse) {
        u->state = state;
        (void)snprintf(u->message, sizeof u->message, "%s", message);
    }
}

/* The streams that stand on the unit's line, the worst of them as the unit's own. */
static int input_observe(struct component *c, struct observed_unit *u, int line)
{
    struct buf streams;
    int count = 0;
    int r = CXD_OK;

    buf_init(&streams, STREAMS_MAX);
    u->state = STATE_HEALTHY;
    for (const struct plan_stream *p = agent_plan(c->agent)->streams; p != NULL && r == CXD_OK;
         p = p->next) {
        struct look look = {.kind = "input", .id = p->id, .health = -1};
        if (p->stream->line != line) {
            continue;
        }
        agent_units(c->agent, look_at, &look);
        worse(u, state_of(&look), look.reason);
        r = observed_stream(&streams, p->id, state_of(&look), look.reason);
        count++;
    }
    if (r == CXD_OK && count > 0) {
        r = observed_streams_end(u, &streams);
    }
    if (count == 0) {
        (void)snprintf(u->message, sizeof u->message, "no stream is enabled");
    } else if (u->state == STATE_HEALTHY) {
        (void)snprintf(u->message, sizeof u->message, "%d stream%s collected", count,
                       count == 1 ? " is" : "s are");
    }
    buf_done(&streams);
    return r;
}

static void output_observe(struct component *c, struct observed_unit *u)
{
    struct look look = {.kind = "output", .id = "default", .health = -1};

    agent_units(c->agent, look_at, &look);
    /* without inputs nothing is sent there, and nothing is wrong */
    u->state = look.health < 0 ? STATE_HEALTHY : state_of(&look);
    (void)snprintf(u->message, sizeof u->message, "%s", look.reason);
}

/* NULL: the unit is not in the plan that runs. */
static const struct place *place_of(const struct component *c, const char *id)
{
    for (size_t i = 0; i < EXPECTED_UNITS_MAX; i++) {
        if (c->places[i].line > 0 && strcmp(c->places[i].id, id) == 0) {
            return &c->places[i];
        }
    }
    return NULL;
}

static void state_set(struct observed_unit *u, int state, const char *message)
{
    u->state = state;
    (void)snprintf(u->message, sizeof u->message, "%s", message);
}

static int input_look(struct component *c, const struct expected_unit *e, struct observed_unit *u)
{
    const struct refusal *refusal = component_refusal(c, e->id);
    const struct place *place = place_of(c, e->id);

    if (e->state == STATE_STOPPED) {
        state_set(u, c->is_changing && place != NULL ? STATE_STOPPING : STATE_STOPPED, "");
    } else if (c->is_changing && (place == NULL || place->config_idx != e->config_idx)) {
        state_set(u, STATE_CONFIGURING, "");
    } else if (refusal != NULL) {
        state_set(u, STATE_FAILED, refusal->why);
    } else if (c->trouble.status != CXD_OK && !c->is_output_trouble) {
        state_set(u, STATE_FAILED, c->trouble.text);
    } else if (place == NULL || c->agent == NULL) {
        state_set(u, STATE_STARTING, "waits for its output");
    } else {
        return input_observe(c, u, place->line);
    }
    return CXD_OK;
}

static void output_look(struct component *c, const struct expected_unit *e, struct observed_unit *u)
{
    if (e->state == STATE_STOPPED) {
        state_set(u, c->is_changing ? STATE_STOPPING : STATE_STOPPED, "");
    } else if (c->trouble.status != CXD_OK && !c->is_changing) {
        state_set(u, STATE_FAILED, c->trouble.text);
    } else if (c->agent == NULL) {
        state_set(u, c->is_changing ? STATE_CONFIGURING : STATE_STARTING, "");
    } else {
        output_observe(c, u);
    }
}

static int unit_observe(struct component *c, size_t number, struct observed *o)
{
    const struct expected_unit *e = &c->now.units[number];
    struct observed_unit *u = observed_add(o, e->type, e->id);

    if (u == NULL) {
        return CXD_NOMEM;
    }
    u->config_idx = e->config_idx;
    if (c->is_stopping) {
        state_set(u, c->agent != NULL ? STATE_STOPPING : STATE_STOPPED, "");
    } else if (e->type == UNIT_INPUT) {
        return input_look(c, e, u);
    } else {
        output_look(c, e, u);
    }
    return CXD_OK;
}

int component_observe(struct component *c, struct observed *ret_observed)
{
    int r = CXD_OK;

    observed_init(ret_observed);
    for (size_t i = 0; i < c->now.count && r == CXD_OK; i++) {
        r = unit_observe(c, i, ret_observed);
    }
    ret_observed->features_idx = c->now.features_idx;
    ret_observed->component_idx = c->now.component_idx;
    return r;
}

void component_report(struct component *c)
{
    struct observed o;

    if (component_observe(c, &o) == CXD_OK) {
        checkin_report(c->checkin, &o);
    } else {
        observed_done(&o); /* the next look tries again */
    }
}
