/* missing_symbol.c: calls a function that nobody has. */
#include "broken.h"

extern int nobody_has_this(void);

static int process(void *instance, struct cxd_event *event, struct cxd_error *err)
{
    (void)instance;
    (void)event;
    (void)err;
    return nobody_has_this();
}

static const struct cxd_processor_ops ops = {.size = sizeof(struct cxd_processor_ops),
                                             .open = broken_open,
                                             .process = process,
                                             .close = broken_close};
static const struct cxd_module module = {BROKEN_WHOLE("missing-symbol"), .ops = &ops};
CXD_MODULE_ENTRY(module)
