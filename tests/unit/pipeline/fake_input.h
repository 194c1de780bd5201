/* fake_input.h: an input that plays a script, a step for each poll; the last step is played for ever. */
#pragma once

#include "cxd/module.h"

#include <stdatomic.h>
#include <stddef.h>

struct fake_step {
    int result; /* enum cxd_poll, or negative */
    int64_t wait_ms;
    int64_t retry_after_ms; /* 0: none asked for */
    const char *why;        /* of a failure; NULL: without words */
    int emits;              /* events, each {"n":N} with N counting up */
    int64_t cursor;         /* marked behind them; 0: none */
    int health;             /* enum cxd_health that it sets first */
    int is_stuck; /* waits until interrupted, and forgets an interrupt that comes before that */
};

struct fake_input {
    const struct fake_step *steps;
    size_t count;
    int open_failures; /* so many opens fail first, */
    int open_status;   /* with this */
    int is_half_open;  /* and give an instance all the same */
    atomic_uint opens; /* tries */
    atomic_uint open_now;
    atomic_uint polls;
    atomic_uint interrupts;
    atomic_llong cursor; /* that the last open saw; -1: none */
    atomic_llong last_poll_ms;
    atomic_uint is_waiting; /* stuck now */
    atomic_uint ended;      /* times the runner said that it ended */
};

extern struct fake_input fake_input;
extern const struct cxd_module fake_input_module;

void fake_input_script(const struct fake_step *steps, size_t count);
