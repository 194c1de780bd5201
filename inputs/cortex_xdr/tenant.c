/*
 * tenant.c: one pace for each tenant. A request may follow the last one after a second's share, so that no second, wherever
 * it begins, holds more than the limit.
 *
 * Tenants are few and live as long as the process. Thread: any.
 */
#include "tenant.h"

#include <pthread.h>

#define TENANTS_MAX 256u
#define TENANT_ADDRESS 200u

struct tenant {
    char address[TENANT_ADDRESS];
    int64_t next_us; /* monotonic: no request before */
    int64_t skew_ms;
    bool has_told;
};

static struct tenant tenants[TENANTS_MAX];
static size_t tenant_count;
static pthread_mutex_t tenant_lock = PTHREAD_MUTEX_INITIALIZER;

int tenant_get(const char *address, struct tenant **ret_tenant)
{
    int status = CXD_FULL;

    if (strlen(address) >= TENANT_ADDRESS) {
        return CXD_TOO_LARGE;
    }
    (void)pthread_mutex_lock(&tenant_lock);
    for (size_t i = 0; i < tenant_count && status != 0; i++) {
        if (strcmp(tenants[i].address, address) == 0) {
            *ret_tenant = &tenants[i];
            status = 0;
        }
    }
    if (status != 0 && tenant_count < TENANTS_MAX) {
        struct tenant *t = &tenants[tenant_count++];

        memcpy(t->address, address, strlen(address) + 1);
        *ret_tenant = t;
        status = 0;
    }
    (void)pthread_mutex_unlock(&tenant_lock);
    return status;
}

int64_t tenant_take(struct tenant *t, int64_t per_second, int64_t now_ms)
{
    int64_t now_us = now_ms * 1000;
    int64_t wait_us;

    (void)pthread_mutex_lock(&tenant_lock);
    wait_us = t->next_us - now_us;
    if (wait_us <= 0) {
        /* never earlier than the share after now: saved-up time is no licence for a burst */
        t->next_us = now_us + (1000000 + per_second - 1) / per_second;
    }
    (void)pthread_mutex_unlock(&tenant_lock);
    return wait_us <= 0 ? 0 : (wait_us + 999) / 1000;
}

void tenant_hold(struct tenant *t, int64_t until_ms)
{
    (void)pthread_mutex_lock(&tenant_lock);
    if (until_ms * 1000 > t->next_us) {
        t->next_us = until_ms * 1000;
    }
    (void)pthread_mutex_unlock(&tenant_lock);
}

int64_t tenant_skew_ms(struct tenant *t)
{
    int64_t skew_ms;

    (void)pthread_mutex_lock(&tenant_lock);
    skew_ms = t->skew_ms;
    (void)pthread_mutex_unlock(&tenant_lock);
    return skew_ms;
}

bool tenant_has_told(struct tenant *t)
{
    bool has_told;

    (void)pthread_mutex_lock(&tenant_lock);
    has_told = t->has_told;
    (void)pthread_mutex_unlock(&tenant_lock);
    return has_told;
}

void tenant_learn(struct tenant *t, int64_t skew_ms)
{
    (void)pthread_mutex_lock(&tenant_lock);
    t->skew_ms = skew_ms;
    t->has_told = true;
    (void)pthread_mutex_unlock(&tenant_lock);
}
