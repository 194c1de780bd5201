/*
 * zone.c: time zones by name, from the system's zone files (RFC 8536). A zone whose rules go on after its last noted change
 * is taken as it was then. Reads one small file; knows no time format. Thread: any.
 */
#include "template/gotime.h"

#include <fcntl.h>
#include <unistd.h>

#define ZONE_FOLDER "/usr/share/zoneinfo/"
#define ZONE_FILE_MAX 65536

/* A zone file in memory. */
struct zone_file {
    unsigned char bytes[ZONE_FILE_MAX];
    size_t len;
};

static uint32_t zone_u32(const unsigned char *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static int64_t zone_i64(const unsigned char *at)
{
    return (int64_t)((uint64_t)zone_u32(at) << 32 | zone_u32(at + 4));
}

/* "America/New_York": letters, digits, _ - + and single slashes; nothing that leaves the folder. */
static bool zone_name_is_good(struct cxd_bytes name)
{
    char before = '/';

    if (name.len == 0 || name.len > 60) {
        return false;
    }
    for (size_t i = 0; i < name.len; i++) {
        char letter = name.ptr[i];
        bool word = (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
                    (letter >= '0' && letter <= '9') || letter == '_' || letter == '-' ||
                    letter == '+';

        if (!word && (letter != '/' || before == '/')) {
            return false;
        }
        before = letter;
    }
    return before != '/';
}

static bool zone_load(struct cxd_bytes name, struct zone_file *file)
{
    char path[sizeof ZONE_FOLDER + 64];
    ssize_t got;
    int fd;

    (void)snprintf(path, sizeof path, ZONE_FOLDER "%.*s", (int)name.len, name.ptr);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return false;
    }
    got = read(fd, file->bytes, sizeof file->bytes);
    (void)close(fd);
    file->len = got > 0 ? (size_t)got : 0;
    return file->len >= 44 && memcmp(file->bytes, "TZif", 4) == 0;
}

/* One data block, with times of `width` bytes. */
static bool zone_block(const struct zone_file *file, size_t at, size_t width, int64_t sec,
                       int32_t *ret_offset, char ret_zone[8])
{
    const unsigned char *head = file->bytes + at;
    size_t times = zone_u32(head + 32);
    size_t types = zone_u32(head + 36);
    size_t chars = zone_u32(head + 40);
    const unsigned char *data = head + 44;
    const unsigned char *infos = data + times * width + times;
    size_t type = 0;

    if (times > 4096 || types == 0 || types > 256 || chars > 4096 ||
        at + 44 + times * (width + 1) + types * 6 + chars > file->len) {
        return false;
    }
    for (size_t i = 0; i < times; i++) {
        int64_t change = width == 8 ? zone_i64(data + i * 8) : (int32_t)zone_u32(data + i * 4);

        if (change > sec) {
            break;
        }
        type = data[times * width + i];
    }
    if (type >= types || infos[type * 6 + 5] >= chars) {
        return false;
    }
    *ret_offset = (int32_t)zone_u32(infos + type * 6);
    (void)snprintf(ret_zone, 8, "%.*s", 7, (const char *)infos + types * 6 + infos[type * 6 + 5]);
    return *ret_offset > -90000 && *ret_offset < 90000;
}

/* The length of the first block of a version 2 file, whose times are short. */
static size_t zone_first_len(const unsigned char *head)
{
    return 44 + (size_t)zone_u32(head + 32) * 5 + (size_t)zone_u32(head + 36) * 6 +
           zone_u32(head + 40) + (size_t)zone_u32(head + 28) * 8 + zone_u32(head + 24) +
           zone_u32(head + 20);
}

static bool zone_offset(struct cxd_bytes name, int32_t *ret_offset)
{
    static const char *const layouts[] = {"-07:00", "-0700", "-07"};
    struct gotime t;

    for (size_t i = 0; i < sizeof layouts / sizeof layouts[0]; i++) {
        if (gotime_parse(bytes_of(layouts[i]), name, 0, "", &t)) {
            *ret_offset = t.offset;
            return true;
        }
    }
    return false;
}

bool zone_find(struct cxd_bytes name, int64_t sec, int32_t *ret_offset, char ret_zone[8])
{
    struct zone_file file;
    size_t second;

    ret_zone[0] = '\0';
    if (name.len == 0 || (name.len == 3 && memcmp(name.ptr, "UTC", 3) == 0)) {
        *ret_offset = 0;
        memcpy(ret_zone, "UTC", 4);
        return true;
    }
    if (zone_offset(name, ret_offset)) {
        return true;
    }
    if (!zone_name_is_good(name) || !zone_load(name, &file)) {
        return false;
    }
    if (file.bytes[4] < '2') {
        return zone_block(&file, 0, 4, sec, ret_offset, ret_zone);
    }
    second = zone_first_len(file.bytes);
    return second + 44 <= file.len && memcmp(file.bytes + second, "TZif", 4) == 0 &&
           zone_block(&file, second, 8, sec, ret_offset, ret_zone);
}
