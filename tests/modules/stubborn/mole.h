/* mole.h: an input that does nothing, to be spoiled by each file that includes it. */
#ifndef MOLE_H
#define MOLE_H

#define _POSIX_C_SOURCE 200809L
#include <cxd/module.h>

#include <stdlib.h>
#include <time.h>

static inline void mole_forever(void)
{
    static volatile int forever = 1;

    while (forever) {
        const struct timespec second = {1, 0};
        (void)nanosleep(&second, NULL);
    }
}

static inline int mole_open(const struct cxd_host *host, struct cxd_self *self,
                            struct cxd_bytes options, void **ret_instance, struct cxd_error *err)
{
    (void)options;
    (void)err;
    *ret_instance = self;
    host->log(self, CXD_LOG_INFO, "mole: open", 10);
    return CXD_OK;
}

static inline int mole_poll(void *instance, int64_t *wait_ms, struct cxd_error *err)
{
    (void)instance;
    (void)err;
    *wait_ms = 100;
    return CXD_POLL_IDLE;
}

static inline void mole_close(void *instance)
{
    (void)instance;
}

static const struct cxd_option mole_options[] = {{.name = NULL}};

#define MOLE(name_, open_, poll_, close_)                                                          \
    static const struct cxd_input_ops mole_ops = {                                                 \
        .size = sizeof mole_ops, .open = (open_), .poll = (poll_), .close = (close_)};             \
    static const struct cxd_module mole = {CXD_MODULE_HEAD,                                        \
                                           .kind = CXD_INPUT,                                      \
                                           .name = (name_),                                        \
                                           .version = "1",                                         \
                                           .summary = "an input that misbehaves",                  \
                                           .options = mole_options,                                \
                                           .ops = &mole_ops};                                      \
    CXD_MODULE_ENTRY(mole)

#endif
