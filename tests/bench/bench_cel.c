/*
 * bench_cel.c: expressions a second. Prints a line for each: name, nanoseconds of processor time, and what it came to, in the form that celgo
 * (tests/bench/celgo) prints too.
 *
 *   bench_cel [seconds for each]
 */
#include "lang/program.h"
#include "lang/services.h"
#include "lib/catalog.h"
#include "lib/json_text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

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
    return 0;
}
