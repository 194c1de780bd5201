/*
 * module.c: what the host sees of the gcs input.
 */
#include "input.h"

static const struct cxd_input_ops module_ops = {
    .size = sizeof(struct cxd_input_ops),
    .open = input_open,
    .poll = input_poll,
    .interrupt = input_interrupt,
    .close = input_close,
};

static const struct cxd_module module = {
    CXD_MODULE_HEAD,
    .kind = CXD_INPUT,
    .needs = CXD_CAN_EVENTS | CXD_CAN_HTTP | CXD_CAN_CURSOR | CXD_CAN_CRYPTO | CXD_CAN_GZIP |
             CXD_CAN_REGEX,
    .name = "gcs",
    .aliases = "cortex_xdr/gcs google-cloud-storage",
    .version = "1.0.0",
    .summary = "Objects of Google Cloud Storage buckets, one event for each JSON record",
    .options = config_options,
    .ops = &module_ops,
};

CXD_MODULE_ENTRY(module)
