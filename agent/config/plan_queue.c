/* plan_queue.c: the queue on disk as a policy asks for it. */
#include "config/plan_queue.h"

#include "config/number.h"

#include <stdio.h>
#include <string.h>

#define MAX_MIN ((int64_t)16 << 20)
#define MAX_MAX ((int64_t)1 << 44)
#define SEGMENT_MIN ((int64_t)1 << 20)
#define SEGMENT_MAX ((int64_t)1 << 30)
#define SEGMENT_USUAL ((int64_t)64 << 20)

/* Beats' others say how its own memory and retries behave; ours need no setting. */
static int is_known(const char *key)
{
    static const char *const keys[] = {"max_size",       "segment_size",       "path",
                                       "key_file",       "read_ahead",         "write_ahead",
                                       "retry_interval", "max_retry_interval", NULL};

    for (size_t i = 0; keys[i] != NULL; i++) {
        if (strcmp(keys[i], key) == 0) {
            return 1;
        }
    }
    return 0;
}

static int size_read(const struct conf *node, const char *expected, const int64_t range[2],
                     int64_t *value, struct cxd_error *err)
{
    int64_t bytes;

    if (conf_is_null(node)) {
        return CXD_OK;
    }
    if (node->kind != CONF_SCALAR || number_size(node->text, &bytes) != CXD_OK ||
        bytes < range[0] || bytes > range[1]) {
        return conf_error(err, node, "%s", expected);
    }
    *value = bytes;
    return CXD_OK;
}

static int64_t segment_choose(int64_t disk_bytes)
{
    int64_t part = disk_bytes / 16;

    return part > SEGMENT_USUAL ? SEGMENT_USUAL : part < SEGMENT_MIN ? SEGMENT_MIN : part;
}

static int keys_check(const struct conf *disk, struct cxd_error *err)
{
    if (conf_is_null(disk)) {
        return CXD_OK;
    }
    if (disk->kind != CONF_MAP) {
        return conf_error(err, disk, "queue.disk: expected its keys (max_size: 10GiB)");
    }
    for (const struct conf *c = disk->first; c != NULL; c = c->next) {
        if (!is_known(c->key)) {
            return conf_error(err, c,
                              "queue.disk.%.80s is not known: expected max_size, segment_size, "
                              "path, key_file",
                              c->key);
        }
    }
    return CXD_OK;
}

/* Members however they are written, dotted or nested. */
static const struct conf *member(const struct conf *map, const char *front, const char *key)
{
    char path[64];

    (void)snprintf(path, sizeof path, "%squeue.disk%s", front, key);
    return conf_find(map, path);
}

static const char *text_of(const struct conf *node, const char *fallback)
{
    return conf_is_null(node) || node->kind != CONF_SCALAR ? fallback : node->text;
}

int plan_queue_read(const struct conf *map, const char *front, struct plan_queue *queue,
                    struct cxd_error *err)
{
    static const int64_t max_range[2] = {MAX_MIN, MAX_MAX};
    static const int64_t segment_range[2] = {SEGMENT_MIN, SEGMENT_MAX};
    const struct conf *disk = member(map, front, "");
    const struct conf *max = member(map, front, ".max_size");
    const struct conf *segment = member(map, front, ".segment_size");
    const struct conf *path = member(map, front, ".path");
    const struct conf *key_file = member(map, front, ".key_file");
    struct plan_queue out = *queue;
    int r = keys_check(disk, err);

    if (r != CXD_OK || (conf_is_null(disk) && max == NULL && segment == NULL && path == NULL &&
                        key_file == NULL)) {
        return r;
    }
    r = size_read(max, "queue.disk.max_size: expected a size from 16MiB", max_range,
                  &out.disk_bytes, err);
    if (r == CXD_OK && out.disk_bytes == 0) {
        r = conf_error(err, map, "queue.disk needs max_size (10GiB)");
    }
    out.segment_bytes = segment_choose(out.disk_bytes);
    r = r != CXD_OK ? r
                    : size_read(segment, "queue.disk.segment_size: expected a size, 1MiB to 1GiB",
                                segment_range, &out.segment_bytes, err);
    out.path = text_of(path, out.path);
    out.key_file = text_of(key_file, out.key_file);
    if (r == CXD_OK) {
        *queue = out;
    }
    return r;
}

int plan_queue_check(const struct conf *at, const struct plan_queue *queue, struct cxd_error *err)
{
    if (queue->disk_bytes > 0 && (queue->segment_bytes > queue->disk_bytes / 4 ||
                                  queue->batch_bytes > queue->disk_bytes / 4)) {
        return conf_error(err, at,
                          "queue.disk.max_size: expected four segments (segment_size) and four "
                          "batches (queue.mem.batch_bytes) at least");
    }
    return CXD_OK;
}
