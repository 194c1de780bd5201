/*
 * bench_cel.c: expressions a second. Prints a line for each: name, nanoseconds of processor time, and what it came to, in the form that celgo
 * (tests/bench/celgo) prints too.
 *
 *   bench_cel [seconds for each [PROGRAM PAGE]]
 *
 * With a program and a page of alerts (the body of a reply): one page from the state's text to events and the next state's text;
 * as "page" without and as "page_input" with each event and its cursor as JSON, with the instructions of a page where the machine
 * counts them.
 */
#include "lang/program.h"
#include "lang/services.h"
#include "lib/catalog.h"
#include "lib/globals.h"
#include "lib/json_text.h"
#include "outcome.h"
#include "world.h"

#include <linux/perf_event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static const struct {
    const char *name;
    const char *source;
} cases[] = {
    {"arithmetic", "(n + 3) * 4 - n / 2 % 7 == 42 || n > 100"},
    {"member", "m.alert.severity == 'high' && m.alert.count > 2.0"},
    {"has", "has(m.alert.host) && !has(m.alert.nothing)"},
    {"ternary", "n > 5 ? 'great' : 'small'"},
    {"join", "s + '/' + m.alert.severity + '?' + string(n)"},
    {"in_list", "m.alert.severity in ['low', 'medium', 'high']"},
    {"exists", "l.exists(x, x == 97)"},
    {"map_filter", "l.filter(x, x % 2 == 0).map(x, x * x).size()"},
    {"nested_loops", "l.all(x, l.exists(y, y == x))"},
    {"make_map", "{'a': n, 'b': s, 'c': [n, n + 1], 'd': {'e': s}}"},
    {"time",
     "timestamp('2024-01-02T03:04:05Z') + duration('1h') > timestamp('2023-01-01T00:00:00Z')"},
    {"optional", "m.?alert.?severity.orValue('none') == 'high'"},
};

static const char *const names[] = {"n", "s", "l", "m"};

