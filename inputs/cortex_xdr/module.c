/* module.c: what the host sees of the Cortex XDR profiles. Which stream an instance is, its policy type says. */
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
    .name = "cortex_xdr",
    .aliases = "cortex_xdr/alerts-v1 cortex_xdr/incidents cortex_xdr/audit_management "
               "cortex_xdr/audit_agent cortex_xdr/endpoints",
    .version = "1.0.0",
    .summary = "Cortex XDR alerts, incidents, audit logs and endpoints, without gaps",
    .options = config_options,
    .ops = &module_ops,
};

CXD_MODULE_ENTRY(module)
