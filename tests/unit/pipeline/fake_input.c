/* fake_input.c: see the header. One at a time. */
#include "fake_input.h"

#include "base/clock.h"
#include "io/doc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct fake_input fake_input;

struct instance {
    const struct cxd_host *host;
    struct cxd_self *self;
    unsigned emitted;
};

void fake_input_script(const struct fake_step *steps, size_t count)
{
    memset(&fake_input, 0, sizeof fake_input);
    fake_input.steps = steps;
    fake_input.count = count;
}

static int fake_open(const struct cxd_host *host, struct cxd_self *self, struct cxd_bytes options,
                     void **ret_instance, struct cxd_error *err)
{
    struct cxd_bytes cursor = host->cursor(self);
    struct instance *in;
    int is_failing = atomic_fetch_add(&fake_input.opens, 1) < (unsigned)fake_input.open_failures;

    (void)options;
    atomic_store(&fake_input.cursor, cursor.len > 0 ? doc_get(cursor, "n").number : -1);
    if (is_failing && !fake_input.is_half_open) {
        return cxd_error_set(err, fake_input.open_status, "cannot open");
    }
    in = host->alloc(self, sizeof *in);
    if (in == NULL) {
        return cxd_error_set(err, CXD_NOMEM, "no memory");
    }
    *in = (struct instance){.host = host, .self = self};
    *ret_instance = in;
    atomic_fetch_add(&fake_input.open_now, 1);
    return is_failing ? cxd_error_set(err, fake_input.open_status, "cannot open") : CXD_OK;
}

static int events_emit(struct instance *in, const struct fake_step *step, struct cxd_error *err)
{
    for (int i = 0; i < step->emits; i++) {
        struct cxd_event *ev = NULL;
        char record[32];
        int r = in->host->event_new(in->self, &ev, err);
        if (r == CXD_OK) {
            (void)snprintf(record, sizeof record, "{\"n\":%u}", in->emitted++);
            in->host->event_set_message(ev, (struct cxd_bytes){record, strlen(record)});
            r = in->host->emit(in->self, ev, err);
        }
        if (r != CXD_OK) {
            return r;
        }
    }
    if (step->cursor != 0) {
        struct cxd_builder *b = in->host->doc_new(in->self);
        struct cxd_scalar n = {.type = CXD_INT, .number = step->cursor};
        int r = b != NULL ? in->host->doc_put(b, "n", &n) : CXD_NOMEM;
        r = r == CXD_OK ? in->host->mark(in->self, in->host->doc_bytes(b), err) : r;
        in->host->doc_free(b);
        return r;
    }
    return CXD_OK;
}

static void stick(void)
{
    unsigned before;

    (void)usleep(20000); /* an interrupt in this time is lost on us, as on a badly written module */
    before = atomic_load(&fake_input.interrupts);
    atomic_store(&fake_input.is_waiting, 1);
    while (atomic_load(&fake_input.interrupts) == before) {
        (void)usleep(500);
    }
}

static int fake_poll(void *instance, int64_t *wait_ms, struct cxd_error *err)
{
    struct instance *in = instance;
    unsigned number = atomic_fetch_add(&fake_input.polls, 1);
    const struct fake_step *step =
        &fake_input.steps[number < fake_input.count ? number : fake_input.count - 1];
    int r;

    atomic_store(&fake_input.last_poll_ms, clock_mono_ms());
    *wait_ms = step->wait_ms;
    if (step->health != CXD_HEALTHY) {
        in->host->health(in->self, step->health, "script");
    }
    if (step->is_stuck) {
        stick();
    }
    r = events_emit(in, step, err);
    if (r != CXD_OK) {
        return r;
    }
    if (step->why != NULL) {
        (void)cxd_error_set(err, CXD_SERVER, "%s", step->why);
    }
    if (step->retry_after_ms > 0) {
        err->retry_after_ms = step->retry_after_ms;
    }
    return step->result;
}

static void fake_interrupt(void *instance)
{
    (void)instance;
    atomic_fetch_add(&fake_input.interrupts, 1);
}

static void fake_close(void *instance)
{
    struct instance *in = instance;

    atomic_fetch_sub(&fake_input.open_now, 1);
    in->host->free(in->self, in);
}

static const struct cxd_input_ops ops = {.size = sizeof ops,
                                         .open = fake_open,
                                         .poll = fake_poll,
                                         .interrupt = fake_interrupt,
                                         .close = fake_close};

static const struct cxd_option options[] = {{.name = NULL}};

const struct cxd_module fake_input_module = {
    CXD_MODULE_HEAD,        .kind = CXD_INPUT,  .name = "fake", .version = "1",
    .summary = "for tests", .options = options, .ops = &ops};
