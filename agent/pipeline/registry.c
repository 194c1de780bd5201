/*
 * registry.c: a list in memory under a lock, and the keeper who writes a copy of it outside the lock.
 */
#include "pipeline/registry_inner.h"

#include "base/backoff.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/log.h"
#include "io/doc.h"
#include "io/file.h"
#include "pipeline/dead.h"
#include "pipeline/wait.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RETRY_FIRST_MS 200
#define RETRY_MAX_MS 10000

struct entry *entry_find(struct registry *r, const char *id)
{
    for (struct entry *e = r->first; e != NULL; e = e->next) {
        if (strcmp(e->id, id) == 0) {
            return e;
        }
    }
    return NULL;
}

struct entry *entry_make(struct registry *r, const char *id)
{
    struct entry *e = entry_find(r, id);

    if (e != NULL) {
        return e;
    }
    e = calloc(1, sizeof *e);
    if (e == NULL || (e->id = strdup(id)) == NULL) {
        free(e);
        return NULL;
    }
    e->version = (struct cxd_version){-1, -1};
    buf_init(&e->cursor, DOC_SIZE_MAX);
    e->next = r->first;
    r->first = e; /* without a cursor: it is not written */
    return e;
}

int entry_set(struct registry *r, const char *id, struct cxd_bytes cursor, int64_t now_ms)
{
    struct entry *e = entry_make(r, id);
    int status =
        e == NULL
            ? CXD_NOMEM
            : buf_reserve(&e->cursor, cursor.len > e->cursor.len ? cursor.len - e->cursor.len : 0);

    if (status ==
        CXD_OK) { /* only now: a cursor that cannot be kept must not damage the one before it */
        buf_clear(&e->cursor);
        status = buf_add(&e->cursor, cursor.ptr, cursor.len);
        e->updated_ms = now_ms;
        e->is_new = 1;
    }
    return status;
}

/* Under the write lock. */
static int file_flush(struct registry *r, struct cxd_error *err)
{
    _cleanup_(buf_done) struct buf image;
    int status;

    buf_init(&image, REGISTRY_MAX_BYTES);
    status = registry_file_image(r, &image, err);
    if (status == CXD_OK && r->dead != NULL) {
        status = dead_sync(r->dead, err);
    }
    return status != CXD_OK
               ? status
               : file_replace(r->path, (struct cxd_bytes){image.ptr, image.len}, 0600, err);
}

int registry_flush(struct registry *r, struct cxd_error *err)
{
    int status;

    (void)pthread_mutex_lock(&r->write_lock);
    status = r->path != NULL ? file_flush(r, err) : registry_store_write(r, err);
    if (status != CXD_OK) {
        (void)pthread_mutex_lock(&r->lock);
        r->is_dirty = 1;
        (void)pthread_mutex_unlock(&r->lock);
    }
    (void)pthread_mutex_unlock(&r->write_lock);
    return status;
}

static void *keeper_run(void *arg)
{
    struct registry *r = arg;
    struct cxd_error err = CXD_ERROR_INIT;
    struct backoff backoff;
    int64_t wait_ms;

    backoff_init(&backoff, RETRY_FIRST_MS, RETRY_MAX_MS, (uint64_t)clock_wall_ms());
    (void)pthread_mutex_lock(&r->lock);
    while (!r->is_closing) {
        if (!r->is_dirty) {
            (void)wait_cond(&r->changed, &r->lock, -1);
            continue;
        }
        (void)pthread_mutex_unlock(&r->lock);
        wait_ms = r->flush_ms;
        if (registry_flush(r, &err) == CXD_OK) {
            backoff_reset(&backoff);
        } else {
            wait_ms += backoff_next(&backoff, -1);
            LOG(CXD_LOG_ERROR, REGISTRY_SUBJECT, "cursors are not saved, trying again: %s",
                err.text);
        }
        (void)pthread_mutex_lock(&r->lock);
        if (!r->is_closing) {
            int64_t deadline_ms = clock_mono_ms() + wait_ms;
            while (!r->is_closing && wait_cond(&r->changed, &r->lock, deadline_ms)) {
            }
        }
    }
    (void)pthread_mutex_unlock(&r->lock);
    return NULL;
}

static void registry_free(struct registry *r)
{
    while (r->first != NULL) {
        struct entry *e = r->first;
        r->first = e->next;
        buf_done(&e->cursor);
        free(e->id);
        free(e);
    }
    (void)pthread_mutex_destroy(&r->lock);
    (void)pthread_mutex_destroy(&r->write_lock);
    (void)pthread_cond_destroy(&r->changed);
    free(r->path);
    free(r);
}

static int registry_start(struct registry *r, int64_t flush_ms, struct dead *dead,
                          struct registry **ret_registry, struct cxd_error *err)
{
    int status;

    r->flush_ms = flush_ms;
    r->dead = dead;
    (void)pthread_mutex_init(&r->lock, NULL);
    (void)pthread_mutex_init(&r->write_lock, NULL);
    wait_cond_init(&r->changed);
    status = r->path != NULL ? registry_file_load(r, err) : CXD_OK;
    if (status == CXD_OK && pthread_create(&r->keeper, NULL, keeper_run, r) != 0) {
        status = cxd_error_set(err, CXD_NOMEM, "cursor registry: no thread");
    }
    if (status != CXD_OK) {
        registry_free(r);
        return status;
    }
    *ret_registry = r;
    return CXD_OK;
}

