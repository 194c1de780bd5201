/* scan_bench.h: one scanner core with all it needs, for the tests that run on every core. Include it first. */
#pragma once

#include "base/arena.h"
#include "cores.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

struct scan_bench {
    const struct scan_core *core;
    struct scan scan;
    struct arena *arena;
    struct scan_fault fault;
    char *text;
};

static inline int bench_scan(struct scan_bench *b, const char *ptr, size_t len)
{
    free(b->text);
    b->text = exact_copy(ptr, len);
    b->fault = (struct scan_fault){0};
    return scan_members_with(b->core, &b->scan, (struct cxd_bytes){b->text, len}, b->arena,
                             &b->fault);
}

static inline int bench_scan_text(struct scan_bench *b, const char *text)
{
    return bench_scan(b, text, strlen(text));
}

static inline void on_every_core(void (*test)(struct scan_bench *b))
{
    const struct scan_core *cores[CORES_MAX];
    size_t count = cores_list(cores);

    for (size_t i = 0; i < count; i++) {
        struct scan_bench b = {.core = cores[i], .arena = arena_new(4096, 1 << 22)};
        print_message("core %s\n", cores[i]->name);
        assert_non_null(b.arena);
        test(&b);
        scan_done(&b.scan);
        arena_free(b.arena);
        free(b.text);
    }
}
