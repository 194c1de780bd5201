/* registry_inner.h: a registry's inside, for its files: the list (registry.c), the file (registry_file.c), a store (registry_store.c). */
#pragma once

#include "base/buf.h"
#include "cxd/module.h"
#include "pipeline/registry.h"

#include <pthread.h>

#define REGISTRY_MAX_BYTES (256u << 20)
#define REGISTRY_SUBJECT "pipeline.registry"

struct entry {
    struct entry *next;
    char *id;
    struct buf cursor;
    int64_t updated_ms;
    struct cxd_version version; /* what the store has of it, as far as is known */
    int is_read;                /* version is known */
    int is_new;                 /* not in the store yet in this form */
    int is_lost;                /* somebody else has written it: it is not written any more */
};

struct registry {
    pthread_mutex_t lock;
    pthread_mutex_t
        write_lock; /* one writer (of a store: reader, too) at a time; taken before lock */
    pthread_cond_t changed;
    pthread_t keeper;
    struct entry *first;
    struct dead *dead;
    char *path; /* NULL: in a store */
    struct registry_store store;
    int64_t flush_ms;
    int is_dirty;
    int is_closing;
};

/* registry.c; the lock is held. NULL: no such entry, or no memory. */
struct entry *entry_find(struct registry *r, const char *id);
struct entry *entry_make(struct registry *r, const char *id);
int entry_set(struct registry *r, const char *id, struct cxd_bytes cursor, int64_t now_ms);

/* registry_file.c */
int registry_file_load(struct registry *r, struct cxd_error *err);
/* All entries as they are now, under the lock; then in place of the file, without it. */
int registry_file_image(struct registry *r, struct buf *image, struct cxd_error *err);

/* registry_store.c; the write lock is held. */
int registry_store_read(struct registry *r, const char *id, struct cxd_error *err);
int registry_store_write(struct registry *r, struct cxd_error *err);
