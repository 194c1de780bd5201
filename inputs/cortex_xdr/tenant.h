/*
 * tenant.h: requests of all streams of one tenant, spaced as its limit wants, and held back together when it says "too many".
 *
 * The pace is shared with streams of other modules, by the address. Any thread; the lock is private to tenant.c and nothing is
 * called under it.
 */
#pragma once

#include "lib/heap.h"

struct tenant;

/* The tenant of an API address; the same for all who ask with the same address. CXD_FULL beyond 256 tenants, CXD_NOMEM. */
int tenant_get(const char *address, struct tenant **ret_tenant);
/* 0: go, the request is counted. Else: milliseconds to wait before asking again, or negative. per_second is at least 1. */
int64_t tenant_take(const struct cxd_host *host, const struct tenant *t, int64_t per_second,
                    int64_t now_ms);
/*
 * How far the tenant's clock is ahead of this machine's, in ms; 0 until a reply told. What has settled, and what time an
 * Advanced key is stamped with, goes by the tenant's clock.
 */
int64_t tenant_skew_ms(struct tenant *t);
bool tenant_has_told(struct tenant *t);
void tenant_learn(struct tenant *t, int64_t skew_ms);
/* Nobody of this tenant asks before until_ms (monotonic). */
void tenant_hold(const struct cxd_host *host, const struct tenant *t, int64_t until_ms);
