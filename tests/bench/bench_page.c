/*
 * bench_page.c: one page of alerts from the reply's bytes to batches in the queue, within this process: the modules as they are
 * shipped, the agent's own event path, and a scripted HTTP face in place of the network.
 *
 *   bench_page MODULES PAGE OTHER [PAGES]     MODULES: folder of the modules; two replies; PAGES: 2000
 *
 * Prints a line for records as they are, and one for records mapped to ECS. Per page: 100 alerts, each split by its events
 * with the parent kept; ten templates for request, filter, page and cursor. Instructions where the kernel counts them for us.
 */
#include "rig.h"

#include "config/option.h"
#include "gate/catalog.h"
#include "io/doc.h"
#include "pipeline/bind.h"

#include <linux/perf_event.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <time.h>

/* The stream configuration that users of the public integration have, without its address and TLS. */
static const char config[] =
    "interval: 1ms\n"
    "request.method: POST\n"
    "request.url: https://api-tenant.example/public_api/v1/alerts/get_alerts_multi_events\n"
    "request.transforms:\n"
    "- set: {target: header.x-xdr-timestamp, value: '[[mul (now).Unix 1000]]'}\n"
    "- set: {target: header.x-xdr-nonce, value: '[[hash \"sha256\" uuid]]'}\n"
    "- set: {target: header.Authorization, value: '[[hash \"sha256\" \"the-key\" (.header.Get "
    "\"x-xdr-nonce\") (.header.Get \"x-xdr-timestamp\")]]'}\n"
    "- set: {target: header.x-xdr-auth-id, value: 2}\n"
    "- set: {target: body.request_data.sort.field, value: creation_time}\n"
    "- set: {target: body.request_data.sort.keyword, value: asc}\n"
    "- append: {target: body.request_data.filters, value: '{\"field\":\"creation_time\","
    "\"operator\":\"gte\",\"value\":[[.cursor.next_ts]]}', default: '{\"field\":\"creation_time\","
    "\"operator\":\"gte\",\"value\":1}', value_type: json}\n"
    "response.split: {target: body.reply.alerts, ignore_empty_value: true, split: {target: "
    "body.events, keep_parent: true}}\n"
    "response.pagination_max_pages: 1000000000\n"
    "response.pagination:\n"
    "- set: {target: body.request_data.search_from, value: '[[if (ne (len "
    ".last_response.body.reply.alerts) 0)]][[mul .last_response.page 100]][[end]]', value_type: "
    "int, fail_on_template_error: true}\n"
    "- set: {target: body.request_data.search_to, value: '[[if (ne (len "
    ".last_response.body.reply.alerts) 0)]][[add (mul .last_response.page 100) 100]][[end]]', "
    "value_type: int, fail_on_template_error: true}\n"
    "cursor: {next_ts: {value: '[[.last_event.detection_timestamp]]'}}\n";

/* The network: two pages in turn, as the same one again and again would be endless pagination. */
struct cxd_client {
    int unused;
};
struct cxd_transfer {
    struct cxd_bytes left;
};
static struct cxd_client the_client;
static struct cxd_transfer the_transfer;
static struct cxd_bytes pages[2];
static uint64_t asked;

static int net_client(struct cxd_self *self, struct cxd_bytes options, struct cxd_client **ret,
                      struct cxd_error *err)
{
    (void)self;
    (void)options;
    (void)err;
    *ret = &the_client;
    return CXD_OK;
}

static void net_client_free(struct cxd_client *client)
{
    (void)client;
}

static int net_start(struct cxd_client *client, const struct cxd_request *request,
                     struct cxd_transfer **ret, struct cxd_error *err)
{
    (void)client;
    (void)request;
    (void)err;
    the_transfer.left = pages[asked++ % 2];
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
    return strcmp(name, "Content-Type") == 0 ? "application/json" : NULL;
}

static int net_header_at(struct cxd_transfer *t, uint32_t index, struct cxd_bytes *ret_name,
                         struct cxd_bytes *ret_value)
{
    (void)t;
    *ret_name = CXD_LIT("Content-Type");
    *ret_value = CXD_LIT("application/json");
    return index == 0;
}

static void net_close(struct cxd_transfer *t)
{
    (void)t;
}

static void net_interrupt(struct cxd_client *client)
{
    (void)client;
}

static struct cxd_bytes page_read(const char *path)
{
    size_t len = 0;
    char *text = file_slurp(*path == '/' ? "" : ".", path, &len);

    if (text == NULL || len == 0) {
        (void)fprintf(stderr, "bench_page: %s cannot be read\n", path);
        exit(1);
    }
    return (struct cxd_bytes){text, len};
}

static struct cxd_builder *options_of(const struct cxd_module *module, const char *text)
{
    static struct arena *arena;
    struct cxd_error err = CXD_ERROR_INIT;
    struct option_source source = {.owner = module->name};
    struct cxd_builder *doc = NULL;
    struct conf *root = NULL;

    arena = arena != NULL ? arena : arena_new(4096, 1u << 22);
    if (conf_read_text("bench", text, strlen(text), arena, &root, &err) == CXD_OK) {
        source.layers[0] = root;
        source.at = root;
        (void)option_build(module->options, &source, &doc, &err);
    }
    if (doc == NULL) {
        (void)fprintf(stderr, "bench_page: %s\n", err.text);
        exit(1);
    }
    return doc;
}

