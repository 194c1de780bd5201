/* arith.h: operators on values. A failure is an error value of the run. Operands are no errors. */
#pragma once

#include "run.h"

struct value arith_add(struct run *run, struct value a, struct value b);
struct value arith_sub(struct run *run, struct value a, struct value b);
struct value arith_mul(struct run *run, struct value a, struct value b);
struct value arith_div(struct run *run, struct value a, struct value b);
struct value arith_mod(struct run *run, struct value a, struct value b);
struct value arith_negate(struct run *run, struct value a);

/* Values of unlike kinds differ; numbers are compared across kinds; NaN equals nothing. False too when run->fatal got set. */
bool arith_equal(struct run *run, struct value a, struct value b);
/* Order of two comparable values in *ret_order: -1, 0, 1, or 2 (unordered: NaN). False: the kinds have no order. */
bool arith_order(struct value a, struct value b, int *ret_order);
/* b contains a, as list element or map key. */
struct value arith_in(struct run *run, struct value a, struct value b);
