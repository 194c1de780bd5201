/* run_bench.h: a runner with the scripted input over a rig of its own, for the tests of the input's thread. */
#pragma once

#include "rig.h"

#include "fake_input.h"
#include "pipeline/run.h"

#include <pthread.h>

extern struct rig rig;
extern struct runner *runner;
extern atomic_int fail_batches; /* so many batches cannot be made (the program wraps batch_new) */

int bench_setup(void **state);
int bench_teardown(void **state); /* fails when an instance was left open */
/* steps NULL: the script was set before. */
void bench_start(const struct fake_step *steps, size_t count, int is_once, unsigned tries);
void bench_stop(void);
unsigned bench_polls(void);
/* Settles what waits in the queue; the number of documents. */
unsigned bench_drain(void);
int bench_health(void);
void bench_reason_is(const char *wanted);
