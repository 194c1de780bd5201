/* module.c: what the host sees of the Cortex XDR alerts of API v2. */
#include "../stream.h"
#include "profile.h"

static int module_open(const struct cxd_host *host, struct cxd_self *self, struct cxd_bytes options,
                       void **ret_instance, struct cxd_error *err)
{
    return stream_open(host, self, options, profile_translate, ret_instance, err);
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
    .name = "cortex_xdr_v2",
    .aliases = "cortex_xdr/alerts-v2",
    .version = "1.0.0",
    .summary = "Cortex XDR alerts of API v2, without gaps: a program for the cel input",
    .options = profile_options,
    .ops = &module_ops,
};

CXD_MODULE_ENTRY(module)
