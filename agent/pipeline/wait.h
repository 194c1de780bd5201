/* wait.h: conditions with a deadline on the monotonic clock. */
#pragma once

#include <pthread.h>
#include <stdint.h>

void wait_cond_init(pthread_cond_t *cond);
/* deadline_ms: of clock_mono_ms; -1: for ever. 1 when woken (perhaps for nothing), 0 when the time is over. */
int wait_cond(pthread_cond_t *cond, pthread_mutex_t *lock, int64_t deadline_ms);
