/* module.c: what the host sees of the httpjson input. */
#include "input.h"

static const struct cxd_input_ops module_ops = {
    .size = sizeof(struct cxd_input_ops),
    .open = input_open,
    .poll = input_poll,
    .interrupt = input_interrupt,
    .close = input_close,
    .check = input_check,
};

static const struct cxd_module module = {
    CXD_MODULE_HEAD,
    .kind = CXD_INPUT,
    .needs = CXD_CAN_EVENTS | CXD_CAN_HTTP | CXD_CAN_CURSOR | CXD_CAN_CRYPTO | CXD_CAN_GZIP,
    .name = "httpjson",
    .aliases = "httpjson-v1 cortex_xdr/httpjson",
    .version = "1.0.0",
    .summary = "HTTP APIs that answer JSON, by request, template, split and pagination",
    .options = config_options,
    .ops = &module_ops,
};

CXD_MODULE_ENTRY(module)
