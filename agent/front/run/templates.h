/* templates.h: index templates of the agent's own documents, which are no exports of the schema. */
#pragma once

/* logs-cortexd.deadletter-* */
extern const char template_dead_letter[];
/* metrics-cortexd.policy-* */
extern const char template_policy[];
