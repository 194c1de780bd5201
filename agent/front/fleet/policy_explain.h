/* policy_explain.h: where the values of a stream come from. Control's thread; prints on standard output. */
#pragma once

struct agent_stream;

/* Each option of the stream's module that has a value, with its layer (stream, input, default) and place; then the agent's own keys. */
void policy_explain_stream(const struct agent_stream *s);
