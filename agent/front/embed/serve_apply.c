/* serve_apply.c: see the header. */
#include "front/embed/serve_apply.h"

#include "base/clock.h"
#include "cxd/embed.h"
#include "pipeline/wait.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct change {
    uint64_t handle;
    uint64_t revision;
    uint64_t len;
    uint8_t policy[];
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* of all below */
static pthread_cond_t changed;
static int has_cond; /* made once, for ever */
static int is_begun;
static int is_done;
static int32_t code;

static void *change_run(void *arg)
{
    struct change *c = arg;
    int32_t said = cxd_apply(c->handle, c->policy, c->len, c->revision);

    explicit_bzero(c->policy, c->len);
    free(c);
    (void)pthread_mutex_lock(&lock);
    code = said;
    is_done = 1;
    (void)pthread_cond_broadcast(&changed);
    (void)pthread_mutex_unlock(&lock);
    return NULL;
}

/* The lock is held. */
static int32_t change_start(struct change *c)
{
    pthread_t thread;

    if (is_begun) {
        return CXD_E_BUSY;
    }
    if (!has_cond) {
        wait_cond_init(&changed);
        has_cond = 1;
    }
    if (pthread_create(&thread, NULL, change_run, c) != 0) {
        return CXD_E_NOMEM;
    }
    (void)pthread_detach(thread);
    is_begun = 1;
    is_done = 0;
    return CXD_E_OK;
}

int32_t serve_apply_begin(uint64_t handle, const uint8_t *policy, uint64_t len, uint64_t revision)
{
    struct change *c = malloc(sizeof *c + len);
    int32_t said;

    if (c == NULL) {
        return CXD_E_NOMEM;
    }
    *c = (struct change){.handle = handle, .revision = revision, .len = len};
    if (len > 0) {
        memcpy(c->policy, policy, len);
    }
    (void)pthread_mutex_lock(&lock);
    said = change_start(c);
    (void)pthread_mutex_unlock(&lock);
    if (said != CXD_E_OK) {
        free(c);
    }
    return said;
}

int32_t serve_apply_wait(uint32_t timeout_ms)
{
    int64_t until_ms = clock_mono_ms() + timeout_ms;
    int32_t said = CXD_E_STATE;

    (void)pthread_mutex_lock(&lock);
    if (is_begun) {
        while (!is_done && wait_cond(&changed, &lock, until_ms)) {
        }
        said = is_done ? code : CXD_E_AGAIN;
        is_begun = !is_done;
    }
    (void)pthread_mutex_unlock(&lock);
    return said;
}
