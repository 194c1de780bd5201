/* store.c: see the header. */
#include "front/keystore/store.h"

#include "base/cleanup.h"
#include "io/crypto.h"
#include "io/file.h"

#include <ctype.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/stat.h>

#define HEAD_WORDS "cortexd keystore 1 "
enum { HEAD_LEN = sizeof HEAD_WORDS - 1 + 2 * SEAL_MARK_LEN + 1, LENGTHS = 6 };

void store_init(struct store *s)
{
    buf_init(&s->text, STORE_FILE_MAX);
}

void store_done(struct store *s)
{
    crypto_wipe(s->text.ptr, s->text.cap);
    buf_done(&s->text);
}

static void head_make(const struct seal_key *key, char head[HEAD_LEN + 1])
{
    char mark[2 * SEAL_MARK_LEN + 1];

    (void)crypto_hex(key->mark, SEAL_MARK_LEN, mark, sizeof mark);
    (void)snprintf(head, HEAD_LEN + 1, HEAD_WORDS "%s\n", mark);
}

static size_t number_get(const char *at, size_t bytes)
{
    size_t n = 0;

    for (size_t i = bytes; i > 0; i--) {
        n = n << 8 | (unsigned char)at[i - 1];
    }
    return n;
}

int store_next(const struct store *s, size_t *at, struct cxd_bytes *ret_name,
               struct cxd_bytes *ret_value)
{
    size_t left = s->text.len - *at;
    const char *entry = s->text.ptr + *at;
    size_t name_len;
    size_t value_len;

    if (left < LENGTHS) {
        return 0;
    }
    name_len = number_get(entry, 2);
    value_len = number_get(entry + 2, 4);
    if (name_len > left - LENGTHS || value_len > left - LENGTHS - name_len) {
        return 0;
    }
    *ret_name = (struct cxd_bytes){entry + LENGTHS, name_len};
    *ret_value = (struct cxd_bytes){entry + LENGTHS + name_len, value_len};
    *at += LENGTHS + name_len + value_len;
    return 1;
}

static size_t store_count(const struct store *s, size_t *ret_end)
{
    struct cxd_bytes name;
    struct cxd_bytes value;
    size_t count = 0;

    *ret_end = 0;
    while (store_next(s, ret_end, &name, &value)) {
        count++;
    }
    return count;
}

int store_find(const struct store *s, struct cxd_bytes name, struct cxd_bytes *ret_value)
{
    struct cxd_bytes other;
    struct cxd_bytes value;
    size_t at = 0;

    while (store_next(s, &at, &other, &value)) {
        if (other.len == name.len && memcmp(other.ptr, name.ptr, name.len) == 0) {
            *ret_value = value;
            return 1;
        }
    }
    return 0;
}

static int sealed_open(const char *path, struct cxd_bytes file, const struct seal_key *key,
                       struct store *s, struct cxd_error *err)
{
    char head[HEAD_LEN + 1];
    size_t end;
    int r;

    head_make(key, head);
    if (file.len < HEAD_LEN || memcmp(file.ptr, HEAD_WORDS, sizeof HEAD_WORDS - 1) != 0) {
        return cxd_error_set(err, CXD_CORRUPT, "%s: not a keystore of this version", path);
    }
    if (memcmp(file.ptr, head, HEAD_LEN) != 0) {
        return cxd_error_set(err, CXD_CORRUPT, "%s: was made with another key than the one at hand",
                             path);
    }
    r = seal_get(key, (struct cxd_bytes){head, HEAD_LEN},
                 (struct cxd_bytes){file.ptr + HEAD_LEN, file.len - HEAD_LEN}, &s->text);
    if (r == CXD_OK && (store_count(s, &end) > STORE_ENTRIES_MAX || end != s->text.len)) {
        r = CXD_CORRUPT;
    }
    return r == CXD_OK ? CXD_OK
           : r == CXD_CORRUPT
               ? cxd_error_set(err, r, "%s: the keystore was changed or damaged", path)
               : cxd_error_set(err, r, "%s: out of memory", path);
}

int store_open(const char *path, const struct seal_key *key, struct store *ret_store,
               struct cxd_error *err)
{
    _cleanup_(buf_done) struct buf file;
    struct file_access who;
    struct store s;
    int r;

    buf_init(&file, STORE_FILE_MAX);
    r = file_read(path, &file, &who, err);
    if (r != CXD_OK) {
        return r;
    }
    if (who.is_group_readable || who.is_world_readable || who.is_foreign_writable) {
        return cxd_error_set(err, CXD_FORBIDDEN,
                             "%s: a keystore must be closed to all others (chmod 600)", path);
    }
    store_init(&s);
    r = sealed_open(path, (struct cxd_bytes){file.ptr, file.len}, key, &s, err);
    if (r != CXD_OK) {
        store_done(&s);
        return r;
    }
    *ret_store = s;
    return CXD_OK;
}

/* Root keeps it for the service's user: the folder says who that is. */
static int owner_set(const char *path, struct cxd_error *err)
{
    _cleanup_(freep) char *folder = strdup(path);
    char *slash = folder != NULL ? strrchr(folder, '/') : NULL;
    struct stat st;

    if (geteuid() != 0 || slash == NULL) {
        return CXD_OK;
    }
    *slash = '\0';
    if (stat(slash == folder ? "/" : folder, &st) != 0 || lchown(path, st.st_uid, st.st_gid) != 0) {
        return cxd_error_set(err, CXD_IO, "%s: cannot set its owner: %s", path, strerror(errno));
    }
    return CXD_OK;
}

