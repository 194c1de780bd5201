/*
 * bench_stages.c: each stage of the agent alone, and the floors of the same bytes, in one thread of one process: the modules as they are
 * shipped, the agent's own event path, and nobody at the other end.
 *
 *   bench_stages MODULES ROUNDS FILE..    FILE: events, one a line; .gz is unpacked
 *
 * Prints a line for each stage (meter.h): of ROUNDS rounds over all files the best; then bytes RAW MAPPED COMPRESSED. Below
 * `valgrind --tool=callgrind --collect-atstart=no` it counts instructions instead (ROUNDS is not looked at), once through for each
 * stage, dumps the sums by the stages' names, and prints one line: events N.
 */
#include "stages.h"

#include "base/arena.h"
#include "config/conf.h"
#include "config/option.h"
#include "io/doc.h"
#include "meter.h"
#include "pipeline/bind.h"
#include "pipeline/chain.h"
#include "pipeline/dead.h"
#include "pipeline/event.h"
#include "pipeline/registry.h"
#include "pipeline/track.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Events side by side, so that the clocks are looked at less often; their memory stays in the caches nearby. */
#define SIDE 8
#define QUEUE_BYTES ((size_t)8 << 20)
#define BATCH_BYTES ((size_t)1 << 20)
#define DEAD_BYTES (1u << 20)

struct bench {
    int file_count;
    char **files;
    char folder[64]; /* of the registry */
    struct cxd_host host; /* the chain's */
    struct chain chain;
    struct cxd_event *events[SIDE];
    struct dead *dead;
    struct registry *registry;
    struct queue *queue;
    struct track *track;
    struct batch *open;
    uint64_t count;
    uint64_t bytes;
    uint64_t mapped; /* bytes of documents and ids */
    uint64_t packed;
};

static const atomic_int never_stopping;
static const struct self_ops no_ops;
static const struct cxd_bytes index_name = CXD_LIT("logs-panw_cortex_xdr.event-default");
static const struct cxd_value tags = {
    .ptr = "[\"forwarded\",\"panw_cortex_xdr-event\"]", .len = 37, .kind = CXD_KIND_LIST};

void stages_fail(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    (void)fprintf(stderr, "bench_stages: ");
    (void)vfprintf(stderr, format, args);
    (void)fputc('\n', stderr);
    va_end(args);
    exit(1);
}

struct cxd_builder *stages_options(const struct cxd_module *module, const char *text)
{
    struct arena *arena = arena_new(4096, 1u << 20);
    struct cxd_error err = CXD_ERROR_INIT;
    struct option_source source = {.owner = module->name};
    struct cxd_builder *doc = NULL;
    struct conf *root = NULL;

    if (arena != NULL && conf_read_text("bench", text, strlen(text), arena, &root, &err) == CXD_OK) {
        source.layers[0] = root;
        source.at = root;
        (void)option_build(module->options, &source, &doc, &err);
    }
    if (doc == NULL) {
        stages_fail("%s: %s", module->name, err.text);
    }
    arena_free(arena);
    return doc;
}

/* Its own stage, because the processor decides what it costs: some have instructions for it. */
static size_t digest_measured(int method, const void *data, size_t len, unsigned char out[64])
{
    enum meter_stage before = meter_enter(METER_DIGEST);
    size_t r = bind_host()->digest(method, data, len, out);

    (void)meter_enter(before);
    return r;
}

static void chain_open(struct bench *b, const struct catalog *catalog)
{
    const struct cxd_module *ecs = catalog_find(catalog, CXD_PROCESSOR, "ecs");
    struct cxd_error err = CXD_ERROR_INIT;
    struct cxd_builder *options;

    if (ecs == NULL) {
        stages_fail("there is no processor module ecs");
    }
    options = stages_options(ecs, "data_stream: event\n");
    b->host = *bind_host();
    b->host.digest = digest_measured;
    chain_init(&b->chain, &b->host, &never_stopping);
    if (chain_add(&b->chain, ecs, doc_bytes(options), &no_ops, NULL, &err) != CXD_OK) {
        stages_fail("ecs: %s", err.text);
    }
    doc_free(options);
}

static void bench_open(struct bench *b, const struct catalog *catalog)
{
    struct cxd_error err = CXD_ERROR_INIT;

    chain_open(b, catalog);
    (void)snprintf(b->folder, sizeof b->folder, "/tmp/cortexd-stages.XXXXXX");
    if (mkdtemp(b->folder) == NULL ||
        dead_open(b->folder, DEAD_BYTES, &b->dead, &err) != CXD_OK ||
        registry_open(b->folder, 5, b->dead, &b->registry, &err) != CXD_OK) {
        stages_fail("%s: %s", b->folder, err.text);
    }
    b->queue = queue_new(QUEUE_BYTES, BATCH_BYTES);
    b->track = track_new("stream", b->registry);
    for (int i = 0; i < SIDE; i++) {
        if (event_open(&(struct event_limits){0}, &b->events[i]) != CXD_OK) {
            stages_fail("no memory");
        }
    }
    if (b->queue == NULL || b->track == NULL) {
        stages_fail("no memory");
    }
    output_open(catalog);
}

