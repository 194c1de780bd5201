/*
 * folder.h: the folder that an instance writes to: its lock, its open files, and what it remembers. One owner, one thread.
 *
 * One instance at a time may write to a folder (a lock on `.lock` sees to it, across processes as well): two writers would not
 * know each other's ids. At most 32 files are open; the one used longest ago is closed for another.
 */
#pragma once

#include "stream.h"

#define FOLDER_OPEN_MAX 32

struct folder {
    const struct cxd_host *host;
    struct cxd_self *self;
    struct stream_rules rules;
    int fd;      /* -1: closed */
    int lock_fd; /* -1: not held */
    uint64_t batch_number;
    struct seen seen;
    struct stream streams[FOLDER_OPEN_MAX];
    uint32_t stream_count;
    struct stream_pick *picks; /* scratch: one for each document of a batch */
    struct ids_row *rows;
    uint32_t scratch_count;
};

/* Makes the folder when it is missing. On failure folder_done is still allowed. */
int folder_open(struct folder *f, const struct cxd_host *host, struct cxd_self *self,
                const struct stream_rules *rules, const char *path, struct cxd_error *err);
int folder_send(struct folder *f, const struct cxd_batch *batch, struct cxd_outcome *outcomes,
                struct cxd_error *err);
void folder_done(struct folder *f);
