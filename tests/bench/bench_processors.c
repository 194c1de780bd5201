/*
 * bench_processors.c: what a processor costs an event: nanoseconds of the chain alone, best of several rounds.
 *
 *   bench_processors MODULES_FOLDER
 */
#include "base/arena.h"
#include "base/clock.h"
#include "config/conf.h"
#include "front/run/processors.h"
#include "pipeline/bind.h"
#include "pipeline/event.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define ROUNDS 5
#define EVENTS 50000

static const char document[] =
    "{\"@timestamp\":\"2026-01-02T03:04:05.678Z\",\"message\":\"10.0.0.1 - ann "
    "[02/Jan/2026:03:04:05 +0000] "
    "\\\"GET /a/b?c=d HTTP/1.1\\\" 200 "
    "1234\",\"json\":\"{\\\"level\\\":\\\"info\\\",\\\"http\\\":{\\\"code\\\":"
    "200,\\\"path\\\":\\\"/a/"
    "b\\\"},\\\"list\\\":[1,2,3]}\",\"tags\":[\"forwarded\",\"web\"],\"source\":{\"ip\":"
    "\"10.0.0.1\",\"port\":51234},\"destination\":{\"ip\":\"192.0.2.7\",\"port\":443},\"network\":{"
    "\"transport\":"
    "\"tcp\"},\"user\":{\"name\":\"ann\",\"id\":\"S-1-5\"},\"size\":\"1234\",\"agent\":{\"id\":"
    "\"x\",\"name\":\"y\"}}";

static const char *const policies[][2] = {
    {"nothing", "[]"},
    {"when (contains, false)", "[{drop_event: {when.contains.tags: nothing}}]"},
    {"when (regexp, false)", "[{drop_event: {when.regexp.message: '^error'}}]"},
    {"when (network and range)",
     "[{drop_event: {when.and: [{network: {source.ip: public}}, {range: {source.port.gte: 1}}]}}]"},
    {"add_fields", "[{add_fields: {target: project, fields: {name: p, id: 5, more: {a: 1}}}}]"},
    {"add_tags", "[{add_tags: {tags: [one]}}]"},
    {"drop_fields", "[{drop_fields: {fields: [user.id, source.port, agent]}}]"},
    {"rename", "[{rename: {fields: [{from: user.name, to: related.user}]}}]"},
    {"copy_fields", "[{copy_fields: {fields: [{from: source, to: client}]}}]"},
    {"convert", "[{convert: {fields: [{from: size, type: long}]}}]"},
    {"decode_json_fields", "[{decode_json_fields: {fields: [json], target: decoded}}]"},
    {"dissect", "[{dissect: {tokenizer: '%{ip} - %{user} [%{time}] \"%{verb} %{path} %{}\" "
                "%{status|integer} %{bytes}'}}]"},
    {"include_fields", "[{include_fields: {fields: [user, source.ip, message]}}]"},
    {"timestamp", "[{timestamp: {field: '@timestamp', layouts: ['2006-01-02T15:04:05Z07:00']}}]"},
    {"add_labels", "[{add_labels: {labels: {a: 1, b: two}}}]"},
    {"fingerprint", "[{fingerprint: {fields: [user.name, message]}}]"},
    {"truncate_fields", "[{truncate_fields: {fields: [message], max_bytes: 40}}]"},
    {"replace", "[{replace: {fields: [{field: message, pattern: '/[a-z]+', replacement: '/x'}]}}]"},
    {"add_host_metadata", "[{add_host_metadata: {}}]"},
    {"add_id", "[{add_id: {}}]"},
    {"community_id", "[{community_id: {}}]"},
    {"rate_limit", "[{rate_limit: {limit: 1000000/s, fields: [user.name]}}]"},
};

static const atomic_int never_stopping;

static double now_ns(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static int document_put(struct cxd_event *ev)
{
    struct cxd_node holder = {
        .value = {.ptr = document, .len = sizeof document - 1, .kind = CXD_KIND_OBJECT}};

    event_reset(ev);
    if (node_expand(ev, &holder) != CXD_OK) {
        return CXD_NOMEM;
    }
    for (struct cxd_node *at = holder.first; at != NULL; at = at->next) {
        struct cxd_bytes key = {at->key, at->key_len};
        if (node_put(ev, event_root(ev), key, at->value) == NULL) {
            return CXD_NOMEM;
        }
    }
    return CXD_OK;
}

/* Nanoseconds an event, the making of the event included. */
static double round_run(struct chain *chain, struct cxd_event *ev)
{
    double start = now_ns();

    for (int i = 0; i < EVENTS; i++) {
        if (document_put(ev) != CXD_OK || chain_run(chain, ev, NULL) < 0) {
            abort();
        }
    }
    return (now_ns() - start) / EVENTS;
}

static double policy_run(const struct catalog *catalog, const char *items)
{
    static const struct self_ops ops;
    struct arena *arena = arena_new(65536, (size_t)16 << 20);
    struct chain chain;
    struct cxd_event *ev = NULL;
    struct conf *root = NULL;
    struct cxd_error err = CXD_ERROR_INIT;
    struct processors_spec spec = {.catalog = catalog, .chain = &chain, .ops = &ops};
    double best = 1e18;
    char text[1024];

    (void)snprintf(text, sizeof text, "processors: %s\n", items);
    chain_init(&chain, bind_host(), &never_stopping);
    if (arena == NULL || event_open(&(struct event_limits){0}, &ev) != CXD_OK ||
        conf_read_text("bench", text, strlen(text), arena, &root, &err) != CXD_OK ||
        processors_read(&spec, conf_find(root, "processors"), &err) != CXD_OK) {
        (void)fprintf(stderr, "%s: %s\n", items, err.text);
        exit(1);
    }
    for (int i = 0; i < ROUNDS; i++) {
        double ns = round_run(&chain, ev);
        best = ns < best ? ns : best;
    }
    chain_done(&chain);
    event_close(ev);
    arena_free(arena);
    return best;
}

int main(int argc, char **argv)
{
    struct catalog catalog;
    struct cxd_error err = CXD_ERROR_INIT;

    catalog_init(&catalog, bind_host());
    if (argc != 2 || catalog_scan(&catalog, argv[1], &err) != CXD_OK) {
        (void)fprintf(stderr, "bench_processors MODULES_FOLDER %s\n", err.text);
        return 2;
    }
    for (size_t i = 0; i < sizeof policies / sizeof policies[0]; i++) {
        double nothing = policy_run(&catalog, "[]"); /* in the same minute */
        double ns = policy_run(&catalog, policies[i][1]);
        (void)printf("%-28s %6.0f ns\n", policies[i][0], i == 0 ? ns : ns - nothing);
    }
    catalog_done(&catalog);
    return 0;
}
