/* policy_explain.h: where the values of a policy come from. Control's thread; prints on standard output. */
#pragma once

struct agent_stream;
struct conf;

/* Each option of the stream's module that has a value, with its layer (stream, input, default) and place; then the agent's own keys.
 * is_json: one line for programs. */
void policy_explain_stream(const struct agent_stream *s, int is_json);
/* 1; or 0, after a complaint: no such key. */
int policy_explain_key(const struct conf *root, const char *key, int is_json);
