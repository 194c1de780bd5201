/* handle.c: a table under one lock. */
#include "front/embed/handle.h"

#include <pthread.h>
#include <stddef.h>

struct place {
    struct hosted *hosted;
    uint32_t turn; /* from 1 */
    uint32_t inside;
    int is_taken;
    int is_shut;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t is_empty = PTHREAD_COND_INITIALIZER;
static struct place places[HANDLES_MAX];
static unsigned taken;

/* NULL: never was, or is no more. */
static struct place *place_find(uint64_t handle)
{
    uint32_t at = (uint32_t)handle;
    struct place *p = at < HANDLES_MAX ? &places[at] : NULL;

    return p != NULL && p->is_taken && p->turn == handle >> 32 ? p : NULL;
}

uint64_t handle_reserve(void)
{
    uint64_t handle = 0;

    (void)pthread_mutex_lock(&lock);
    for (uint32_t i = 0; i < HANDLES_MAX && handle == 0; i++) {
        struct place *p = &places[i];
        if (!p->is_taken) {
            uint32_t turn = p->turn + 1 != 0 ? p->turn + 1 : 1;
            *p = (struct place){.turn = turn, .is_taken = 1};
            handle = (uint64_t)turn << 32 | i;
            taken++;
        }
    }
    (void)pthread_mutex_unlock(&lock);
    return handle;
}

void handle_put(uint64_t handle, struct hosted *hosted)
{
    struct place *p;

    (void)pthread_mutex_lock(&lock);
    p = place_find(handle);
    p->hosted = hosted;
    if (hosted == NULL) {
        p->is_taken = 0;
        taken--;
    }
    (void)pthread_mutex_unlock(&lock);
}

int handle_enter(uint64_t handle, struct hosted **ret_hosted)
{
    struct place *p;
    int r = CXD_NOT_FOUND;

    (void)pthread_mutex_lock(&lock);
    p = place_find(handle);
    if (p != NULL && p->hosted != NULL) {
        r = p->is_shut ? CXD_STOPPED : CXD_OK;
    }
    if (r == CXD_OK) {
        p->inside++;
        *ret_hosted = p->hosted;
    }
    (void)pthread_mutex_unlock(&lock);
    return r;
}

void handle_leave(uint64_t handle)
{
    struct place *p;

    (void)pthread_mutex_lock(&lock);
    p = place_find(handle);
    p->inside--;
    if (p->inside == 0 && p->is_shut) {
        (void)pthread_cond_broadcast(&is_empty);
    }
    (void)pthread_mutex_unlock(&lock);
}

int handle_shut(uint64_t handle)
{
    struct place *p;
    int is_mine;

    (void)pthread_mutex_lock(&lock);
    p = place_find(handle);
    is_mine = !p->is_shut;
    p->is_shut = 1;
    (void)pthread_mutex_unlock(&lock);
    return is_mine;
}

void handle_drop(uint64_t handle)
{
    struct place *p;

    (void)pthread_mutex_lock(&lock);
    p = place_find(handle);
    while (p->inside > 0) {
        (void)pthread_cond_wait(&is_empty, &lock);
    }
    p->is_taken = 0;
    p->hosted = NULL;
    taken--;
    (void)pthread_mutex_unlock(&lock);
}

int handle_is_none(void)
{
    int is_none;

    (void)pthread_mutex_lock(&lock);
    is_none = taken == 0;
    (void)pthread_mutex_unlock(&lock);
    return is_none;
}
