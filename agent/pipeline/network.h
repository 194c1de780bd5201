/* network.h: addresses and the networks that conditions name. Pure, any thread. */
#pragma once

#include "pipeline/condition.h"

#define NETWORK_NAMED_MAX 24

/* The networks of a name, an address or ADDRESS/BITS: how many, 0 when it is none of these. next is left NULL. */
size_t network_read(const char *text, struct condition_net nets[NETWORK_NAMED_MAX]);
/* 1 when text is an address inside; 0 otherwise. Among nets that belong together those with is_not take away. */
int network_holds(const struct condition_net *nets, struct cxd_bytes text);
