/*
 * ids.c: reads, appends and turns over the two files of the journal. Knows offsets and hashes, nothing of documents.
 *
 * Format, little endian: 32 bytes of head (magic, key, zeros), then rows of (hash, generation << 40 | end), ascending in the
 * second number within a file; the first row that does not ascend ends the file. A mark is a row with hash 0 and end 0.
 */
#include "ids.h"

#include "fd.h"

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define IDS_HEAD_LEN 32
#define IDS_ROW_LEN 16
#define IDS_GENERATION_MAX ((1u << 24) - 1)
#define IDS_PROBES 64u         /* rows at the end whose lines are looked at */
#define IDS_CHUNK 1024u        /* rows written at once */
#define IDS_FILE_SLACK 262144u /* the batch that fills a file may stand out over the half by this */

static const char ids_magic[8] = {'C', 'X', 'D', 'I', 'D', 'S', '1', '\n'};

/* One file of the journal, in memory. */
struct ids_image {
    unsigned char *bytes;
    uint32_t count; /* valid rows */
    int is_valid;   /* head understood */
};

static uint64_t row_number(const struct ids_image *image, uint32_t row, size_t which)
{
    uint64_t number;

    memcpy(&number, image->bytes + IDS_HEAD_LEN + (size_t)row * IDS_ROW_LEN + which * 8,
           sizeof number);
    return le64toh(number);
}

static uint64_t row_place(const struct ids_image *image, uint32_t row)
{
    return row_number(image, row, 1);
}

static uint32_t place_generation(uint64_t place)
{
    return (uint32_t)(place >> 40);
}

/* The rows up to the first that does not ascend: behind it lies what a loss of power left. */
static uint32_t image_count(const struct ids_image *image, uint32_t rows)
{
    uint32_t count = 0;

    while (count < rows && (count == 0 || row_place(image, count) > row_place(image, count - 1)) &&
           row_place(image, count) != 0) {
        count++;
    }
    return count;
}

