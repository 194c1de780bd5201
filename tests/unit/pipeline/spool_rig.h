/* spool_rig.h: a disk queue in a folder of its own, with batches that are known by their number. */
#pragma once

#include "disk_fault.h"
#include "pipeline/spool.h"
#include "rig.h"

extern char spool_folder[64];

int spool_setup(void **state);
int spool_teardown(void **state);
int spool_open_with(const struct seal_key *key, struct spool **ret_spool, struct cxd_error *err);
struct spool *spool_open_ok(void);
/* Documents of batch `number`: number % 5 + 1, each with pad bytes. */
void spool_fill(struct batch *b, unsigned number, size_t pad);
/* Appends and syncs batches from, up to but without `to`. */
void spool_put(struct spool *s, unsigned from, unsigned to, size_t pad);
/* The number of the next batch, its content checked; -1: no more. */
int spool_get(struct spool *s, size_t pad);
/* Calls fn (or NULL) for each segment, in order of their names; how many there are. */
unsigned spool_segments(void (*fn)(const char *path, unsigned number));
