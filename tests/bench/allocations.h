/*
 * allocations.h: how often this process asked for memory: malloc, calloc, realloc and their aligned kin, in every library. Linked
 * into a bench, or loaded before a program (LD_PRELOAD) that then writes the count to the file BENCH_ALLOCATIONS at its end.
 */
#pragma once

#include <stdint.h>

/* -1: this C library has no way to count, or a sanitizer counts for itself. */
int64_t allocations_count(void);
