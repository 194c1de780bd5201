/*
 * bench_scan.c: how fast the scanner, the quoting and the writer are on endpoint events, with json-c in the same run.
 *
 *   bench_scan [MiB to work through, default 512] [only this work: avx2, sse2, scalar, json-c, quote, event]
 *
 * Instructions per event: valgrind --tool=callgrind --toggle-collect='work_*' bench_scan 1 avx2, divided by the events printed.
 */
#include "base/arena.h"
#include "base/buf.h"
#include "base/scan_core.h"
#include "base/text.h"
#include "pipeline/event.h"

#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define RECORDS 256
#define RECORD_MAX 4096

static struct cxd_bytes records[RECORDS];
static size_t records_bytes;
static uint64_t random_state = 7;

static uint32_t random_below(uint32_t limit)
{
    random_state = random_state * 6364136223846793005ull + 1442695040888963407ull;
    return (uint32_t)((random_state >> 33) % limit);
}

static const char *const key_parts[] = {
    "action", "actor",   "agent",  "causality", "file",      "process", "image",    "path",
    "os",     "network", "module", "remote",    "signature", "parent",  "instance", "id"};

static int hex_put(char *out, int len)
{
    for (int i = 0; i < len; i++) {
        out[i] = "0123456789abcdef"[random_below(16)];
    }
    return len;
}

/* A value as they are in endpoint events: words, hashes, Windows paths, times, numbers, short lists, nulls. */
static int value_put(char *out, size_t room)
{
    char *start = out;

    switch (random_below(12)) {
    case 0:
        return snprintf(out, room, "%u", random_below(70000));
    case 1:
        return snprintf(out, room, "17%08u%03u", random_below(99999999), random_below(1000));
    case 2:
        return snprintf(out, room, "%s", random_below(2) ? "true" : "false");
    case 3:
        return snprintf(out, room, "null");
    case 4:
        return snprintf(out, room, "\"C:\\\\Program Files\\\\Tools %u\\\\run_%u.exe\"",
                        random_below(90), random_below(10000));
    case 5:
        return snprintf(out, room, "[\"10.%u.%u.%u\"]", random_below(256), random_below(256),
                        random_below(256));
    case 6:
    case 7:
        *out++ = '"';
        out += hex_put(out, random_below(2) ? 64 : 32);
        *out++ = '"';
        return (int)(out - start);
    case 8:
        return snprintf(out, room, "\"\"");
    default:
        *out++ = '"';
        out += hex_put(out, 3 + (int)random_below(20));
        *out++ = '"';
        return (int)(out - start);
    }
}

static struct cxd_bytes record_make(void)
{
    char *text = malloc(RECORD_MAX);
    int len = 0;

    if (text == NULL) {
        abort();
    }
    for (int i = 0; len < 2000; i++) {
        len += snprintf(text + len, 80, "%c\"%s_%s_%s%u\":", i == 0 ? '{' : ',',
                        key_parts[random_below(16)], key_parts[random_below(16)],
                        key_parts[random_below(16)], (unsigned)i % 10);
        len += value_put(text + len, 120);
    }
    text[len++] = '}';
    return (struct cxd_bytes){text, (size_t)len};
}

struct job {
    const struct scan_core *core;
    struct scan scan;
    struct arena *arena;
    struct cxd_event *ev;
    struct buf out;
    uint64_t fields; /* so that no work can be left out */
};

static void must(int holds)
{
    if (!holds) {
        abort();
    }
}

__attribute__((noinline)) static void work_scan(struct job *job, struct cxd_bytes record)
{
    struct scan_fault fault;

    must(scan_members_with(job->core, &job->scan, record, job->arena, &fault) == CXD_OK);
    job->fields += job->scan.count;
}

__attribute__((noinline)) static void work_json(struct job *job, struct cxd_bytes record)
{
    struct json_tokener *tok = json_tokener_new();
    struct json_object *tree;

    must(tok != NULL);
    tree = json_tokener_parse_ex(tok, record.ptr, (int)record.len);
    must(tree != NULL);
    job->fields += (uint64_t)json_object_object_length(tree);
    json_object_put(tree);
    json_tokener_free(tok);
}

