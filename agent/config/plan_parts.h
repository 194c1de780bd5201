/* plan_parts.h: parts of reading a plan, for plan.c. */
#pragma once

#include "config/plan.h"

/* The `agent:` key. */
int plan_settings_read(const struct conf *root, struct plan_settings *ret_settings,
                       struct cxd_error *err);
/* `agent.state`, once the outputs are there and known to be used. */
int plan_state_read(const struct conf *root, struct plan *plan, struct cxd_error *err);
/* `agent.dead_letter.output`, `agent.report`; likewise. */
int plan_own_read(const struct conf *root, struct plan *plan, struct arena *arena,
                  struct cxd_error *err);
/* `processors:` of input and stream, in this order: "- add_fields: {...}" each. */
int plan_processors_read(struct plan_stream *s, struct arena *arena, struct cxd_error *err);
/* The stream's tags, or else its input's; the two preserve switches are tags of their own. */
int plan_tags_read(struct plan_stream *s, struct arena *arena, struct cxd_error *err);
/* fields, fields_under_root, keep_null, index and pipeline of the stream, or else of its input; fields of both are merged. */
int plan_fields_read(struct plan_stream *s, struct arena *arena, struct cxd_error *err);
