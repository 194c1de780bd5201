/*
 * tenant.c: what streams know together: pace and clock of their tenant. The pace is the host's, by the tenant's address, so that
 * streams of other modules count as well.
 *
 * Tenants are few and live as long as the process. Thread: any.
 */
#include "tenant.h"

#include <pthread.h>

#define TENANTS_MAX 256u
#define TENANT_ADDRESS 200u

struct tenant {
    char address[TENANT_ADDRESS];
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

int64_t tenant_take(const struct cxd_host *host, const struct tenant *t, int64_t per_second,
                    int64_t now_ms)
{
    return host->pace_take(t->address, per_second, now_ms);
}

void tenant_hold(const struct cxd_host *host, const struct tenant *t, int64_t until_ms)
{
    host->pace_hold(t->address, until_ms);
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
