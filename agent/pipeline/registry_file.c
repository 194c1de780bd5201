/* registry_file.c: the cursors as a file of records: read at the start, written whole. */
#include "pipeline/registry_inner.h"

#include "base/log.h"
#include "io/doc.h"
#include "io/record.h"

#include <string.h>

/* One stored record into the list; a record that is not ours is named and left out. */
static int record_read(struct registry *r, struct cxd_bytes bytes)
{
    char id[512];
    struct cxd_scalar name;
    struct cxd_scalar cursor;

    if (doc_check(bytes, NULL) != CXD_OK) {
        LOG(CXD_LOG_WARN, REGISTRY_SUBJECT, "%s: one record is damaged inside and was left out",
            r->path);
        return CXD_OK;
    }
    name = doc_get(bytes, "id");
    cursor = doc_get(bytes, "cursor");
    if (name.type != CXD_TEXT || cursor.type != CXD_DOCUMENT || name.bytes.len >= sizeof id) {
        LOG(CXD_LOG_WARN, REGISTRY_SUBJECT, "%s: one record is no cursor and was left out",
            r->path);
        return CXD_OK;
    }
    memcpy(id, name.bytes.ptr, name.bytes.len);
    id[name.bytes.len] = '\0';
    return entry_set(r, id, cursor.bytes, doc_get(bytes, "updated").number);
}

int registry_file_load(struct registry *r, struct cxd_error *err)
{
    struct record_reader *reader = NULL;
    struct cxd_bytes bytes;
    int status = record_reader_open(r->path, &reader, err);

    if (status == CXD_NOT_FOUND) {
        return CXD_OK;
    }
    if (status != CXD_OK) {
        return status;
    }
    while ((status = record_next(reader, &bytes, err)) == CXD_OK) {
        status = record_read(r, bytes);
        if (status != CXD_OK) {
            (void)cxd_error_set(err, status, "%s: out of memory", r->path);
            break;
        }
    }
    if (record_reader_tally(reader)->damaged > 0 || record_reader_tally(reader)->tail > 0) {
        LOG(CXD_LOG_WARN, REGISTRY_SUBJECT,
            "%s: %llu damaged stretches were skipped; their streams start from what they know",
            r->path, (unsigned long long)record_reader_tally(reader)->damaged);
    }
    record_reader_close(reader);
    return status == CXD_END ? CXD_OK : status;
}

static int entry_write(const struct entry *e, struct buf *image)
{
    struct cxd_builder *doc = doc_new();
    struct cxd_scalar id = doc_text(e->id);
    struct cxd_scalar cursor = {.type = CXD_DOCUMENT, .bytes = {e->cursor.ptr, e->cursor.len}};
    struct cxd_scalar updated = doc_int(e->updated_ms);
    int status = doc != NULL ? doc_put(doc, "id", &id) : CXD_NOMEM;

    status = status != CXD_OK ? status : doc_put(doc, "cursor", &cursor);
    status = status != CXD_OK ? status : doc_put(doc, "updated", &updated);
    status = status != CXD_OK ? status : record_image_add(image, doc_bytes(doc));
    doc_free(doc);
    return status;
}

int registry_file_image(struct registry *r, struct buf *image, struct cxd_error *err)
{
    int status = record_image_start(image);

    (void)pthread_mutex_lock(&r->lock);
    r->is_dirty = 0;
    for (const struct entry *e = r->first; e != NULL && status == CXD_OK; e = e->next) {
        status = e->cursor.len > 0 ? entry_write(e, image) : CXD_OK;
    }
    (void)pthread_mutex_unlock(&r->lock);
    return status == CXD_OK ? status
                            : cxd_error_set(err, status, "%s: cannot be put together", r->path);
}