__attribute__((noinline)) static void work_quote(struct job *job, struct cxd_bytes record)
{
    buf_clear(&job->out);
    must(buf_reserve(&job->out, text_quote_len(record)) == CXD_OK);
    job->out.len = (size_t)(text_quote_known(record, job->out.ptr) - job->out.ptr);
    job->fields += job->out.len;
}

/* The whole of our part: scan, a node for every field, the record itself as event.original, render. */
__attribute__((noinline)) static void work_event(struct job *job, struct cxd_bytes text)
{
    struct cxd_node *root = event_root(job->ev);
    const struct cxd_record *record;
    struct cxd_node *nodes;
    uint32_t count;

    event_reset(job->ev);
    buf_clear(&job->out);
    event_set_message(job->ev, text);
    must(event_record(job->ev, &record, NULL) == CXD_OK);
    count = record->count;
    nodes = event_alloc(job->ev, (count + 1) * sizeof *nodes);
    must(nodes != NULL);
    for (uint32_t i = 0; i < count; i++) {
        nodes[i] = (struct cxd_node){.next = &nodes[i + 1],
                                     .key = record->fields[i].key,
                                     .key_len = record->fields[i].key_len,
                                     .value = record->fields[i].value};
    }
    nodes[count] = (struct cxd_node){.key = "original",
                                     .key_len = 8,
                                     .value = {.ptr = text.ptr,
                                               .len = (uint32_t)text.len,
                                               .kind = CXD_KIND_STRING,
                                               .flags = CXD_VALUE_TEXT}};
    root->first = nodes;
    root->last = &nodes[count];
    must(event_render(job->ev, &job->out) == CXD_OK);
    job->fields += count;
}

static double cpu_seconds(void)
{
    struct timespec ts;

    must(clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts) == 0);
    return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

/* Best of five, so that other work on the machine counts less. */
static void measure(const char *name, void (*work)(struct job *, struct cxd_bytes), struct job *job,
                    size_t bytes)
{
    size_t rounds = bytes / 5 / records_bytes + 1;
    double best = 1e9;

    for (int turn = 0; turn < 5; turn++) {
        double start = cpu_seconds();
        for (size_t i = 0; i < rounds; i++) {
            for (size_t k = 0; k < RECORDS; k++) {
                work(job, records[k]);
            }
        }
        start = cpu_seconds() - start;
        best = start < best ? start : best;
    }
    printf("%-8s %8.0f MB/s  %7.3f us/event  %zu events of %zu bytes\n", name,
           (double)records_bytes * (double)rounds / best / 1e6,
           best / (double)(rounds * RECORDS) * 1e6, 5 * rounds * RECORDS, records_bytes / RECORDS);
}

static int is_wanted(int argc, char **argv, const char *name)
{
    return argc < 3 || strcmp(argv[2], name) == 0;
}

int main(int argc, char **argv)
{
    const struct scan_core *cores[] = {
        scan_core_best(),
        &scan_core_scalar,
#if defined(__SSE2__)
        &scan_core_sse2,
#endif
    };
    size_t bytes = (argc > 1 ? (size_t)strtoull(argv[1], NULL, 10) : 512) << 20;
    struct job job = {.arena = arena_new(4096, 1 << 20)};
    struct event_limits limits = {0};

    must(job.arena != NULL && event_open(&limits, &job.ev) == CXD_OK);
    buf_init(&job.out, 1 << 20);
    for (size_t i = 0; i < RECORDS; i++) {
        records[i] = record_make();
        records_bytes += records[i].len;
    }
    for (size_t i = 0; i < sizeof cores / sizeof cores[0]; i++) {
        job.core = cores[i];
        if (is_wanted(argc, argv, cores[i]->name)) {
            measure(cores[i]->name, work_scan, &job, bytes);
        }
    }
    if (is_wanted(argc, argv, "quote")) {
        measure("quote", work_quote, &job, bytes);
    }
    if (is_wanted(argc, argv, "event")) {
        measure("event", work_event, &job, bytes);
    }
    if (is_wanted(argc, argv, "json-c")) {
        measure("json-c", work_json, &job, bytes / 4);
    }
    for (size_t i = 0; i < RECORDS; i++) {
        free((char *)(uintptr_t)records[i].ptr);
    }
    buf_done(&job.out);
    scan_done(&job.scan);
    arena_free(job.arena);
    event_close(job.ev);
    return job.fields > 0 ? 0 : 1;
}
