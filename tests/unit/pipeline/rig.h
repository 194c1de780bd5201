/*
 * rig.h: the pipeline's parts around one stream, put together as front does it, over a state folder of its own. What a test
 * does not want stays NULL when it closes the part itself.
 */
#pragma once

#include "base/clock.h"
#include "cxd/module.h"
#include "gate/self.h"
#include "pipeline/dead.h"
#include "pipeline/intake.h"
#include "pipeline/queue.h"
#include "pipeline/registry.h"
#include "pipeline/track.h"
#include "pipeline/unit.h"

#include "test.h"

#include <unistd.h>

struct rig {
    char folder[64];
    struct unit stream;
    struct unit output;
    struct queue *queue;
    struct dead *dead;
    struct registry *registry;
    struct track *track;
    struct intake *intake;
    struct cxd_self self; /* as the input sees it */
    const struct cxd_host *host;
    atomic_int stopping;
};

struct rig_spec {
    size_t queue_bytes;
    size_t batch_bytes;
    uint64_t dead_bytes;
    int is_message_kept;
    int is_null_kept;
    const struct index_name *dated;
    struct cxd_bytes pipeline;
    struct cxd_bytes laid;
};

/* Fails the test when something cannot be made. spec may be NULL: 1 MiB, 4 KiB, 1 MiB. */
void rig_open(struct rig *rig, const struct rig_spec *spec);
void rig_close(struct rig *rig); /* the folder goes, too */

void folder_make(char out[64]);
void folder_remove(const char *folder);
/* The file's content with a NUL behind; free. NULL: no such file. */
char *file_slurp(const char *folder, const char *name, size_t *ret_len);
size_t lines_count(const char *text);
/* Every line an object by itself. */
void json_lines_check(const char *text, size_t len);

/* Emits one event with this raw record; what emit says. */
int rig_emit(struct rig *rig, const char *record);
/* Marks the cursor {n: number}. */
int rig_mark(struct rig *rig, int64_t number);
/* A cursor document {n: number} in a static buffer; and the number of a cursor, -1: none. */
struct cxd_bytes cursor_make(int64_t number);
int64_t cursor_number(struct cxd_bytes cursor);
/* The number of the cursor that the registry holds for the stream. */
int64_t rig_cursor(struct rig *rig);
int64_t rig_count(struct rig *rig, const char *name);
