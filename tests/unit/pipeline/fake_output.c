/* fake_output.c: see the header. */
#include "fake_output.h"

struct fake_output fake_output;

struct instance {
    const struct cxd_host *host;
    struct cxd_self *self;
};

static int fake_open(const struct cxd_host *host, struct cxd_self *self, struct cxd_bytes options,
                     void **ret_instance, struct cxd_error *err)
{
    struct instance *in;

    (void)options;
    if (fake_output.open_failures > 0 &&
        atomic_load(&fake_output.open_now) + 1 >= (unsigned)fake_output.open_failures) {
        return cxd_error_set(err, CXD_CONFIG, "hosts: nobody");
    }
    in = host->alloc(self, sizeof *in);
    if (in == NULL) {
        return cxd_error_set(err, CXD_NOMEM, "no memory");
    }
    *in = (struct instance){.host = host, .self = self};
    *ret_instance = in;
    atomic_fetch_add(&fake_output.open_now, 1);
    return CXD_OK;
}

static int fake_send(void *instance, const struct cxd_batch *batch, struct cxd_outcome *outcomes,
                     struct cxd_error *err)
{
    (void)instance;
    atomic_fetch_add(&fake_output.documents, batch->count);
    return fake_output.send(atomic_fetch_add(&fake_output.calls, 1) + 1, batch, outcomes, err);
}

static int fake_setup(void *instance, const char *name, struct cxd_bytes template_json,
                      struct cxd_error *err)
{
    (void)instance;
    return template_json.len > 0 ? CXD_OK : cxd_error_set(err, CXD_IO, "%s: no template", name);
}

static void fake_interrupt(void *instance)
{
    (void)instance;
    atomic_fetch_add(&fake_output.interrupts, 1);
}

static void fake_close(void *instance)
{
    struct instance *in = instance;

    atomic_fetch_sub(&fake_output.open_now, 1);
    in->host->free(in->self, in);
}

static const struct cxd_output_ops ops = {.size = sizeof ops,
                                          .open = fake_open,
                                          .send = fake_send,
                                          .setup = fake_setup,
                                          .interrupt = fake_interrupt,
                                          .close = fake_close};

static const struct cxd_output_ops old_ops = {
    .size = sizeof ops, .open = fake_open, .send = fake_send, .close = fake_close};

static const struct cxd_option options[] = {{.name = NULL}};

const struct cxd_module fake_output_module = {
    CXD_MODULE_HEAD,        .kind = CXD_OUTPUT, .name = "fake", .version = "1",
    .summary = "for tests", .options = options, .ops = &ops};

const struct cxd_module fake_output_old_module = {
    CXD_MODULE_HEAD,        .kind = CXD_OUTPUT, .name = "old",  .version = "1",
    .summary = "for tests", .options = options, .ops = &old_ops};
