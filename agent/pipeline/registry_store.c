/*
 * registry_store.c: the cursors one by one in a store that others write as well. Each is written only over the version that was read or
 * written last; who comes second has lost the stream.
 */
#include "pipeline/registry_inner.h"

#include "base/cleanup.h"
#include "base/log.h"
#include "io/doc.h"
#include "pipeline/dead.h"

#include <string.h>

int registry_store_read(struct registry *r, const char *id, struct cxd_error *err)
{
    _cleanup_(buf_done) struct buf cursor;
    struct cxd_version version = {-1, -1};
    struct entry *e;
    int status;

    buf_init(&cursor, DOC_SIZE_MAX);
    (void)pthread_mutex_lock(&r->lock);
    e = entry_make(r, id);
    status = e == NULL ? cxd_error_set(err, CXD_NOMEM, "cursor of %s: out of memory", id) : CXD_OK;
    if (status != CXD_OK || e->is_read) {
        (void)pthread_mutex_unlock(&r->lock);
        return status;
    }
    (void)pthread_mutex_unlock(&r->lock); /* entries stay until the end */
    status = r->store.read(r->store.owner, id, &cursor, &version, err);
    if (status == CXD_OK && cursor.len > 0) {
        status = doc_check((struct cxd_bytes){cursor.ptr, cursor.len}, err);
    }
    if (status != CXD_OK) {
        return status;
    }
    (void)pthread_mutex_lock(&r->lock);
    if (cursor.len > 0) {
        status = entry_set(r, id, (struct cxd_bytes){cursor.ptr, cursor.len}, 0);
        e->is_new = 0;
    }
    e->version = version;
    e->is_read = status == CXD_OK;
    (void)pthread_mutex_unlock(&r->lock);
    return status == CXD_OK ? status
                            : cxd_error_set(err, status, "cursor of %s: out of memory", id);
}

/* A copy of an entry that is to be written; what comes meanwhile makes it new again. */
static int entry_copy(struct registry *r, struct entry *e, struct buf *cursor)
{
    int status = CXD_OK;

    (void)pthread_mutex_lock(&r->lock);
    buf_clear(cursor);
    if (e->is_new && !e->is_lost) {
        status = buf_add(cursor, e->cursor.ptr, e->cursor.len);
        e->is_new = status != CXD_OK;
    } else {
        status = CXD_END;
    }
    (void)pthread_mutex_unlock(&r->lock);
    return status;
}

static int entry_put(struct registry *r, struct entry *e, struct buf *cursor, struct cxd_error *err)
{
    struct cxd_version version = e->version;
    int status = entry_copy(r, e, cursor);

    if (status != CXD_OK) {
        return status == CXD_END ? CXD_OK
                                 : cxd_error_set(err, status, "cursor of %s: out of memory", e->id);
    }
    status = r->store.write(r->store.owner, e->id, (struct cxd_bytes){cursor->ptr, cursor->len},
                            &version, err);
    (void)pthread_mutex_lock(&r->lock);
    if (status == CXD_OK) {
        e->version = version;
        e->is_read = 1;
    } else if (status == CXD_EXISTS) {
        e->is_lost = 1;
    } else {
        e->is_new = 1;
    }
    (void)pthread_mutex_unlock(&r->lock);
    if (status == CXD_EXISTS) {
        LOG(CXD_LOG_ERROR, REGISTRY_SUBJECT,
            "%s: another run moves this cursor: it stays where that one puts it, and this stream "
            "ends here",
            e->id);
        return CXD_OK;
    }
    return status;
}

int registry_store_write(struct registry *r, struct cxd_error *err)
{
    _cleanup_(buf_done) struct buf cursor;
    struct entry *first;
    int status = r->dead != NULL ? dead_sync(r->dead, err) : CXD_OK;

    buf_init(&cursor, DOC_SIZE_MAX);
    (void)pthread_mutex_lock(&r->lock);
    first = r->first; /* entries are added in front and stay */
    r->is_dirty = 0;
    (void)pthread_mutex_unlock(&r->lock);
    for (struct entry *e = first; e != NULL; e = e->next) {
        struct cxd_error why = CXD_ERROR_INIT;
        int s = status == CXD_OK ? entry_put(r, e, &cursor, &why) : status;
        if (s != CXD_OK && status == CXD_OK && err != NULL) {
            *err = why;
        }
        status = status != CXD_OK ? status : s;
    }
    return status;
}
