/*
 * bench_floor.c: what the work costs at the least, with the libraries in use: inflate the objects, copy the mapped documents
 * once, deflate them in batches as they are sent. CPU seconds of this process, not wall time.
 *
 *   bench_floor MAPPED LEVEL BATCH_BYTES OBJECT.gz...
 *
 * MAPPED: the documents that the agent made of these objects, one a line. Prints one line of JSON.
 */
#include "io/gzip.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#define ROOM (256u << 10)

static double cpu_seconds(void)
{
    struct rusage u;

    if (getrusage(RUSAGE_SELF, &u) != 0) {
        abort();
    }
    return (double)u.ru_utime.tv_sec + (double)u.ru_utime.tv_usec / 1e6 + (double)u.ru_stime.tv_sec +
           (double)u.ru_stime.tv_usec / 1e6;
}

static struct cxd_bytes file_map(const char *path)
{
    struct cxd_bytes bytes = {NULL, 0};
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    if (fd >= 0 && fstat(fd, &st) == 0 && st.st_size > 0) {
        void *at = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, fd, 0);
        if (at != MAP_FAILED) {
            bytes = (struct cxd_bytes){at, (size_t)st.st_size};
        }
    }
    if (bytes.ptr == NULL) {
        (void)fprintf(stderr, "bench_floor: cannot read %s\n", path);
        exit(1);
    }
    (void)close(fd);
    return bytes;
}

/* Runs bytes through z; gives how many came out. */
static size_t stream_run(struct cxd_gzip *z, struct cxd_bytes in, char *room, int finish)
{
    size_t total = 0;
    size_t len = 0;
    int r;

    do {
        r = gzip_step(z, &in, room, ROOM, &len, finish, NULL);
        total += len;
    } while (r == CXD_OK && (in.len > 0 || finish));
    if (r < 0 && r != CXD_END) {
        (void)fprintf(stderr, "bench_floor: gzip failed: %d\n", r);
        exit(1);
    }
    return total;
}

static size_t inflate_all(int count, struct cxd_bytes *objects, char *room, size_t *ret_packed)
{
    struct cxd_gzip *z = NULL;
    size_t total = 0;

    if (gzip_new(-1, &z, NULL) != CXD_OK) {
        exit(1);
    }
    for (int i = 0; i < count; i++) {
        total += stream_run(z, objects[i], room, 0);
        *ret_packed += objects[i].len;
        (void)gzip_reset(z);
    }
    gzip_free(z);
    return total;
}

/* The copy goes into a buffer of a batch's size, over and over, as the agent's does. */
static void copy_all(struct cxd_bytes mapped, char *batch, size_t batch_bytes)
{
    for (size_t at = 0; at < mapped.len; at += batch_bytes) {
        size_t len = mapped.len - at < batch_bytes ? mapped.len - at : batch_bytes;
        memcpy(batch, mapped.ptr + at, len);
        __asm__ volatile("" ::"r"(batch) : "memory"); /* the copy is the point */
    }
}

static size_t deflate_all(struct cxd_bytes mapped, int level, size_t batch_bytes, char *room)
{
    struct cxd_gzip *z = NULL;
    size_t total = 0;

    if (level == 0) {
        return mapped.len;
    }
    if (gzip_new(level, &z, NULL) != CXD_OK) {
        exit(1);
    }
    for (size_t at = 0; at < mapped.len; at += batch_bytes) {
        size_t len = mapped.len - at < batch_bytes ? mapped.len - at : batch_bytes;
        total += stream_run(z, (struct cxd_bytes){mapped.ptr + at, len}, room, 1);
        (void)gzip_reset(z);
    }
    gzip_free(z);
    return total;
}

static size_t lines_count(struct cxd_bytes text)
{
    size_t count = 0;
    const char *at = text.ptr;
    const char *end = text.ptr + text.len;

    while ((at = memchr(at, '\n', (size_t)(end - at))) != NULL) {
        count++;
        at++;
    }
    return count;
}

int main(int argc, char **argv)
{
    int count = argc - 4;
    struct cxd_bytes *objects;
    struct cxd_bytes mapped;
    size_t batch_bytes;
    size_t packed = 0;
    char *room;
    char *batch;
    double start;
    double inflate_s;
    double copy_s;
    double deflate_s;
    size_t raw;
    size_t wire;

    if (count < 1) {
        (void)fprintf(stderr, "bench_floor MAPPED LEVEL BATCH_BYTES OBJECT.gz...\n");
        return 2;
    }
    batch_bytes = (size_t)atol(argv[3]);
    objects = calloc((size_t)count, sizeof *objects);
    room = malloc(ROOM);
    batch = calloc(1, batch_bytes);
    if (objects == NULL || room == NULL || batch == NULL) {
        return 1;
    }
    mapped = file_map(argv[1]);
    for (int i = 0; i < count; i++) {
        objects[i] = file_map(argv[4 + i]);
    }
    (void)lines_count(mapped); /* pages are in memory before anything is timed */
    start = cpu_seconds();
    raw = inflate_all(count, objects, room, &packed);
    inflate_s = cpu_seconds() - start;
    start = cpu_seconds();
    copy_all(mapped, batch, batch_bytes);
    copy_s = cpu_seconds() - start;
    start = cpu_seconds();
    wire = deflate_all(mapped, atoi(argv[2]), batch_bytes, room);
    deflate_s = cpu_seconds() - start;
    (void)printf("{\"events\":%zu,\"packed\":%zu,\"raw\":%zu,\"mapped\":%zu,\"wire\":%zu,\"inflate_s\":%.6f,"
                 "\"copy_s\":%.6f,\"deflate_s\":%.6f}\n",
                 lines_count(mapped), packed, raw, mapped.len, wire, inflate_s, copy_s, deflate_s);
    return 0;
}
