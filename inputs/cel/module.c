/* module.c: what the host sees: the cel input, and the Cortex XDR profile that is a program for it. */
#include "profile.h"
#include "stream.h"

#define MODULE_NEEDS                                                                               \
    (CXD_CAN_EVENTS | CXD_CAN_HTTP | CXD_CAN_CURSOR | CXD_CAN_CRYPTO | CXD_CAN_GZIP | CXD_CAN_REGEX)

static int cel_open(const struct cxd_host *host, struct cxd_self *self, struct cxd_bytes options,
                    void **ret_instance, struct cxd_error *err)
{
    return stream_open(host, self, options, NULL, ret_instance, err);
}

static int profile_open(const struct cxd_host *host, struct cxd_self *self,
                        struct cxd_bytes options, void **ret_instance, struct cxd_error *err)
{
    return stream_open(host, self, options, profile_translate, ret_instance, err);
}

static int cel_check(const struct cxd_host *host, struct cxd_self *self, struct cxd_bytes options,
                     struct cxd_error *err)
{
    return stream_check(host, self, options, NULL, err);
}

static int profile_check(const struct cxd_host *host, struct cxd_self *self,
                         struct cxd_bytes options, struct cxd_error *err)
{
    return stream_check(host, self, options, profile_translate, err);
}

static const struct cxd_input_ops cel_ops = {
    .size = sizeof(struct cxd_input_ops),
    .open = cel_open,
    .poll = stream_poll,
    .interrupt = stream_interrupt,
    .close = stream_close,
    .check = cel_check,
};

static const struct cxd_input_ops profile_ops = {
    .size = sizeof(struct cxd_input_ops),
    .open = profile_open,
    .poll = stream_poll,
    .interrupt = stream_interrupt,
    .close = stream_close,
    .check = profile_check,
};

static const struct cxd_module profile_module = {
    CXD_MODULE_HEAD,
    .kind = CXD_INPUT,
    .needs = MODULE_NEEDS,
    .name = "cortex_xdr_v2",
    .aliases = "cortex_xdr/alerts-v2",
    .version = "1.0.0",
    .summary = "Cortex XDR alerts of API v2, without gaps: a program for the cel input",
    .options = profile_options,
    .ops = &profile_ops,
};

static const struct cxd_module cel_module = {
    CXD_MODULE_HEAD,
    .kind = CXD_INPUT,
    .needs = MODULE_NEEDS,
    .name = "cel",
    .aliases = "cel-like-v2 cortex_xdr/cel",
    .version = "1.0.0",
    .summary = "APIs read by a program in the Common Expression Language",
    .options = settings_options,
    .ops = &cel_ops,
    .next = &profile_module,
};

CXD_MODULE_ENTRY(cel_module)
