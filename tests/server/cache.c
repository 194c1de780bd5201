/*
 * Makes generated objects and remembers them in an index beside them. The index is written last and renamed into place: a
 * folder without one is unfinished and is made again. Workers share nothing but the counter they take object numbers from.
 */
#include "cache.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "event.h"

enum { CACHE_FORMAT = 1, CACHE_PATH_MAX = 4096, CACHE_THREADS_MAX = 16, CACHE_BLOCK = 1 << 18 };

struct cache_row {
    uint64_t first;
    uint64_t events;
    uint64_t plain;
    struct pack_sum sum;
};

struct cache_job {
    const struct cache_spec *spec;
    const struct generator *gen;
    const char *folder;
    struct cache_row *rows;
    atomic_uint next;
    atomic_bool failed;
};

/* A block of plain events on its way to the compressor. */
struct cache_block {
    struct pack *pack;
    size_t len;
    char data[CACHE_BLOCK + EVENT_BYTES_MAX];
};

static void cache_file(const char *folder, unsigned index, char *path)
{
    snprintf(path, CACHE_PATH_MAX, "%s/object-%06u.gz", folder, index);
}

static bool cache_event(const struct cache_job *job, struct cache_block *block,
                        struct cache_row *row, uint64_t at)
{
    size_t len = event_write(job->gen, row->first + at, block->data + block->len);
    block->len += len;
    row->plain += len;
    unsigned member = job->spec->member_events;
    bool cut = member && (at + 1) % member == 0;
    if (block->len < CACHE_BLOCK && !cut) {
        return true;
    }
    bool ok = pack_write(block->pack, block->data, block->len);
    block->len = 0;
    return ok && (!cut || pack_member(block->pack));
}

static bool cache_events(const struct cache_job *job, struct cache_block *block,
                         struct cache_row *row)
{
    uint64_t at = 0;
    uint64_t big = job->spec->big_bytes;
    for (; big ? row->plain < big : at < row->events; at++) {
        if (!cache_event(job, block, row, at)) {
            return false;
        }
    }
    row->events = at;
    return block->len == 0 || pack_write(block->pack, block->data, block->len);
}

static bool cache_object(struct cache_job *job, unsigned index)
{
    struct cache_row *row = &job->rows[index];
    const struct cache_spec *spec = job->spec;
    uint64_t begin = spec->events * index / spec->objects;
    row->first = spec->first_event + begin;
    row->events = spec->events * (index + 1) / spec->objects - begin;
    char path[CACHE_PATH_MAX];
    cache_file(job->folder, index, path);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    struct cache_block *block = malloc(sizeof *block);
    bool ok = fd >= 0 && block;
    if (block) {
        block->len = 0;
        block->pack = ok ? pack_open(fd) : NULL;
        ok = block->pack && cache_events(job, block, row);
        ok = block->pack && pack_close(block->pack, &row->sum) && ok;
    }
    free(block);
    if (fd >= 0 && close(fd) != 0) {
        ok = false;
    }
    return ok;
}

static void *cache_work(void *owner)
{
    struct cache_job *job = owner;
    unsigned index;
    while ((index = atomic_fetch_add(&job->next, 1)) < job->spec->objects &&
           !atomic_load(&job->failed)) {
        if (!cache_object(job, index)) {
            atomic_store(&job->failed, true);
        }
    }
    return NULL;
}

static bool cache_make(struct cache_job *job)
{
    pthread_t threads[CACHE_THREADS_MAX];
    unsigned wanted =
        job->spec->threads < CACHE_THREADS_MAX ? job->spec->threads : CACHE_THREADS_MAX;
    unsigned started = 0;
    while (started + 1 < wanted && pthread_create(&threads[started], NULL, cache_work, job) == 0) {
        started++;
    }
    cache_work(job);
    for (unsigned i = 0; i < started; i++) {
        pthread_join(threads[i], NULL);
    }
    return !atomic_load(&job->failed);
}

static bool cache_write_index(const struct cache_job *job)
{
    char path[CACHE_PATH_MAX + 16], final[CACHE_PATH_MAX + 16];
    snprintf(final, sizeof final, "%s/index", job->folder);
    snprintf(path, sizeof path, "%s/index.new", job->folder);
    FILE *file = fopen(path, "we");
    if (!file) {
        return false;
    }
    for (unsigned i = 0; i < job->spec->objects; i++) {
        const struct cache_row *row = &job->rows[i];
        fprintf(file, "%" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 " %08" PRIx32 " ", row->first,
                row->events, row->plain, row->sum.bytes, row->sum.crc32c);
        for (unsigned byte = 0; byte < PACK_MD5_BYTES; byte++) {
            fprintf(file, "%02x", row->sum.md5[byte]);
        }
        fputc('\n', file);
    }
    bool ok = !ferror(file);
    ok = fclose(file) == 0 && ok;
    return ok && rename(path, final) == 0;
}