int registry_open(const char *folder, int64_t flush_ms, struct dead *dead,
                  struct registry **ret_registry, struct cxd_error *err)
{
    struct registry *r = calloc(1, sizeof *r);

    if (r == NULL || asprintf(&r->path, "%s/registry.bson", folder) < 0) {
        free(r);
        return cxd_error_set(err, CXD_NOMEM, "cursor registry: out of memory");
    }
    return registry_start(r, flush_ms, dead, ret_registry, err);
}

int registry_open_store(const struct registry_store *store, int64_t flush_ms, struct dead *dead,
                        struct registry **ret_registry, struct cxd_error *err)
{
    struct registry *r = calloc(1, sizeof *r);

    if (r == NULL) {
        return cxd_error_set(err, CXD_NOMEM, "cursor registry: out of memory");
    }
    r->store = *store;
    return registry_start(r, flush_ms, dead, ret_registry, err);
}

/* The store is asked once for each stream, and again after a failure. */
static int entry_read(struct registry *r, const char *id, struct cxd_error *err)
{
    int status = CXD_OK;

    if (r->path == NULL) {
        (void)pthread_mutex_lock(&r->write_lock);
        status = registry_store_read(r, id, err);
        (void)pthread_mutex_unlock(&r->write_lock);
    }
    return status;
}

int registry_get(struct registry *r, const char *id, struct cxd_bytes *ret_cursor,
                 struct cxd_error *err)
{
    const struct entry *e;
    char *copy = NULL;
    size_t len = 0;
    int status = entry_read(r, id, err);

    if (status != CXD_OK) {
        return status;
    }
    (void)pthread_mutex_lock(&r->lock);
    e = entry_find(r, id);
    if (e != NULL && e->cursor.len > 0) {
        len = e->cursor.len;
        copy = malloc(len);
        if (copy != NULL) {
            memcpy(copy, e->cursor.ptr, len);
        } else {
            status = cxd_error_set(err, CXD_NOMEM, "cursor of %s: out of memory", id);
        }
    }
    (void)pthread_mutex_unlock(&r->lock);
    if (status == CXD_OK) {
        *ret_cursor = (struct cxd_bytes){copy, len};
    }
    return status;
}

int registry_put(struct registry *r, const char *id, struct cxd_bytes cursor)
{
    int status;

    (void)pthread_mutex_lock(&r->lock);
    /* one that cannot be written would keep all others from the disk */
    status = doc_check(cursor, NULL);
    status = status != CXD_OK ? status : entry_set(r, id, cursor, clock_wall_ms());
    if (status == CXD_OK && !r->is_dirty) {
        r->is_dirty = 1;
        (void)pthread_cond_signal(&r->changed);
    }
    (void)pthread_mutex_unlock(&r->lock);
    return status;
}

/* The entry with the next id after that one; NULL: the last. The list is short, and this is asked by people. */
static const struct entry *entry_after(const struct registry *r, const char *id)
{
    const struct entry *next = NULL;

    for (const struct entry *e = r->first; e != NULL; e = e->next) {
        if (e->cursor.len > 0 && (id == NULL || strcmp(e->id, id) > 0) &&
            (next == NULL || strcmp(e->id, next->id) < 0)) {
            next = e;
        }
    }
    return next;
}

int registry_each(struct registry *r,
                  int (*each)(void *owner, const char *id, struct cxd_bytes cursor,
                              int64_t updated_ms),
                  void *owner)
{
    int status = CXD_OK;

    (void)pthread_mutex_lock(&r->lock);
    for (const struct entry *e = entry_after(r, NULL); e != NULL && status == CXD_OK;
         e = entry_after(r, e->id)) {
        status =
            each(owner, e->id, (struct cxd_bytes){e->cursor.ptr, e->cursor.len}, e->updated_ms);
    }
    (void)pthread_mutex_unlock(&r->lock);
    return status;
}

int registry_drop(struct registry *r, const char *id)
{
    struct entry *e;

    (void)pthread_mutex_lock(&r->lock);
    e = entry_find(r, id);
    if (e != NULL && e->cursor.len > 0) {
        buf_clear(&e->cursor); /* an entry without a cursor is not written */
        e->is_new = 1;
        r->is_dirty = 1;
        (void)pthread_cond_signal(&r->changed);
    } else {
        e = NULL;
    }
    (void)pthread_mutex_unlock(&r->lock);
    return e != NULL ? CXD_OK : CXD_NOT_FOUND;
}

int registry_is_lost(struct registry *r, const char *id)
{
    int is_lost = 0;

    (void)pthread_mutex_lock(&r->lock);
    for (const struct entry *e = r->first; e != NULL; e = e->next) {
        is_lost |= e->is_lost && (id == NULL || strcmp(e->id, id) == 0);
    }
    (void)pthread_mutex_unlock(&r->lock);
    return is_lost;
}

void registry_close(struct registry *r)
{
    if (r == NULL) {
        return;
    }
    (void)pthread_mutex_lock(&r->lock);
    r->is_closing = 1;
    (void)pthread_cond_signal(&r->changed);
    (void)pthread_mutex_unlock(&r->lock);
    (void)pthread_join(r->keeper, NULL);
    registry_free(r);
}
