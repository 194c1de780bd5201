/* module.c: what the host sees of the cel input. */
#include "stream.h"

static int module_open(const struct cxd_host *host, struct cxd_self *self, struct cxd_bytes options,
                       void **ret_instance, struct cxd_error *err)
{
    return stream_open(host, self, options, NULL, ret_instance, err);
}

static const struct cxd_input_ops module_ops = {
    .size = sizeof(struct cxd_input_ops),
    .open = module_open,
    .poll = stream_poll,
    .interrupt = stream_interrupt,
    .close = stream_close,
};

static const struct cxd_module module = {
    CXD_MODULE_HEAD,
    .kind = CXD_INPUT,
    .needs = CXD_CAN_EVENTS | CXD_CAN_HTTP | CXD_CAN_CURSOR | CXD_CAN_CRYPTO | CXD_CAN_GZIP |
             CXD_CAN_REGEX,
    .name = "cel",
    .aliases = "cel-like-v2",
    .version = "1.0.0",
    .summary = "APIs read by a program in the Common Expression Language",
    .options = settings_options,
    .ops = &module_ops,
};

CXD_MODULE_ENTRY(module)
