/*
 * stages.h: the parts of bench_stages: its words, events to batches (bench_stages.c), batches to an output that answers at once
 * (stages_output.c), and the floors of the same bytes (stages_floor.c). One thread. What fails ends the program with a line.
 */
#pragma once

#include "gate/catalog.h"
#include "pipeline/batch.h"
#include "pipeline/queue.h"

__attribute__((noreturn, format(printf, 1, 2))) void stages_fail(const char *format, ...);

/* A module's options from YAML text; the caller frees them (doc_free). */
struct cxd_builder *stages_options(const struct cxd_module *module, const char *text);

/* Opens the elasticsearch output twice, with and without compression, over a network that takes everything. */
void output_open(const struct catalog *catalog);
/* A sealed batch through both, and its settlement. */
void output_deliver(struct queue *queue, struct batch *batch);
void output_close(void);

/* The object unpacked; the bytes are valid until the next call. A file that is not packed comes as it is, unmeasured. */
struct cxd_bytes floor_inflate(const char *path);
/* The scanner alone on one record. */
void floor_scan(struct cxd_bytes record);
/* One copy of a batch's documents, and their compression at level 1; how many bytes that makes. */
size_t floor_batch(struct cxd_bytes documents);
void floor_done(void);
