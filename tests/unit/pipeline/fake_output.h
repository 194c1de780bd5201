/* fake_output.h: an output whose send is a function of the test's, and that remembers what it was given. */
#pragma once

#include "cxd/module.h"

#include <stdatomic.h>

/* What becomes of a batch; call counts from 1, over all instances. */
typedef int (*fake_send_fn)(unsigned call, const struct cxd_batch *batch,
                            struct cxd_outcome *outcomes, struct cxd_error *err);

struct fake_output {
    fake_send_fn send;
    int open_failures; /* from this instance on, counted from 1; 0: none */
    atomic_uint calls;
    atomic_uint open_now;
    atomic_uint interrupts;
    atomic_uint documents; /* over all calls */
};

extern struct fake_output fake_output;
extern const struct cxd_module fake_output_module;
/* The same without interrupt and setup, as an older module. */
extern const struct cxd_module fake_output_old_module;
