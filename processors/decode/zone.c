/* zone.c: TZif files, version 2 and later (RFC 8536): the changes of a zone's clocks, and the rule for what comes behind the last. */
#include "zone.h"

#include "zone_rule.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_MAX (256u << 10)
#define HEAD_LEN 44
#define NAME_MAX_LEN 100
#define CHANGES_MAX 5000u
#define KINDS_MAX 256u

struct change {
    int64_t at; /* UTC */
    int offset; /* from then on */
};

struct zone {
    struct change *changes;
    size_t count;
    int first; /* before the first change */
    struct zone_rule rule;
    bool has_rule; /* behind the last change */
};

static int64_t number_at(const unsigned char *p, int bytes)
{
    uint64_t number = 0;

    for (int i = 0; i < bytes; i++) {
        number = number << 8 | p[i];
    }
    return bytes == 4 ? (int32_t)(uint32_t)number : (int64_t)number;
}

/* The six counts of a head, and the length of what follows it with times of so many bytes. */
struct head {
    uint32_t is_ut, is_std, leaps, changes, kinds, letters;
};

static bool head_read(const unsigned char *p, size_t len, struct head *ret_head)
{
    uint32_t counts[6];

    if (len < HEAD_LEN || memcmp(p, "TZif", 4) != 0 || p[4] < '2') {
        return false;
    }
    for (int i = 0; i < 6; i++) {
        counts[i] = (uint32_t)number_at(p + 20 + 4 * i, 4);
        if (counts[i] > CHANGES_MAX) {
            return false;
        }
    }
    *ret_head = (struct head){counts[0], counts[1], counts[2], counts[3], counts[4], counts[5]};
    return ret_head->kinds > 0 && ret_head->kinds <= KINDS_MAX;
}

static size_t body_len(const struct head *h, size_t time_len)
{
    return h->changes * (time_len + 1) + h->kinds * 6 + h->letters + h->leaps * (time_len + 4) +
           h->is_std + h->is_ut;
}

static int body_read(struct base *b, const unsigned char *p, const struct head *h,
                     struct zone *zone)
{
    const unsigned char *indexes = p + (size_t)h->changes * 8;
    const unsigned char *kinds = indexes + h->changes;

    zone->changes = base_alloc(b, h->changes * sizeof *zone->changes);
    if (zone->changes == NULL) {
        return CXD_NOMEM;
    }
    zone->first = (int)number_at(kinds, 4);
    for (uint32_t i = 0; i < h->changes; i++) {
        int64_t at = number_at(p + (size_t)i * 8, 8);
        if (indexes[i] >= h->kinds || (i > 0 && at <= zone->changes[i - 1].at)) {
            return CXD_MALFORMED;
        }
        zone->changes[zone->count++] =
            (struct change){.at = at, .offset = (int)number_at(kinds + 6 * indexes[i], 4)};
    }
    return CXD_OK;
}

/* Between two line ends at the end of the file. */
static void rule_find(const unsigned char *p, size_t len, struct zone *zone)
{
    const unsigned char *end = len > 1 ? memchr(p + 1, '\n', len - 1) : NULL;

    if (end != NULL && p[0] == '\n') {
        struct cxd_bytes text = {(const char *)p + 1, (size_t)(end - p - 1)};
        zone->has_rule = zone_rule_read(text, &zone->rule);
    }
}

/* The second half of the file has times of 8 bytes. */
static int file_parse(struct base *b, const unsigned char *p, size_t len, struct zone *zone)
{
    struct head head;
    size_t skip;
    int r;

    if (!head_read(p, len, &head)) {
        return CXD_MALFORMED;
    }
    skip = HEAD_LEN + body_len(&head, 4);
    if (skip > len || !head_read(p + skip, len - skip, &head)) {
        return CXD_MALFORMED;
    }
    p += skip + HEAD_LEN;
    len -= skip + HEAD_LEN;
    if (body_len(&head, 8) > len) {
        return CXD_MALFORMED;
    }
    r = body_read(b, p, &head, zone);
    rule_find(p + body_len(&head, 8), len - body_len(&head, 8), zone);
    return r;
}

/* Letters, digits and what stands between them; no way up. */
static bool is_name(struct cxd_bytes name)
{
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];
        bool is_plain = (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
        if (!is_plain && (i == 0 || strchr("/_-+", c) == NULL)) {
            return false;
        }
    }
    return name.len > 0 && name.len <= NAME_MAX_LEN;
}

static int file_read(struct base *b, const char *path, unsigned char **ret_bytes, size_t *ret_len)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    unsigned char *bytes;
    struct stat st;
    ssize_t len;

    if (fd < 0) {
        return CXD_NOT_FOUND;
    }
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) || st.st_size > (off_t)FILE_MAX) {
        (void)close(fd);
        return CXD_NOT_FOUND;
    }
    bytes = base_alloc(b, (size_t)st.st_size + 1);
    len = bytes != NULL ? read(fd, bytes, (size_t)st.st_size) : -1;
    (void)close(fd);
    *ret_bytes = bytes;
    *ret_len = len > 0 ? (size_t)len : 0;
    return bytes != NULL ? CXD_OK : CXD_NOMEM;
}

int zone_read(struct base *b, struct cxd_bytes name, const struct zone **ret_zone,
              struct cxd_error *err)
{
    struct zone *zone = base_alloc(b, sizeof *zone);
    unsigned char *bytes = NULL;
    size_t len = 0;
    char path[NAME_MAX_LEN + 32];
    int r = zone != NULL ? CXD_OK : CXD_NOMEM;

    if (r == CXD_OK && name.len == 5 && memcmp(name.ptr, "Local", 5) == 0) {
        r = file_read(b, "/etc/localtime", &bytes, &len);
    } else if (r == CXD_OK) {
        (void)snprintf(path, sizeof path, "/usr/share/zoneinfo/%.*s", NAME_MAX_LEN, name.ptr);
        r = is_name(name) ? file_read(b, path, &bytes, &len) : CXD_NOT_FOUND;
    }
    r = r != CXD_OK ? r : file_parse(b, bytes, len, zone);
    if (r == CXD_NOMEM) {
        return base_lack(err);
    }
    if (r != CXD_OK) {
        return cxd_error_set(err, CXD_CONFIG,
                             "timezone \"%.60s\": there is no such zone on this machine; expected "
                             "UTC, Local, a name as Europe/Berlin or an offset as +01:00",
                             name.ptr);
    }
    *ret_zone = zone;
    return CXD_OK;
}

int zone_offset(const struct zone *zone, int64_t seconds)
{
    size_t low = 0;
    size_t high = zone->count;

    while (low < high) { /* the last change at or before it is low - 1 */
        size_t middle = low + (high - low) / 2;
        if (zone->changes[middle].at <= seconds) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    if (low == zone->count && zone->has_rule) {
        return zone_rule_offset(&zone->rule, seconds);
    }
    return low > 0 ? zone->changes[low - 1].offset : zone->first;
}

int zone_offset_local(const struct zone *zone, int64_t local_seconds)
{
    /* the offsets a day before and after are all that can be; the earlier one first */
    int before = zone_offset(zone, local_seconds - 86400);
    int after = zone_offset(zone, local_seconds + 86400);

    if (before == after || zone_offset(zone, local_seconds - before) == before) {
        return before;
    }
    return zone_offset(zone, local_seconds - after) == after ? after : before;
}
