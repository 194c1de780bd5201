/* profile.h: few settings to those of the input, and the program that is built in. */
#pragma once

#include "settings.h"

extern const struct cxd_option profile_options[];
/* Made from programs/alerts-v2.cel when built; ends with NUL. */
extern const char profile_alerts_v2[];

/* NULL with err: refused, or no memory. The tree lives in settings->region. */
struct tree *profile_translate(struct settings *settings, struct tree *options,
                               struct cxd_error *err);
