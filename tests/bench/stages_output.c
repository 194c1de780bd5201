/*
 * stages_output.c: the elasticsearch output as it is shipped, over a scripted HTTP face that takes every request and answers that
 * all of it was created. See stages.h.
 */
#include "stages.h"

#include "base/buf.h"
#include "gate/self.h"
#include "io/doc.h"
#include "meter.h"
#include "pipeline/bind.h"
#include "pipeline/track.h"

#include <stdlib.h>
#include <string.h>

#define REPLY_MAX ((size_t)16 << 20)
#define OUTCOMES_MAX 65536

struct cxd_client {
    int unused;
};
struct cxd_transfer {
    struct cxd_bytes left;
};

static const atomic_int never_stopping;
static const struct self_ops no_ops;
static struct cxd_host host;
static struct cxd_self self = {
    .subject = "outputs.elasticsearch", .stopping = &never_stopping, .ops = &no_ops};
static const struct cxd_output_ops *ops;
static void *plain;  /* an instance without compression */
static void *packed; /* one with level 1 */
static struct cxd_client the_client;
static struct cxd_transfer the_transfer;
static struct buf reply;
static struct cxd_outcome outcomes[OUTCOMES_MAX];

static int net_client(struct cxd_self *who, struct cxd_bytes options, struct cxd_client **ret,
                      struct cxd_error *err)
{
    (void)who;
    (void)options;
    (void)err;
    *ret = &the_client;
    return CXD_OK;
}

static void net_client_free(struct cxd_client *client)
{
    (void)client;
}

/* The request is made; from here on it is the reply's time, if the request was measured at all. */
static int net_start(struct cxd_client *client, const struct cxd_request *request,
                     struct cxd_transfer **ret, struct cxd_error *err)
{
    (void)client;
    (void)request;
    (void)err;
    if (meter_enter(METER_ACK) == METER_OTHER) {
        (void)meter_enter(METER_OTHER);
    }
    the_transfer.left = (struct cxd_bytes){reply.ptr, reply.len};
    *ret = &the_transfer;
    return CXD_OK;
}

static int net_wait(struct cxd_client *client, uint32_t timeout_ms)
{
    (void)client;
    (void)timeout_ms;
    return CXD_OK;
}

/* Pieces of the size that the agent's client hands on. */
static int net_read(struct cxd_transfer *t, struct cxd_bytes *ret, struct cxd_error *err)
{
    size_t len = t->left.len < 16384 ? t->left.len : 16384;

    (void)err;
    if (len == 0) {
        return CXD_END;
    }
    *ret = (struct cxd_bytes){t->left.ptr, len};
    t->left = (struct cxd_bytes){t->left.ptr + len, t->left.len - len};
    return CXD_OK;
}

static int net_status(struct cxd_transfer *t)
{
    (void)t;
    return 200;
}

static const char *net_header(struct cxd_transfer *t, const char *name)
{
    (void)t;
    (void)name;
    return NULL;
}

static void net_close(struct cxd_transfer *t)
{
    (void)t;
}

static void net_interrupt(struct cxd_client *client)
{
    (void)client;
}

/* What the compressor does is its own stage, where the request around it is none. */
static int gzip_measured(struct cxd_gzip *z, struct cxd_bytes *in, void *out, size_t room,
                         size_t *ret_len, int finish, struct cxd_error *err)
{
    enum meter_stage before = meter_enter(METER_COMPRESS);
    int r = bind_host()->gzip_step(z, in, out, room, ret_len, finish, err);

    (void)meter_enter(before);
    return r;
}

static void *instance_open(const struct cxd_module *module, const char *text)
{
    struct cxd_builder *options = stages_options(module, text);
    struct cxd_error err = CXD_ERROR_INIT;
    void *instance = NULL;

    if (ops->open(&host, &self, doc_bytes(options), &instance, &err) != CXD_OK) {
        stages_fail("elasticsearch: %s", err.text);
    }
    doc_free(options);
    return instance;
}

void output_open(const struct catalog *catalog)
{
    const struct cxd_module *module = catalog_find(catalog, CXD_OUTPUT, "elasticsearch");

    if (module == NULL) {
        stages_fail("there is no output module elasticsearch");
    }
    host = *bind_host();
    host.http_client = net_client;
    host.http_client_free = net_client_free;
    host.http_start = net_start;
    host.http_wait = net_wait;
    host.http_read = net_read;
    host.http_status = net_status;
    host.http_header = net_header;
    host.http_close = net_close;
    host.http_interrupt = net_interrupt;
    host.gzip_step = gzip_measured;
    ops = module->ops;
    buf_init(&reply, REPLY_MAX);
    plain = instance_open(module, "hosts: ['http://localhost:9200']\ncompression_level: 0\n");
    packed = instance_open(module, "hosts: ['http://localhost:9200']\ncompression_level: 1\n");
}

static void reply_make(uint32_t count)
{
    int r;

    buf_clear(&reply);
    r = buf_add_text(&reply, "{\"errors\":false,\"items\":[");
    for (uint32_t i = 0; i < count && r == CXD_OK; i++) {
        r = buf_add_text(&reply,
                         i == 0 ? "{\"create\":{\"status\":201}}" : ",{\"create\":{\"status\":201}}");
    }
    if (r != CXD_OK || buf_add_text(&reply, "]}") != CXD_OK) {
        stages_fail("no memory for a reply");
    }
}

static void batch_send(void *instance, const struct batch *b)
{
    const struct cxd_batch view = {
        .size = sizeof view, .count = b->count, .docs = b->docs, .bytes = b->text.len};
    struct cxd_error err = CXD_ERROR_INIT;

    memset(outcomes, 0, b->count * sizeof *outcomes);
    if (ops->send(instance, &view, outcomes, &err) != CXD_OK) {
        stages_fail("a batch was not taken: %s", err.text);
    }
    for (uint32_t i = 0; i < b->count; i++) {
        if (outcomes[i].result != CXD_RESULT_DELIVERED) {
            stages_fail("document %u of a batch was not delivered", i);
        }
    }
}

void output_deliver(struct queue *queue, struct batch *batch)
{
    if (batch->count > OUTCOMES_MAX) {
        stages_fail("a batch of %u documents", batch->count);
    }
    reply_make(batch->count);
    batch_send(packed, batch); /* its compressor is measured, nothing else */
    (void)meter_enter(METER_ENCODE);
    batch_send(plain, batch);
    (void)meter_enter(METER_ACK);
    for (struct batch *run = track_settle(batch->track, batch), *next; run != NULL; run = next) {
        next = run->track_next;
        queue_settle(queue, run);
    }
    (void)meter_enter(METER_OTHER);
}

void output_close(void)
{
    ops->close(plain);
    ops->close(packed);
    buf_done(&reply);
}