static uint64_t drain(struct queue *q)
{
    uint64_t count = 0;
    struct batch *b;

    while ((b = queue_take(q, 0)) != NULL) {
        count += b->count;
        for (struct batch *run = track_settle(b->track, b), *next; run != NULL; run = next) {
            next = run->track_next;
            queue_settle(q, run);
        }
    }
    return count;
}

static int counter_open(void)
{
    struct perf_event_attr attr = {.type = PERF_TYPE_HARDWARE,
                                   .size = sizeof attr,
                                   .config = PERF_COUNT_HW_INSTRUCTIONS,
                                   .exclude_kernel = 1,
                                   .exclude_hv = 1};

    return (int)syscall(SYS_perf_event_open, &attr, 0, -1, -1, 0);
}

static uint64_t counter_read(int fd)
{
    uint64_t value = 0;

    return fd >= 0 && read(fd, &value, sizeof value) == sizeof value ? value : 0;
}

static uint64_t cpu_ns(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static void polls(const struct cxd_input_ops *ops, void *instance, struct queue *q, uint64_t count,
                  uint64_t *ret_events)
{
    struct cxd_error err = CXD_ERROR_INIT;
    uint64_t until = asked + count;
    int64_t wait_ms = 0;

    while (asked < until) {
        if (ops->poll(instance, &wait_ms, &err) > CXD_POLL_IDLE) {
            (void)fprintf(stderr, "bench_page: %s\n", err.text);
            exit(1);
        }
        *ret_events += drain(q);
    }
}

static void measure(const struct catalog *catalog, struct cxd_host *host, int is_mapped,
                    uint64_t count)
{
    const struct rig_spec spec = {.queue_bytes = 64u << 20,
                                  .batch_bytes = 1u << 20,
                                  .dead_bytes = 1u << 20,
                                  .is_message_kept = !is_mapped};
    const struct cxd_module *input = catalog_find(catalog, CXD_INPUT, "httpjson");
    const struct cxd_module *ecs = catalog_find(catalog, CXD_PROCESSOR, "ecs");
    const struct cxd_input_ops *ops = input->ops;
    struct cxd_builder *options = options_of(input, config);
    struct cxd_builder *mapping = options_of(ecs, "data_stream: alerts\n");
    struct cxd_error err = CXD_ERROR_INIT;
    void *instance = NULL;
    uint64_t events = 0;
    uint64_t start_ns;
    uint64_t start;
    int counter = counter_open();
    struct rig rig;

    rig_open(&rig, &spec);
    if ((is_mapped && chain_add(intake_chain(rig.intake), ecs, doc_bytes(mapping),
                                &intake_processor_ops, rig.intake, &err) != CXD_OK) ||
        ops->open(host, &rig.self, doc_bytes(options), &instance, &err) != CXD_OK) {
        (void)fprintf(stderr, "bench_page: %s\n", err.text);
        exit(1);
    }
    polls(ops, instance, rig.queue, 50, &events); /* warm */
    events = 0;
    start_ns = cpu_ns();
    start = counter_read(counter);
    polls(ops, instance, rig.queue, count, &events);
    intake_flush(rig.intake, 0);
    events += drain(rig.queue);
    start_ns = cpu_ns() - start_ns;
    start = counter_read(counter) - start;
    (void)printf("{\"records\":\"%s\",\"pages\":%llu,\"page_bytes\":%zu,\"events_per_page\":%.0f,"
                 "\"us_per_page\":%.1f,\"ns_per_event\":%.0f,\"mb_per_s\":%.0f,"
                 "\"instructions_per_page\":%.0f}\n",
                 is_mapped ? "mapped" : "raw", (unsigned long long)count, pages[0].len,
                 (double)events / (double)count, (double)start_ns / 1e3 / (double)count,
                 (double)start_ns / (double)events,
                 (double)pages[0].len * (double)count / ((double)start_ns / 1e9) / 1e6,
                 (double)start / (double)count);
    ops->close(instance);
    rig_close(&rig);
    doc_free(options);
    doc_free(mapping);
    if (counter >= 0) {
        (void)close(counter);
    }
}

int main(int argc, char **argv)
{
    uint64_t count = argc > 4 ? (uint64_t)atoll(argv[4]) : 2000;
    struct cxd_host host = *bind_host();
    struct cxd_error err = CXD_ERROR_INIT;
    struct catalog catalog;

    if (argc < 4 || count == 0) {
        (void)fprintf(stderr, "bench_page MODULES PAGE OTHER [PAGES]\n");
        return 2;
    }
    host.http_client = net_client;
    host.http_client_free = net_client_free;
    host.http_start = net_start;
    host.http_wait = net_wait;
    host.http_read = net_read;
    host.http_status = net_status;
    host.http_header = net_header;
    host.http_header_at = net_header_at;
    host.http_close = net_close;
    host.http_interrupt = net_interrupt;
    catalog_init(&catalog, bind_host());
    if (catalog_scan(&catalog, argv[1], &err) != CXD_OK ||
        catalog_find(&catalog, CXD_INPUT, "httpjson") == NULL ||
        catalog_find(&catalog, CXD_PROCESSOR, "ecs") == NULL) {
        (void)fprintf(stderr, "bench_page: %s: no httpjson and ecs there %s\n", argv[1], err.text);
        return 1;
    }
    pages[0] = page_read(argv[2]);
    pages[1] = page_read(argv[3]);
    measure(&catalog, &host, 0, count);
    measure(&catalog, &host, 1, count);
    return 0;
}
