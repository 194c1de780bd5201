/* test.h: cmocka with what it needs. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "fake.h"

#define assert_text(text, literal) assert_string_equal((text).ptr, (literal))

static inline int test_clean(void **state)
{
    (void)state;
    fake_reset();
    return 0;
}
