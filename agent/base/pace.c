/* pace.c: see the header. */
#include "base/pace.h"

#include "cxd/status.h"

#include <pthread.h>
#include <string.h>

struct pace {
    char name[PACE_NAME_MAX];
    int64_t next_us; /* no request before */
};

static struct pace paces[PACE_NAMES_MAX];
static size_t pace_count;
static pthread_mutex_t pace_lock = PTHREAD_MUTEX_INITIALIZER;

/* Under the lock. NULL, with *ret_status. */
static struct pace *find(const char *name, int *ret_status)
{
    if (strlen(name) >= PACE_NAME_MAX) {
        *ret_status = CXD_TOO_LARGE;
        return NULL;
    }
    for (size_t i = 0; i < pace_count; i++) {
        if (strcmp(paces[i].name, name) == 0) {
            return &paces[i];
        }
    }
    if (pace_count == PACE_NAMES_MAX) {
        *ret_status = CXD_FULL;
        return NULL;
    }
    memcpy(paces[pace_count].name, name, strlen(name) + 1);
    return &paces[pace_count++];
}

int64_t pace_take(const char *name, int64_t per_second, int64_t now_ms)
{
    int64_t now_us = now_ms * 1000;
    int64_t wait_us = 0;
    int status = CXD_OK;
    struct pace *p;

    (void)pthread_mutex_lock(&pace_lock);
    p = find(name, &status);
    if (p != NULL) {
        wait_us = p->next_us - now_us;
        if (wait_us <= 0) {
            /* never earlier than the share after now: saved-up time is no licence for a burst */
            p->next_us = now_us + (1000000 + per_second - 1) / per_second;
        }
    }
    (void)pthread_mutex_unlock(&pace_lock);
    if (status != CXD_OK) {
        return status;
    }
    return wait_us <= 0 ? 0 : (wait_us + 999) / 1000;
}

void pace_hold(const char *name, int64_t until_ms)
{
    int status;
    struct pace *p;

    (void)pthread_mutex_lock(&pace_lock);
    p = find(name, &status);
    if (p != NULL && until_ms * 1000 > p->next_us) {
        p->next_us = until_ms * 1000;
    }
    (void)pthread_mutex_unlock(&pace_lock);
}
