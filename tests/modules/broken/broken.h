/* broken.h: a processor that would do, to be spoiled in one place by each file of this folder. */
#ifndef BROKEN_H
#define BROKEN_H

#include <cxd/module.h>

static int broken_open(const struct cxd_host *host, struct cxd_self *self, struct cxd_bytes options,
                       void **ret_instance, struct cxd_error *err)
{
    (void)host;
    (void)options;
    (void)err;
    *ret_instance = self;
    return CXD_OK;
}

static int broken_process(void *instance, struct cxd_event *event, struct cxd_error *err)
{
    (void)instance;
    (void)event;
    (void)err;
    return CXD_KEEP;
}

static void broken_close(void *instance)
{
    (void)instance;
}

static const struct cxd_processor_ops broken_ops = {.size = sizeof(struct cxd_processor_ops),
                                                    .open = broken_open,
                                                    .process = broken_process,
                                                    .close = broken_close};

static const struct cxd_option broken_options[] = {{.name = NULL}};

/* Later members of an initialiser win, so a file can name what it spoils behind this. */
#define BROKEN_WHOLE(name_)                                                                        \
    .size = sizeof(struct cxd_module), .abi = CXD_ABI, .build = CXD_BUILD, .kind = CXD_PROCESSOR,  \
    .name = (name_), .version = "1", .summary = "a module to be refused",                          \
    .options = broken_options, .ops = &broken_ops

#endif