int store_save(const char *path, const struct seal_key *key, const struct store *s,
               struct cxd_error *err)
{
    _cleanup_(buf_done) struct buf file;
    char head[HEAD_LEN + 1];
    int r;

    buf_init(&file, STORE_FILE_MAX);
    head_make(key, head);
    r = buf_add(&file, head, HEAD_LEN);
    r = r != CXD_OK ? r
                    : seal_put(key, (struct cxd_bytes){head, HEAD_LEN},
                               (struct cxd_bytes){s->text.ptr, s->text.len}, &file);
    if (r != CXD_OK) {
        return cxd_error_set(err, r, "%s: %s", path,
                             r == CXD_TOO_LARGE ? "a keystore has 4 MiB at the most"
                                                : "cannot seal the keystore");
    }
    r = file_replace(path, (struct cxd_bytes){file.ptr, file.len}, 0600, err);
    return r == CXD_OK ? owner_set(path, err) : r;
}

static int name_check(struct cxd_bytes name, struct cxd_error *err)
{
    int is_good = name.len > 0 && name.len <= STORE_NAME_MAX;

    for (size_t i = 0; i < name.len && is_good; i++) {
        is_good = isalnum((unsigned char)name.ptr[i]) || strchr("_-.", name.ptr[i]) != NULL;
    }
    is_good = is_good && !(name.len >= 4 && memcmp(name.ptr, "env.", 4) == 0) &&
              !(name.len >= 5 && memcmp(name.ptr, "host.", 5) == 0);
    return is_good ? CXD_OK
                   : cxd_error_set(err, CXD_INVALID,
                                   "a name is 1 to %d of A-Z a-z 0-9 _ - . and does not begin with "
                                   "env. or host.",
                                   STORE_NAME_MAX);
}

/* All but the entry `name`, and *value when there is one, in new memory; the old is wiped. */
static int store_rebuild(struct store *s, struct cxd_bytes name, const struct cxd_bytes *value)
{
    struct store fresh;
    struct cxd_bytes other;
    struct cxd_bytes kept;
    size_t from = 0;
    size_t at = 0;
    int r;

    store_init(&fresh);
    r = buf_reserve(&fresh.text,
                    s->text.len + LENGTHS + name.len + (value != NULL ? value->len : 0));
    while (r == CXD_OK && store_next(s, &at, &other, &kept)) {
        if (other.len != name.len || memcmp(other.ptr, name.ptr, name.len) != 0) {
            r = buf_add(&fresh.text, s->text.ptr + from, at - from);
        }
        from = at;
    }
    if (r == CXD_OK && value != NULL) {
        const char lengths[LENGTHS] = {(char)name.len,           (char)(name.len >> 8),
                                       (char)value->len,         (char)(value->len >> 8),
                                       (char)(value->len >> 16), (char)(value->len >> 24)};
        r = buf_add(&fresh.text, lengths, LENGTHS);
        r = r != CXD_OK ? r : buf_add(&fresh.text, name.ptr, name.len);
        r = r != CXD_OK ? r : buf_add(&fresh.text, value->ptr, value->len);
    }
    if (r != CXD_OK) {
        store_done(&fresh);
        return r;
    }
    store_done(s);
    *s = fresh;
    return CXD_OK;
}

int store_put(struct store *s, struct cxd_bytes name, struct cxd_bytes value, struct cxd_error *err)
{
    struct cxd_bytes before;
    size_t end;
    int r = name_check(name, err);

    if (r != CXD_OK) {
        return r;
    }
    if (value.len == 0 || memchr(value.ptr, '\0', value.len) != NULL) {
        return cxd_error_set(err, CXD_INVALID, "a value must not be empty or hold a NUL");
    }
    if (value.len > STORE_VALUE_MAX) {
        return cxd_error_set(err, CXD_TOO_LARGE, "a value has 64 KiB at the most");
    }
    if (!store_find(s, name, &before) && store_count(s, &end) >= STORE_ENTRIES_MAX) {
        return cxd_error_set(err, CXD_TOO_LARGE, "a keystore holds %d values at the most",
                             STORE_ENTRIES_MAX);
    }
    r = store_rebuild(s, name, &value);
    return r == CXD_OK          ? CXD_OK
           : r == CXD_TOO_LARGE ? cxd_error_set(err, r, "a keystore has 4 MiB at the most")
                                : cxd_error_set(err, r, "out of memory");
}

int store_remove(struct store *s, struct cxd_bytes name, struct cxd_error *err)
{
    struct cxd_bytes before;
    int r;

    if (!store_find(s, name, &before)) {
        return cxd_error_set(err, CXD_NOT_FOUND, "there is no \"%.*s\" in the keystore",
                             (int)(name.len > STORE_NAME_MAX ? STORE_NAME_MAX : name.len),
                             name.ptr);
    }
    r = store_rebuild(s, name, NULL);
    return r == CXD_OK ? CXD_OK : cxd_error_set(err, r, "out of memory");
}
