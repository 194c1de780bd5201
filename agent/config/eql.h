/*
 * eql.h: the value of `condition:` of an input or stream, in the language of Elastic Agent's conditions.
 *
 * Literals (numbers, 'text', "text", true, false, null, [array], {key: value}), ${variables} (null when there is no value; text,
 * or what the policy has at providers.local.vars), == != < <= > >= + - * / % and or not && || !, parentheses, and these functions: arrayContains hasKey length add
 * subtract multiply divide modulo concat startsWith endsWith indexOf match number string stringContains. Any thread but for the
 * variables, which are control's.
 */
#pragma once

#include "base/arena.h"
#include "cxd/status.h"

#include <stdbool.h>
#include <stddef.h>

enum { EQL_MAX_LEN = 16384, EQL_MAX_DEPTH = 32, EQL_MAX_STEPS = 10000 };

/* CXD_CONFIG: not a condition, or its value is no boolean; the text says where, in bytes. CXD_TOO_LARGE, CXD_TOO_DEEP, CXD_NOMEM. */
int eql_test(const char *text, size_t len, struct arena *arena, bool *ret_is_true,
             struct cxd_error *err);
