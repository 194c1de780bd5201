/* vector.h: one vector: run it, and say how it went. */
#pragma once

#include "lang/sink.h"

#include <json-c/json.h>

enum vector_verdict { VECTOR_PASSED = 0, VECTOR_FAILED, VECTOR_SKIPPED };

/*
 * `why` gets, for a failure, what was expected and what came; for a skip, the reason. language: the form of cel-spec.jsonl;
 * agent: that of mito.jsonl.
 */
enum vector_verdict vector_language(struct json_object *vector, struct sink *why);
enum vector_verdict vector_agent(struct json_object *vector, struct sink *why);

/* Helpers of both. */
bool vector_needs(struct json_object *vector, const char *need);
struct json_object *vector_get(struct json_object *object,
                               const char *name);                      /* NULL: absent or null */
const char *vector_text(struct json_object *object, const char *name); /* NULL: absent */