static int image_read(const struct ids *ids, const char *name, struct ids_image *ret_image,
                      struct cxd_error *err)
{
    size_t max = IDS_HEAD_LEN + ((size_t)ids->half + IDS_FILE_SLACK) * IDS_ROW_LEN;
    struct ids_image image = {0};
    struct stat st;
    size_t len = 0;
    int r;
    int fd = openat(ids->folder, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

    if (fd < 0 && errno == ENOENT) {
        *ret_image = image;
        return CXD_OK;
    }
    if (fd < 0 || fstat(fd, &st) != 0) {
        r = fd_error(err, "open", name);
        fd_close(&fd);
        return r;
    }
    if (S_ISREG(st.st_mode) && st.st_size >= IDS_HEAD_LEN) {
        len = (size_t)st.st_size < max ? (size_t)st.st_size : max;
        image.bytes = ids->host->alloc(ids->self, len);
        r = image.bytes == NULL ? cxd_error_set(err, CXD_NOMEM, "out of memory reading %s", name)
                                : fd_read(fd, image.bytes, len, 0, name, err);
        if (r != CXD_OK) {
            ids->host->free(ids->self, image.bytes);
            fd_close(&fd);
            return r;
        }
        image.is_valid = memcmp(image.bytes, ids_magic, sizeof ids_magic) == 0;
        image.count = image.is_valid
                          ? image_count(&image, (uint32_t)((len - IDS_HEAD_LEN) / IDS_ROW_LEN))
                          : 0;
    }
    fd_close(&fd);
    *ret_image = image;
    return CXD_OK;
}

/* Drops the rows at the end that have no line: of the newest generation and beyond the end of the data file. */
static uint32_t image_true(const struct ids_image *image, uint32_t newest, uint64_t data_len)
{
    uint32_t count = image->count;

    while (count > 0 && place_generation(row_place(image, count - 1)) == newest &&
           (row_place(image, count - 1) & IDS_END_MAX) > data_len) {
        count--;
    }
    return count;
}

/* Does each of the last rows end behind a line's end? If not, the data file is another one than the rows speak of. */
static int image_fits(const struct ids_image *image, uint32_t newest, int data_fd)
{
    for (uint32_t i = 0; i < IDS_PROBES && i < image->count; i++) {
        uint64_t place = row_place(image, image->count - 1 - i);
        uint64_t end = place & IDS_END_MAX;
        char tail[2];

        if (place_generation(place) != newest || end == 0) {
            break;
        }
        if (end < sizeof tail ||
            pread(data_fd, tail, sizeof tail, (off_t)(end - sizeof tail)) != sizeof tail ||
            tail[0] != '}' || tail[1] != '\n') {
            return 0;
        }
    }
    return 1;
}

static int image_remember(const struct ids_image *image, struct seen *seen)
{
    for (uint32_t i = 0; i < image->count; i++) {
        uint64_t hash = row_number(image, i, 0);

        if ((row_place(image, i) & IDS_END_MAX) != 0 && seen_add(seen, hash) < 0) {
            return CXD_NOMEM;
        }
    }
    return CXD_OK;
}

static off_t rows_len(uint32_t count)
{
    return IDS_HEAD_LEN + (off_t)count * IDS_ROW_LEN;
}

/* The newer file, cut to count rows; made when it is not there. */
static int ids_attach(struct ids *ids, uint32_t count, struct cxd_error *err)
{
    unsigned char head[IDS_HEAD_LEN] = {0};

    memcpy(head, ids_magic, sizeof ids_magic);
    memcpy(head + sizeof ids_magic, ids->key, sizeof ids->key);
    ids->fd = openat(ids->folder, ids->name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, ids->mode);
    if (ids->fd < 0 || ftruncate(ids->fd, count > 0 ? rows_len(count) : 0) != 0) {
        int r = fd_error(err, "open", ids->name);

        fd_close(&ids->fd);
        return r;
    }
    ids->count = count;
    return fd_write(ids->fd, head, sizeof head, 0, ids->name, err);
}

static int old_cut(struct ids *ids, uint32_t count, struct cxd_error *err)
{
    int r = CXD_OK;
    int fd = openat(ids->folder, ids->old, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);

    if (fd < 0 || ftruncate(fd, rows_len(count)) != 0) {
        r = fd_error(err, "cut", ids->old);
    }
    fd_close(&fd);
    return r;
}

/* What the two images say, made true: rows without lines gone from memory and disk. */
static int ids_settle(struct ids *ids, struct ids_image *now, struct ids_image *old, int data_fd,
                      uint64_t data_len, struct cxd_error *err)
{
    uint32_t old_count;
    int r = CXD_OK;
    const struct ids_image *last = now->count > 0 ? now : old;

    if (old->is_valid && now->is_valid &&
        memcmp(old->bytes + 8, now->bytes + 8, sizeof ids->key) != 0) {
        old->is_valid = 0; /* another journal's: its hashes mean nothing here */
        old->count = 0;
    }
    if (now->is_valid || old->is_valid) {
        memcpy(ids->key, (now->is_valid ? now : old)->bytes + 8, sizeof ids->key);
    } else {
        ids->host->random(ids->self, ids->key, sizeof ids->key);
    }
    ids->generation = last->count > 0 ? place_generation(row_place(last, last->count - 1)) : 0;
    now->count = image_true(now, ids->generation, data_len);
    old_count = image_true(old, ids->generation, data_len);
    if (old->is_valid && old_count != old->count) {
        r = old_cut(ids, old_count, err);
    }
    old->count = old_count;
    if (!image_fits(now, ids->generation, data_fd) || !image_fits(old, ids->generation, data_fd)) {
        now->count = 0;
        old->count = 0;
        (void)unlinkat(ids->folder, ids->old, 0); /* rows that are false are worse than none */
    }
    return r;
}

void ids_init(struct ids *ids, const struct cxd_host *host, struct cxd_self *self, int folder)
{
    *ids = (struct ids){.host = host, .self = self, .folder = folder, .fd = -1};
}

int ids_open(struct ids *ids, const char *stream, int data_fd, uint64_t data_len, struct seen *seen,
             struct cxd_error *err)
{
    struct ids_image now = {0};
    struct ids_image old = {0};
    int r;