static bool cache_read_row(const struct cache_job *job, FILE *file, unsigned index)
{
    struct cache_row *row = &job->rows[index];
    char md5[33];
    if (fscanf(file, "%" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNx32 " %32s",
               &row->first, &row->events, &row->plain, &row->sum.bytes, &row->sum.crc32c,
               md5) != 6) {
        return false;
    }
    for (unsigned byte = 0; byte < PACK_MD5_BYTES; byte++) {
        unsigned value = 0;
        if (sscanf(md5 + 2 * byte, "%2x", &value) != 1) {
            return false;
        }
        row->sum.md5[byte] = (unsigned char)value;
    }
    char path[CACHE_PATH_MAX];
    cache_file(job->folder, index, path);
    struct stat info;
    return stat(path, &info) == 0 && (uint64_t)info.st_size == row->sum.bytes;
}

static bool cache_read_index(const struct cache_job *job)
{
    char path[CACHE_PATH_MAX + 16];
    snprintf(path, sizeof path, "%s/index", job->folder);
    FILE *file = fopen(path, "re");
    if (!file) {
        return false;
    }
    bool ok = true;
    for (unsigned i = 0; ok && i < job->spec->objects; i++) {
        ok = cache_read_row(job, file, i);
    }
    fclose(file);
    if (!ok) {
        memset(job->rows, 0, job->spec->objects * sizeof *job->rows);
    }
    return ok;
}

/* A dated path as event forwarding writes it: the hour's folder, then the time of the first event and a running number. */
static void cache_name(const struct cache_spec *spec, const struct cache_row *row, unsigned index,
                       char name[256])
{
    int64_t time_ms = event_time_ms(row->first);
    time_t seconds = (time_t)(time_ms / 1000);
    struct tm parts;
    gmtime_r(&seconds, &parts);
    char folder[32], stamp[32];
    strftime(folder, sizeof folder, "%Y/%m/%d/%H", &parts);
    strftime(stamp, sizeof stamp, "%Y%m%dT%H%M%S", &parts);
    snprintf(name, 256, "endpoint-events/%s/%s-%s%03dZ-%06u.json.gz", folder,
             spec->big_bytes ? "large" : "events", stamp, (int)(time_ms % 1000), index);
}

static bool cache_publish(const struct cache_job *job, struct bucket *bucket,
                          struct cache_result *ret_result)
{
    for (unsigned i = 0; i < job->spec->objects; i++) {
        const struct cache_row *row = &job->rows[i];
        char path[CACHE_PATH_MAX], name[256];
        cache_file(job->folder, i, path);
        cache_name(job->spec, row, i, name);
        /* Written a minute after its last event; a generation is the microsecond of writing, as in the real service. */
        int64_t written_ms = event_time_ms(row->first + row->events) + 60000;
        struct object object = {
            .name = strdup(name),
            .path = strdup(path),
            .content_type = strdup("application/octet-stream"),
            .sum = row->sum,
            .generation = written_ms * 1000 + i % 1000,
            .created_ms = written_ms,
            .updated_ms = written_ms,
        };
        if (!bucket_add(bucket, &object)) {
            return false;
        }
        ret_result->events += row->events;
        ret_result->plain_bytes += row->plain;
        ret_result->stored_bytes += row->sum.bytes;
    }
    ret_result->objects = job->spec->objects;
    return true;
}

static bool cache_folder(const char *dir, const struct cache_spec *spec, char *path)
{
    if (mkdir(dir, 0755) != 0 && errno != EEXIST) {
        return false;
    }
    int len = snprintf(path, CACHE_PATH_MAX / 2,
                       "%s/v%d-seed%" PRIu64 "-from%" PRIu64 "-events%" PRIu64 "-big%" PRIu64
                       "-objects%u-bytes%u-member%u",
                       dir, CACHE_FORMAT, spec->seed, spec->first_event, spec->events,
                       spec->big_bytes, spec->objects, spec->average_bytes, spec->member_events);
    return len > 0 && len < CACHE_PATH_MAX / 2 && (mkdir(path, 0755) == 0 || errno == EEXIST);
}

bool cache_fill(const char *dir, const struct cache_spec *spec, struct bucket *bucket,
                struct cache_result *ret_result, const char **ret_reason)
{
    char folder[CACHE_PATH_MAX];
    *ret_result = (struct cache_result){.objects = 0};
    if (!cache_folder(dir, spec, folder)) {
        *ret_reason = "the cache folder cannot be made";
        return false;
    }
    struct generator *gen = event_open(spec->seed, spec->average_bytes);
    struct cache_job job = {.spec = spec, .gen = gen, .folder = folder};
    job.rows = calloc(spec->objects, sizeof *job.rows);
    *ret_reason = "no memory, or the average size is out of range";
    bool ok = gen && job.rows;
    if (ok && cache_read_index(&job)) {
        ret_result->reused = true;
    } else if (ok) {
        *ret_reason = "the objects cannot be written";
        ok = cache_make(&job) && cache_write_index(&job);
    }
    ok = ok && cache_publish(&job, bucket, ret_result);
    free(job.rows);
    event_close(gen);
    return ok;
}
