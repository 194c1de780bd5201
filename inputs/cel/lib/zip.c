/*
 * zip.c: ZIP archives by their central directory. Deflated members go through the services' gzip: their data, with the checksum
 * and size that the directory knows, is a gzip stream but for its head.
 */
#include "../lang/dict.h"
#include "../lang/moment.h"
#include "media.h"

#define END_LEN 22u
#define ENTRY_LEN 46u
#define HEAD_LEN 30u
#define MEMBERS_MAX 65535u

static uint32_t little(const char *at, size_t len)
{
    uint32_t number = 0;

    for (size_t i = 0; i < len; i++) {
        number |= (uint32_t)(unsigned char)at[i] << (8 * i);
    }
    return number;
}

/* The end record is found from behind: a comment may follow it. NULL: none. */
static const char *end_find(struct cxd_bytes data)
{
    for (size_t back = END_LEN; back <= data.len && back <= END_LEN + 65535; back++) {
        const char *at = data.ptr + data.len - back;
        if (memcmp(at, "PK\5\6", 4) == 0 && little(at + 20, 2) == back - END_LEN) {
            return at;
        }
    }
    return NULL;
}

struct member {
    uint32_t flags;
    uint32_t method;
    uint32_t time;
    uint32_t date;
    uint32_t crc;
    uint32_t packed;
    uint32_t size;
    uint32_t offset;
    uint32_t external;
    struct cxd_bytes name;
    struct cxd_bytes extra;
    struct cxd_bytes comment;
};

/* Reads an entry of the directory; moves *at behind it. */
static bool member_read(struct cxd_bytes data, size_t *at, struct member *ret)
{
    const char *p = data.ptr + *at;
    size_t left = data.len - *at;
    size_t names;

    if (left < ENTRY_LEN || memcmp(p, "PK\1\2", 4) != 0) {
        return false;
    }
    ret->flags = little(p + 8, 2);
    ret->method = little(p + 10, 2);
    ret->time = little(p + 12, 2);
    ret->date = little(p + 14, 2);
    ret->crc = little(p + 16, 4);
    ret->packed = little(p + 20, 4);
    ret->size = little(p + 24, 4);
    ret->external = little(p + 38, 4);
    ret->offset = little(p + 42, 4);
    ret->name = (struct cxd_bytes){p + ENTRY_LEN, little(p + 28, 2)};
    ret->extra = (struct cxd_bytes){ret->name.ptr + ret->name.len, little(p + 30, 2)};
    ret->comment = (struct cxd_bytes){ret->extra.ptr + ret->extra.len, little(p + 32, 2)};
    names = ret->name.len + ret->extra.len + ret->comment.len;
    *at += ENTRY_LEN + names;
    return names <= left - ENTRY_LEN;
}

static void put_little(struct sink *sink, uint32_t number)
{
    for (size_t i = 0; i < 4; i++) {
        sink_char(sink, (char)(number >> (8 * i)));
    }
}

static struct value inflate(struct run *run, const struct member *m, struct cxd_bytes packed)
{
    struct sink gzip = sink_on(run->pool);
    struct value plain;

    sink_put(&gzip, "\x1f\x8b\x08\0\0\0\0\0\0\xff", 10);
    sink_put(&gzip, packed.ptr, packed.len);
    put_little(&gzip, m->crc);
    put_little(&gzip, m->size);
    if (gzip.failed) {
        return run_out_of_memory(run);
    }
    plain = media_gunzip(run, (struct cxd_bytes){gzip.text, gzip.len});
    return value_is_error(plain) && run->fatal == NULL ? run_fail(run, "zip: checksum error")
                                                       : plain;
}

static struct value member_data(struct run *run, struct cxd_bytes data, const struct member *m)
{
    const char *head = data.ptr + m->offset;
    size_t skip;

    if (m->offset > data.len || data.len - m->offset < HEAD_LEN || memcmp(head, "PK\3\4", 4) != 0) {
        return run_fail(run, "zip: not a valid zip file");
    }
    skip = HEAD_LEN + little(head + 26, 2) + little(head + 28, 2);
    if (skip > data.len - m->offset || m->packed > data.len - m->offset - skip) {
        return run_fail(run, "zip: unexpected EOF");
    }
    if ((m->flags & 1) != 0 || (m->method != 0 && m->method != 8)) {
        return run_fail(run, "zip: unsupported compression algorithm");
    }
    return m->method == 0 ? value_bytes(head + skip, m->packed)
                          : inflate(run, m, (struct cxd_bytes){head + skip, m->packed});
}

static struct value member_time(const struct member *m)
{
    struct moment_civil c = {.year = 1980 + (int)(m->date >> 9),
                             .month = (int)(m->date >> 5 & 15),
                             .day = (int)(m->date & 31),
                             .hour = (int)(m->time >> 11),
                             .minute = (int)(m->time >> 5 & 63),
                             .second = (int)(m->time & 31) * 2};

    if (c.month < 1 || c.month > 12) {
        c.month = 1;
    }
    return value_timestamp(moment_join(&c), 0);
}

static struct value member_map(struct run *run, struct cxd_bytes data, const struct member *m)
{
    struct value plain = member_data(run, data, m);
    struct dict *dict = dict_new(run->pool, 9);
    bool is_dir = m->name.len > 0 && m->name.ptr[m->name.len - 1] == '/';

    if (value_is_error(plain)) {
        return plain;
    }
    if (dict == NULL) {
        return run_out_of_memory(run);
    }
    DICT_SET(dict, "Name", value_string(m->name.ptr, m->name.len));
    DICT_SET(dict, "Comment", value_string(m->comment.ptr, m->comment.len));
    DICT_SET(dict, "IsDir", value_bool(is_dir));
    DICT_SET(dict, "Size", value_int(m->size));
    DICT_SET(dict, "NonUTF8", value_bool((m->flags & 0x800) == 0));
    DICT_SET(dict, "Modified", member_time(m));
    DICT_SET(dict, "CRC32", value_uint(m->crc));
    DICT_SET(dict, "Extra", value_bytes(m->extra.ptr, m->extra.len));
    DICT_SET(dict, "Data", plain);
    return value_map(dict);
}

struct value media_zip(struct run *run, struct cxd_bytes data)
{
    const char *end = end_find(data);
    size_t count = end != NULL ? little(end + 10, 2) : 0;
    size_t at = end != NULL ? little(end + 16, 4) : 0;
    struct value *items = NULL;
    struct dict *dict;

    if (end == NULL || at > data.len) {
        return run_fail(run, "zip: not a valid zip file");
    }
    items = run_items(run, count);
    for (size_t i = 0; items != NULL && i < count; i++) {
        struct member m;
        if (!member_read(data, &at, &m)) {
            return run_fail(run, "zip: not a valid zip file");
        }
        items[i] = member_map(run, data, &m);
        if (value_is_error(items[i])) {
            return items[i];
        }
    }
    dict = items != NULL ? dict_new(run->pool, 2) : NULL;
    if (dict == NULL) {
        return run->fatal != NULL ? run_fatal(run) : run_out_of_memory(run);
    }
    DICT_SET(dict, "File", value_list(items, count));
    DICT_SET(dict, "Comment", value_string(end + END_LEN, little(end + 20, 2)));
    return value_map(dict);
}
