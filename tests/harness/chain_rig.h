/*
 * chain_rig.h: processors as a policy names them, run on documents, without an agent: the built modules, the real chain, conditions
 * and events; a clock that stands still; memory that is counted and can be made to fail. One thread, one rig at a time.
 */
#pragma once

#include <cxd/module.h>

struct chain_rig;

/* Loads every module of the build once. Aborts the test when there are none. */
const struct catalog *chain_rig_catalog(void);
/* Instead of the build's: these, which live as long as the process. Before anything else; modules: count of them. */
void chain_rig_use(const struct cxd_module *const *modules, size_t count);
/* yaml: "processors: [..]". What the chain's building gave. *ret_rig is set on success only. */
int chain_rig_open(const char *yaml, struct chain_rig **ret_rig, struct cxd_error *err);
/*
 * One document through the chain: CXD_KEEP with *ret_out (malloc'd JSON; "@metadata._id" added when there is an id), CXD_DISCARD, or
 * negative. Fails the n-th allocation of the run; 0: none.
 */
int chain_rig_run(struct chain_rig *rig, const char *in, size_t fail_at, char **ret_out,
                  struct cxd_error *err);
void chain_rig_close(struct chain_rig *rig); /* accepts NULL */

/* The n-th allocation from now on fails; 0: none. */
void chain_rig_fail_at(size_t n);
size_t chain_rig_asked(void); /* allocations since */
long chain_rig_held(void);    /* blocks, regular expressions, builders that modules hold */
/* Milliseconds since 1970 that modules see; at first 2026-02-03T04:05:06.789Z. */
void chain_rig_set_time(int64_t wall_ms);
