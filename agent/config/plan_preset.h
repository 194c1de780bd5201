/* plan_preset.h: `preset` of an output, in Beats' names: a few numbers chosen together. What the policy itself says wins. */
#pragma once

#include "config/conf.h"

#include <stdint.h>

struct plan_preset {
    const char *name;
    const char *worker;            /* options of the module, where it has them */
    const char *compression_level; /* the same */
    int64_t queue_bytes;           /* 0: as without a preset */
    int64_t batch_bytes;
    int64_t flush_ms; /* how long a part-filled batch may wait */
};

/* *ret_preset NULL: the output names none, or custom. CXD_CONFIG: a word that is none. Static. */
int plan_preset_find(const struct conf *output, const struct plan_preset **ret_preset,
                     struct cxd_error *err);
