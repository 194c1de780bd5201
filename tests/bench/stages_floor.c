/* stages_floor.c: what the work costs at the least, with the libraries in use. See stages.h. */
#include "stages.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/scan.h"
#include "io/gzip.h"
#include "meter.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROOM (256u << 10)
#define OBJECT_MAX ((size_t)512 << 20)

static struct cxd_gzip *reader;
static struct cxd_gzip *writer;
static char room[ROOM];
static struct buf file;
static struct buf plain;
static struct buf copy;
static struct scan scan;
static struct arena *arena;

static void file_read(const char *path)
{
    FILE *in = fopen(path, "rbe");
    size_t len;

    buf_clear(&file);
    file.limit = OBJECT_MAX;
    while (in != NULL && (len = fread(room, 1, sizeof room, in)) > 0) {
        if (buf_add(&file, room, len) != CXD_OK) {
            stages_fail("%s: no memory for it", path);
        }
    }
    if (in == NULL || ferror(in) || file.len == 0) {
        stages_fail("%s: cannot be read", path);
    }
    (void)fclose(in);
}

/* Straight into its place, as the input does; pages are touched before anything is timed. */
struct cxd_bytes floor_inflate(const char *path)
{
    struct cxd_bytes in;
    size_t len = 0;
    int r = CXD_OK;

    file_read(path);
    in = (struct cxd_bytes){file.ptr, file.len};
    if (strlen(path) < 3 || strcmp(path + strlen(path) - 3, ".gz") != 0) {
        return in;
    }
    plain.limit = OBJECT_MAX;
    buf_clear(&plain);
    if ((reader == NULL && gzip_new(-1, &reader, NULL) != CXD_OK) ||
        gzip_reset(reader) != CXD_OK) {
        stages_fail("no gzip reader");
    }
    while (r == CXD_OK && in.len > 0) {
        (void)meter_enter(METER_INFLATE);
        r = gzip_step(reader, &in, room, sizeof room, &len, 0, NULL);
        (void)meter_enter(METER_OTHER);
        if (buf_add(&plain, room, len) != CXD_OK) {
            stages_fail("%s: too large", path);
        }
    }
    if (r != CXD_END) {
        stages_fail("%s: is no whole gzip file", path);
    }
    return (struct cxd_bytes){plain.ptr, plain.len};
}

void floor_scan(struct cxd_bytes record)
{
    struct scan_fault fault;

    if (arena == NULL && (arena = arena_new(4096, 1u << 20)) == NULL) {
        stages_fail("no memory");
    }
    arena_reset(arena);
    if (scan_record(&scan, record, arena, &fault) != CXD_OK) {
        stages_fail("a record is no JSON object: byte %zu: %s", fault.offset, fault.text);
    }
}

static size_t batch_deflate(struct cxd_bytes in)
{
    size_t total = 0;
    size_t len = 0;
    int r = CXD_OK;

    if (writer == NULL && gzip_new(1, &writer, NULL) != CXD_OK) {
        stages_fail("no gzip writer");
    }
    (void)meter_enter(METER_DEFLATE);
    (void)gzip_reset(writer);
    while (r == CXD_OK) {
        r = gzip_step(writer, &in, room, sizeof room, &len, 1, NULL);
        total += len;
    }
    (void)meter_enter(METER_OTHER);
    if (r != CXD_END) {
        stages_fail("the compressor did not finish: %d", r);
    }
    return total;
}

size_t floor_batch(struct cxd_bytes documents)
{
    copy.limit = OBJECT_MAX;
    buf_clear(&copy);
    if (buf_reserve(&copy, documents.len) != CXD_OK) {
        stages_fail("no memory");
    }
    (void)meter_enter(METER_COPY);
    memcpy(copy.ptr, documents.ptr, documents.len);
    __asm__ volatile("" ::"r"(copy.ptr) : "memory"); /* the copy is the point */
    (void)meter_enter(METER_OTHER);
    return batch_deflate(documents);
}

void floor_done(void)
{
    gzip_free(reader);
    gzip_free(writer);
    buf_done(&file);
    buf_done(&plain);
    buf_done(&copy);
    scan_done(&scan);
    arena_free(arena);
}
