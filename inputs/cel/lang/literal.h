/* literal.h: what a literal token stands for. Values are in the pool. Pure. */
#pragma once

#include "lex.h"
#include "pool.h"
#include "value.h"

/*
 * The value of a number or string token; `negative` is for a minus sign directly in front of a number. True on success;
 * else *ret_problem is a static text and *ret_at the offset it is about. The pool's refusal is a problem too.
 */
bool literal_value(struct pool *pool, const struct token *token, bool negative,
                   struct value *ret_value, const char **ret_problem, uint32_t *ret_at);
