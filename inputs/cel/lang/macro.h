/* macro.h: calls that are no calls: has, all, map, optMap, as, cel.bind and others become nodes of their own. */
#pragma once

#include "parse.h"

/*
 * The node a call stands for, or NULL with parser->problem unset when it is an ordinary call, or NULL with the problem.
 * args[0] is the receiver of a method.
 */
struct node *macro_expand(struct parser *parser, const struct node *call);