static double now_ns(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

/* A counter of this process's instructions, or below zero. */
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

static void values_set(struct run *run, struct value values[4])
{
    static const char m[] =
        "{\"alert\":{\"severity\":\"high\",\"count\":3,\"host\":{\"name\":\"h1\"}}}";
    struct value *items = run_items(run, 100);

    for (int i = 0; i < 100; i++) {
        items[i] = value_int(i);
    }
    values[0] = value_int(17);
    values[1] = VALUE_TEXT("https://example.com");
    values[2] = value_list(items, 100);
    values[3] = json_text_read_all(run, (struct cxd_bytes){m, sizeof m - 1}, 0);
}

static void bench(const char *name, const char *source, const struct value *values, double seconds)
{
    const struct env env = {.libraries = ENV_EXTENSIONS,
                            .flags = ENV_STRICT,
                            .names = names,
                            .name_count = 4,
                            .functions = catalog_language};
    struct cxd_error err = CXD_ERROR_INIT;
    struct program *program = NULL;
    struct pool pool;
    struct run run = {.pool = &pool, .globals = values};
    struct value v = value_null();
    double start;
    double spent = 0;
    long count = 0;

    pool_init(&pool, (size_t)64 << 20);
    if (program_compile(&env, (struct cxd_bytes){source, strlen(source)}, &program, &err) < 0) {
        fprintf(stderr, "%s: %s\n", name, err.text);
        exit(1);
    }
    for (start = now_ns(); spent < seconds * 1e9; spent = now_ns() - start) {
        for (int i = 0; i < 1000; i++) {
            pool_clear(&pool);
            v = program_run(program, &run, NULL);
        }
        count += 1000;
    }
    struct sink out = sink_on(&pool);
    struct value problem;

    run.cost_left = 1000000;
    if (value_is_error(v) || !json_text_put(&run, &out, v, &problem)) {
        fprintf(stderr, "%s: no result\n", name);
        exit(1);
    }
    printf("%-14s %10.1f ns  %.*s\n", name, spent / (double)count, (int)out.len, out.text);
    program_free(program);
    pool_done(&pool);
}

static char *file_read(const char *path, size_t *ret_len)
{
    FILE *file = fopen(path, "rb");
    char *text = malloc((size_t)16 << 20);

    if (file == NULL || text == NULL) {
        fprintf(stderr, "%s: cannot be read\n", path);
        exit(1);
    }
    *ret_len = fread(text, 1, (size_t)16 << 20, file);
    (void)fclose(file);
    return text;
}

static struct cxd_bytes page_body;

static int page_send(void *ctx, const struct services_request *request,
                     struct services_reply *reply, struct cxd_error *err)
{
    static const struct services_header date = {{"Date", 4}, {"x", 1}};

    (void)ctx;
    (void)request;
    (void)err;
    *reply = (struct services_reply){.status = 200,
                                     .reason = {"OK", 2},
                                     .major = 1,
                                     .minor = 1,
                                     .headers = &date,
                                     .header_count = 1,
                                     .body = page_body,
                                     .content_length = (int64_t)page_body.len};
    return 0;
}

struct made {
    uint32_t events;
    size_t event_bytes; /* of JSON */
};

/* One evaluation as the input makes it. */
static struct made page_once(const struct program *program, const struct services *services,
                             struct pool *pool, bool is_written)
{
    static const char state[] =
        "{\"advanced_sec_level\":true,\"api_token\":\"key\",\"initial_interval\":\"24h\","
        "\"token_id\":\"1\",\"url\":\"https://api.example\"}";
    struct value globals[GLOBALS_COUNT];
    struct run run = {.pool = pool,
                      .services = services,
                      .globals = globals,
                      .cost_left = 1000000000,
                      .now = value_timestamp(1760000000, 0)};
    struct cxd_error err = CXD_ERROR_INIT;
    struct sink text = sink_on(pool);
    struct outcome out;
    struct value problem;

    pool_clear(pool);
    (void)globals_set(&run, globals);
    globals[GLOBALS_STATE] =
        json_text_read_all(&run, (struct cxd_bytes){state, sizeof state - 1}, 0);
    if (outcome_read(program_run(program, &run, NULL), &out, &err) < 0 || out.failure != NULL) {
        fprintf(stderr, "page: no events: %s\n", err.text);
        exit(1);
    }
    for (uint32_t i = 0; i < out.result->count; i++) {
        if (!outcome_is_spent(out.result->entries[i].key)) {
            (void)json_text_put(&run, &text, out.result->entries[i].value, &problem);
        }
    }
    struct made made = {out.event_count, 0};
    struct sink events = sink_on(pool);

    for (uint32_t i = 0; is_written && i < out.event_count; i++) {
        (void)json_text_put(&run, &events, out.events[i], &problem);
    }
    if (is_written && out.cursor_kind == OUTCOME_ONE_CURSOR) {
        (void)json_text_put(&run, &events, out.cursors[0], &problem);
    }
    made.event_bytes = events.len;
    return made;
}

static void pages(const char *name, const struct program *program, const struct services *services,
                  double seconds)
{
    struct pool pool;
    struct made made = {0, 0};
    double start = now_ns();
    double spent = 0;
    uint64_t instructions;
    long count = 0;
    int counter = counter_open();
    bool is_written = strcmp(name, "page_input") == 0;

    pool_init(&pool, (size_t)256 << 20);
    instructions = counter_read(counter);
    for (; spent < seconds * 1e9; spent = now_ns() - start) {
        for (int i = 0; i < 5; i++) {
            made = page_once(program, services, &pool, is_written);
        }
        count += 5;
    }
    instructions = counter_read(counter) - instructions;
    printf("%-14s %10.1f ns  %u events, %zu bytes, instructions: ", name, spent / (double)count,
           made.events, made.event_bytes);
    if (instructions > 0) {
        printf("%.0f\n", (double)instructions / (double)count);
    } else {
        printf("not counted here\n");
    }
    pool_done(&pool);
    if (counter >= 0) {
        (void)close(counter);
    }
}

static void page(const char *source_path, const char *page_path, double seconds)
{
    struct cxd_error err = CXD_ERROR_INIT;
    struct program *program = NULL;
    struct world world;
    size_t len;
    char *source = file_read(source_path, &len);

    if (!world_init(&world) ||
        program_compile(&globals_env, (struct cxd_bytes){source, len}, &program, &err) < 0) {
        fprintf(stderr, "%s: %s\n", source_path, err.text);
        exit(1);
    }
    page_body.ptr = file_read(page_path, &page_body.len);
    world.services.send = page_send;
    pages("page", program, &world.services, seconds);
    pages("page_input", program, &world.services, seconds);
    program_free(program);
    world_done(&world);
    free(source);
    free((char *)(uintptr_t)page_body.ptr);
}

int main(int argc, char **argv)
{
    double seconds = argc > 1 ? strtod(argv[1], NULL) : 0.3;
    struct value values[4];
    struct pool pool;
    struct run run = {.pool = &pool, .cost_left = 1000000};

    pool_init(&pool, (size_t)16 << 20);
    values_set(&run, values);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        bench(cases[i].name, cases[i].source, values, seconds);
    }
    pool_done(&pool);
    if (argc > 3) {
        page(argv[2], argv[3], seconds);
    }
    return 0;
}