static void bench_close(struct bench *b)
{
    output_close();
    floor_done();
    chain_done(&b->chain);
    for (int i = 0; i < SIDE; i++) {
        event_close(b->events[i]);
    }
    track_free(b->track);
    queue_free(b->queue);
    registry_close(b->registry);
    dead_close(b->dead);
}

/* The batch goes its way, and the floors are measured on what is in it. */
static void batch_finish(struct bench *b)
{
    struct batch *batch = b->open;

    b->open = NULL;
    if (batch == NULL) {
        return;
    }
    b->mapped += batch->text.len;
    b->packed += floor_batch((struct cxd_bytes){batch->text.ptr, batch->text.len});
    (void)meter_enter(METER_QUEUE);
    batch->index = index_name;
    batch->track = b->track;
    batch_seal(batch);
    track_add(b->track, batch);
    queue_push(b->queue, batch);
    batch = queue_take(b->queue, 0);
    (void)meter_enter(METER_OTHER);
    if (batch == NULL) {
        stages_fail("the queue gave no batch back");
    }
    output_deliver(b->queue, batch);
}

static void event_write(struct bench *b, struct cxd_event *ev)
{
    size_t start;

    if (b->open == NULL && (b->open = queue_batch(b->queue)) == NULL) {
        stages_fail("no memory for a batch");
    }
    start = b->open->text.len;
    if (event_render(ev, &b->open->text) != CXD_OK ||
        batch_add(b->open, start, event_id(ev)) != CXD_OK) {
        stages_fail("a document was not written");
    }
}

static void events_scan(struct bench *b, const struct cxd_bytes *lines, int count)
{
    const struct cxd_record *record;

    (void)meter_enter(METER_FLOOR_SCAN);
    for (int i = 0; i < count; i++) {
        floor_scan(lines[i]);
    }
    (void)meter_enter(METER_SCAN);
    for (int i = 0; i < count; i++) {
        event_reset(b->events[i]);
        event_set_message(b->events[i], lines[i]);
        if (event_record(b->events[i], &record, NULL) != CXD_OK) {
            stages_fail("an event is no record");
        }
    }
    (void)meter_enter(METER_OTHER);
}

static void events_run(struct bench *b, const struct cxd_bytes *lines, int count)
{
    struct cxd_error err = CXD_ERROR_INIT;

    events_scan(b, lines, count);
    (void)meter_enter(METER_MAP);
    for (int i = 0; i < count; i++) {
        struct cxd_event *ev = b->events[i];
        if (node_put(ev, event_root(ev), CXD_LIT("tags"), tags) == NULL ||
            chain_run(&b->chain, ev, &err) != CXD_KEEP) {
            stages_fail("an event was not mapped: %s", err.text);
        }
    }
    (void)meter_enter(METER_SERIALISE);
    for (int i = 0; i < count; i++) {
        event_write(b, b->events[i]);
    }
    (void)meter_enter(METER_OTHER);
    if (b->open->text.len > BATCH_BYTES - BATCH_BYTES / 8) {
        batch_finish(b);
    }
}

static void text_run(struct bench *b, struct cxd_bytes text)
{
    const char *end = text.ptr + text.len;
    const char *at = text.ptr;
    struct cxd_bytes lines[SIDE];
    int count = 0;

    while (at < end) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        newline = newline != NULL ? newline : end;
        if (newline > at) {
            lines[count++] = (struct cxd_bytes){at, (size_t)(newline - at)};
            b->count++;
            b->bytes += (uint64_t)(newline - at);
        }
        at = newline + 1;
        if (count == SIDE || (count > 0 && at >= end)) {
            events_run(b, lines, count);
            count = 0;
        }
    }
}

static void round_run(void *arg)
{
    struct bench *b = arg;

    b->count = 0;
    b->bytes = 0;
    b->mapped = 0;
    b->packed = 0;
    for (int i = 0; i < b->file_count; i++) {
        text_run(b, floor_inflate(b->files[i]));
    }
    batch_finish(b);
}

int main(int argc, char **argv)
{
    struct bench bench = {.file_count = argc - 3, .files = argv + 3};
    struct cxd_error err = CXD_ERROR_INIT;
    struct catalog catalog;

    if (argc < 4) {
        (void)fprintf(stderr, "bench_stages MODULES ROUNDS FILE..\n");
        return 2;
    }
    catalog_init(&catalog, bind_host());
    if (catalog_scan(&catalog, argv[1], &err) != CXD_OK) {
        stages_fail("%s: %s", argv[1], err.text);
    }
    bench_open(&bench, &catalog);
    round_run(&bench); /* memory is had, pages are there */
    meter_round(bench.count, bench.bytes);
    if (meter_count(METER_INFLATE, METER_ACK, round_run, &bench) == 0) {
        (void)printf("events %llu\n", (unsigned long long)bench.count);
    } else {
        for (long left = strtol(argv[2], NULL, 10); left > 0; left--) {
            round_run(&bench);
            meter_round(bench.count, bench.bytes);
        }
        meter_print();
        (void)printf("bytes %llu %llu %llu\n", (unsigned long long)bench.bytes,
                     (unsigned long long)bench.mapped, (unsigned long long)bench.packed);
    }
    bench_close(&bench);
    catalog_done(&catalog);
    return 0;
}
