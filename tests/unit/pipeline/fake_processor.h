/* fake_processor.h: a processor that does what its options' "do" says, and counts its instances. */
#pragma once

#include "cxd/module.h"

extern const struct cxd_module fake_processor_module;
extern int fake_processor_open_count; /* instances now */
extern char fake_processor_trace
    [64]; /* the letters of those that ran, in order; written by the input's thread */

/* Options for chain_add, in a static buffer. what: "keep", "discard", "fail", "silent" (fails without words), "nomem", "emit" (a
 * processor that tries an input's function), "open-fails", "half-open"; letter: for the trace. */
struct cxd_bytes fake_processor_options(const char *what, const char *letter);
