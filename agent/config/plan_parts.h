/* plan_parts.h: parts of reading a plan, for plan.c. */
#pragma once

#include "config/plan.h"

/* The `agent:` key. */
int plan_settings_read(const struct conf *root, struct plan_settings *ret_settings,
                       struct cxd_error *err);
/* `processors:` of input and stream, in this order: "- add_fields: {...}" each. */
int plan_processors_read(struct plan_stream *s, struct arena *arena, struct cxd_error *err);
