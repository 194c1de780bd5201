/* spool_files.c: the folder of a spool: names of segments, the saved place, what is settled as a whole. */
#include "pipeline/spool_inner.h"

#include "base/cleanup.h"
#include "base/log.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

char *spool_segment_path(const struct spool *s, const struct segment *g)
{
    char *path = NULL;

    return asprintf(&path, "%s/%08x-%016llx.seg", s->folder, g->number,
                    (unsigned long long)g->first_seq) < 0
               ? NULL
               : path;
}

static int hex_read(const char *text, size_t len, uint64_t *ret_number)
{
    uint64_t number = 0;

    for (size_t i = 0; i < len; i++) {
        const char *letters = "0123456789abcdef";
        const char *at = text[i] != '\0' ? strchr(letters, text[i]) : NULL;
        if (at == NULL) {
            return 0;
        }
        number = number << 4 | (uint64_t)(at - letters);
    }
    *ret_number = number;
    return 1;
}

static int name_read(const char *name, struct segment *g)
{
    uint64_t number = 0;
    uint64_t seq = 0;

    if (strlen(name) != 29 || name[8] != '-' || strcmp(name + 25, ".seg") != 0 ||
        !hex_read(name, 8, &number) || !hex_read(name + 9, 16, &seq)) {
        return 0;
    }
    *g = (struct segment){.number = (uint32_t)number, .first_seq = seq};
    return 1;
}

int spool_segment_add(struct spool *s, const struct segment *g)
{
    if (s->segment_count == s->segment_cap) {
        size_t cap = s->segment_cap == 0 ? 64 : s->segment_cap * 2;
        struct segment *list = realloc(s->segments, cap * sizeof *list);
        if (list == NULL) {
            return CXD_NOMEM;
        }
        s->segments = list;
        s->segment_cap = cap;
    }
    s->segments[s->segment_count++] = *g;
    return CXD_OK;
}

static int by_number(const void *a, const void *b)
{
    const struct segment *one = a;
    const struct segment *two = b;

    return (one->number > two->number) - (one->number < two->number);
}

static void folder_closep(DIR **folder)
{
    if (*folder != NULL) {
        (void)closedir(*folder); /* only read */
    }
}

static int segment_note(struct spool *s, const char *name, struct cxd_error *err)
{
    _cleanup_(freep) char *path = NULL;
    struct segment g;
    struct stat st;

    if (!name_read(name, &g)) {
        return CXD_OK; /* not ours */
    }
    path = spool_segment_path(s, &g);
    if (path == NULL) {
        return cxd_error_set(err, CXD_NOMEM, "queue: out of memory");
    }
    if (stat(path, &st) != 0) {
        return cxd_error_set(err, CXD_IO, "queue %s: %s", path, strerror(errno));
    }
    g.bytes = (uint64_t)st.st_size;
    if (g.bytes <= RECORD_FILE_HEAD) { /* begun, and nothing came into it */
        s->next_number = g.number >= s->next_number ? g.number + 1 : s->next_number;
        return file_remove(path, err);
    }
    return spool_segment_add(s, &g) == CXD_OK
               ? CXD_OK
               : cxd_error_set(err, CXD_NOMEM, "queue: out of memory");
}

int spool_segments_list(struct spool *s, struct cxd_error *err)
{
    _cleanup_(folder_closep) DIR *folder = opendir(s->folder);
    const struct dirent *entry;
    int r = CXD_OK;

    if (folder == NULL) {
        return cxd_error_set(err, errno == EACCES ? CXD_FORBIDDEN : CXD_IO,
                             "queue %s: the folder cannot be read: %s", s->folder, strerror(errno));
    }
    while (r == CXD_OK && (entry = readdir(folder)) != NULL) {
        r = segment_note(s, entry->d_name, err);
    }
    if (s->segment_count > 0) {
        qsort(s->segments, s->segment_count, sizeof *s->segments, by_number);
        if (s->segments[s->segment_count - 1].number >= s->next_number) {
            s->next_number = s->segments[s->segment_count - 1].number + 1;
        }
    }
    return r;
}

int spool_segments_prune(struct spool *s, struct cxd_error *err)
{
    size_t last = s->log != NULL ? s->segment_count - 1 : s->segment_count;
    size_t gone = 0;
    int r = CXD_OK;

    while (gone < last && r == CXD_OK) {
        uint64_t behind =
            gone + 1 < s->segment_count ? s->segments[gone + 1].first_seq : s->end.seq;
        _cleanup_(freep) char *path = NULL;
        if (behind > s->settled.seq) {
            break;
        }
        path = spool_segment_path(s, &s->segments[gone]);
        r = path != NULL ? file_remove(path, err)
                         : cxd_error_set(err, CXD_NOMEM, "queue: out of memory");
        gone += r == CXD_OK;
    }
    if (gone > 0) {
        s->segment_count -= gone;
        memmove(s->segments, s->segments + gone, s->segment_count * sizeof *s->segments);
    }
    return r;
}

static void place_read(struct spool *s, struct cxd_bytes doc)
{
    struct cxd_scalar seq = doc_get(doc, "seq");
    struct cxd_scalar events = doc_get(doc, "events");

    if (doc_check(doc, NULL) == CXD_OK && seq.type == CXD_INT && events.type == CXD_INT &&
        seq.number >= 0 && events.number >= 0) {
        s->settled = (struct batch_place){(uint64_t)seq.number, (uint64_t)events.number};
    }
}

int spool_place_load(struct spool *s, struct cxd_error *err)
{
    _cleanup_(freep) char *path = NULL;
    struct record_reader *reader = NULL;
    struct cxd_bytes doc;
    int r;

    if (asprintf(&path, "%s/place.bson", s->folder) < 0) {
        path = NULL;
        return cxd_error_set(err, CXD_NOMEM, "queue: out of memory");
    }
    r = record_reader_open(path, &reader, err);
    if (r == CXD_NOT_FOUND) {
        return CXD_OK;
    }
    if (r == CXD_OK) {
        r = record_next(reader, &doc, err);
        if (r == CXD_OK) {
            place_read(s, doc);
        }
        record_reader_close(reader);
    }
    if (r == CXD_CORRUPT || r == CXD_END) {
        LOG(CXD_LOG_WARN, "pipeline.spool", "%s: is damaged; the whole queue is sent again", path);
        return CXD_OK;
    }
    return r;
}

int spool_place_save(const struct spool *s, struct batch_place place, struct cxd_error *err)
{
    const struct cxd_scalar seq = doc_int((int64_t)place.seq);
    const struct cxd_scalar events = doc_int((int64_t)place.events);
    _cleanup_(freep) char *path = NULL;
    _cleanup_(buf_done) struct buf image;
    int r;

    buf_init(&image, 4096);
    doc_reset(s->builder);
    r = doc_put(s->builder, "seq", &seq);
    r = r != CXD_OK ? r : doc_put(s->builder, "events", &events);
    r = r != CXD_OK ? r : record_image_start(&image);
    r = r != CXD_OK ? r : record_image_add(&image, doc_bytes(s->builder));
    if (r != CXD_OK || asprintf(&path, "%s/place.bson", s->folder) < 0) {
        path = NULL;
        return cxd_error_set(err, CXD_NOMEM, "queue: out of memory");
    }
    return file_replace(path, (struct cxd_bytes){image.ptr, image.len}, 0600, err);
}
