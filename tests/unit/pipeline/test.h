/* test.h: what every test file of this folder starts with. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(list) (sizeof(list) / sizeof(list)[0])

/* Waits for what another thread brings about; a test that waits longer than this is wrong. */
#define WAIT_MAX_MS 20000
#define WAIT_FOR(condition)                                                                        \
    do {                                                                                           \
        int64_t until_ = clock_mono_ms() + WAIT_MAX_MS;                                            \
        while (!(condition)) {                                                                     \
            assert_true(clock_mono_ms() < until_);                                                 \
            (void)usleep(500);                                                                     \
        }                                                                                          \
    } while (0)
