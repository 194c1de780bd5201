/* embed_bench.h: a host's side of cxd/embed.h for tests: a state folder, the ticker of tests/modules, and its numbers read back. */
#pragma once

#include "../pipeline/rig.h"

#include "cxd/embed.h"

struct pulled {
    uint8_t buf[1 << 20];
    uint64_t meta[4];
};

int bench_setup(void);
void bench_teardown(void);
const char *bench_folder(void);
/* A policy of one ticker, static memory; agent: members of `agent`. */
const char *bench_policy(const char *ticker, const char *agent);
/* options without data_dir and modules, which are added. Fails the test, but for bench_try. */
int32_t bench_try(const char *options, const char *policy, uint64_t *ret_handle);
int32_t bench_try_in(const char *options, const char *policy, const char *folder,
                     uint64_t *ret_handle);
uint64_t bench_open(const char *options, const char *policy);
uint64_t bench_start(const char *options, const char *policy);
/* The state folder is this one below the test's. */
uint64_t bench_start_in(const char *options, const char *policy, const char *folder);
int32_t bench_pull(uint64_t handle, uint32_t timeout_ms, struct pulled *p);
/* At once, whether something was collected by now or not. */
void bench_close(uint64_t handle);
/* The batch (frames) holds ticks from `next` on, of stream and data stream as they must be; the tick after its last. */
int64_t bench_expect(const struct pulled *p, int64_t next);
/* A number in cxd_status. */
int64_t bench_status_number(uint64_t handle, const char *name);
void bench_error(uint64_t handle, char ret_text[600]);
/* A line that was drained now holds the words. */
int bench_log_says(const char *words);
/* `next` of the stored cursor; -1: none. */
int64_t bench_cursor(void);