    ids->half = seen->half;
    if (ids->half == 0) {
        return CXD_OK;
    }
    (void)snprintf(ids->name, sizeof ids->name, ".%s.ids", stream); /* checked by name_check */
    (void)snprintf(ids->old, sizeof ids->old, ".%s.ids.old", stream);
    r = image_read(ids, ids->name, &now, err);
    if (r == CXD_OK) {
        r = image_read(ids, ids->old, &old, err);
    }
    if (r == CXD_OK) {
        r = ids_settle(ids, &now, &old, data_fd, data_len, err);
    }
    if (r == CXD_OK) {
        r = ids_attach(ids, now.count, err);
    }
    if (r == CXD_OK &&
        (image_remember(&old, seen) != CXD_OK || image_remember(&now, seen) != CXD_OK)) {
        r = cxd_error_set(err, CXD_NOMEM, "out of memory remembering ids of %s", stream);
    }
    ids->host->free(ids->self, now.bytes);
    ids->host->free(ids->self, old.bytes);
    if (r != CXD_OK) {
        fd_close(&ids->fd);
    }
    return r;
}

uint64_t ids_hash(const struct ids *ids, struct cxd_bytes id)
{
    uint64_t hash = siphash(ids->key, id.ptr, id.len);

    return hash == 0 ? 1 : hash;
}

/* The newer file is full: it becomes the older one. A crash in between leaves the older alone, which says all. */
static int ids_turn(struct ids *ids, struct cxd_error *err)
{
    fd_close(&ids->fd);
    if (renameat(ids->folder, ids->name, ids->folder, ids->old) != 0) {
        return fd_error(err, "rename", ids->name);
    }
    return ids_attach(ids, 0, err);
}

int ids_append(struct ids *ids, const struct ids_row *rows, uint32_t count, struct cxd_error *err)
{
    uint64_t out[IDS_CHUNK * 2];
    uint32_t start;
    int r = CXD_OK;

    if (ids->half == 0 || count == 0) {
        return CXD_OK;
    }
    if (ids->count >= ids->half) {
        r = ids_turn(ids, err);
    }
    start = ids->count;
    for (uint32_t i = 0; r == CXD_OK && i < count;) {
        uint32_t n = 0;

        for (; n < IDS_CHUNK && i < count; n++, i++) {
            out[n * 2] = htole64(rows[i].hash);
            out[n * 2 + 1] = htole64((uint64_t)ids->generation << 40 | rows[i].end);
        }
        r = fd_write(ids->fd, out, (size_t)n * IDS_ROW_LEN, rows_len(ids->count), ids->name, err);
        ids->count += r == CXD_OK ? n : 0;
    }
    if (r != CXD_OK) {
        ids_cut(ids, ids->count - start);
    }
    return r;
}

void ids_cut(struct ids *ids, uint32_t count)
{
    if (ids->half == 0 || ids->fd < 0) {
        return;
    }
    ids->count -= count <= ids->count ? count : ids->count;
    /* if this fails the rows have no lines, and opening finds that out */
    (void)!ftruncate(ids->fd, rows_len(ids->count));
}

int ids_mark(struct ids *ids, struct cxd_error *err)
{
    struct ids_row mark = {0, 0};
    int r;

    if (ids->half == 0) {
        return CXD_OK;
    }
    if (ids->generation == IDS_GENERATION_MAX) {
        (void)unlinkat(ids->folder, ids->old, 0); /* numbers used up: begin anew */
        ids->generation = 0;
        ids_cut(ids, ids->count);
        return CXD_OK;
    }
    ids->generation++;
    r = ids_append(ids, &mark, 1, err);
    if (r != CXD_OK) {
        ids->generation--;
    }
    return r;
}

void ids_close(struct ids *ids)
{
    fd_close(&ids->fd);
}
