/* typed.h: values as the vectors write them: {"int":"1"}, {"list":[...]}, ... */
#pragma once

#include "lang/run.h"

#include <json-c/json.h>

/* Into the pool. False: not such a value. */
bool typed_read(struct pool *pool, struct json_object *from, struct value *ret);
/* Same kind and value; a NaN equals a NaN. */
bool typed_same(struct run *run, struct value a, struct value b);
/* For a person. */
void typed_put(struct sink *out, struct value v);
