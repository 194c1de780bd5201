/* keys.c: see the header. */
#include "keys.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#define KEYS_FILE_MAX ((size_t)256 << 10)

static struct cxd_bytes trim(struct cxd_bytes text)
{
    while (text.len > 0 && (unsigned char)text.ptr[text.len - 1] <= ' ') {
        text.len--;
    }
    while (text.len > 0 && (unsigned char)text.ptr[0] <= ' ') {
        text.ptr++;
        text.len--;
    }
    return text;
}

static bool is_text(struct cxd_bytes text, const char *word)
{
    return text.len == strlen(word) && memcmp(text.ptr, word, text.len) == 0;
}

/* [name], or [profile name] as the configuration file has it. */
static bool is_section(struct cxd_bytes line, const char *profile)
{
    struct cxd_bytes name = trim((struct cxd_bytes){line.ptr + 1, line.len - 2});

    if (name.len > 8 && memcmp(name.ptr, "profile ", 8) == 0) {
        name = trim((struct cxd_bytes){name.ptr + 8, name.len - 8});
    }
    return is_text(name, profile);
}

static void key_take(struct pool *pool, struct cxd_bytes line, struct services_keys *ret)
{
    const char *equal = memchr(line.ptr, '=', line.len);
    struct cxd_bytes name;
    struct cxd_bytes value;
    struct cxd_bytes *to;

    if (equal == NULL) {
        return;
    }
    name = trim((struct cxd_bytes){line.ptr, (size_t)(equal - line.ptr)});
    value = trim((struct cxd_bytes){equal + 1, line.len - (size_t)(equal + 1 - line.ptr)});
    to = name.len == 17 && strncasecmp(name.ptr, "aws_access_key_id", 17) == 0       ? &ret->id
         : name.len == 21 && strncasecmp(name.ptr, "aws_secret_access_key", 21) == 0 ? &ret->secret
         : name.len == 17 && strncasecmp(name.ptr, "aws_session_token", 17) == 0     ? &ret->token
                                                                                     : NULL;
    if (to != NULL) {
        *to = (struct cxd_bytes){pool_copy(pool, value.ptr, value.len), value.len};
    }
}

bool keys_profile(struct pool *pool, struct cxd_bytes text, const char *profile,
                  struct services_keys *ret)
{
    const char *at = text.ptr;
    const char *end = text.ptr + text.len;
    bool is_in = false;
    bool is_found = false;

    *ret = (struct services_keys){{NULL, 0}, {NULL, 0}, {NULL, 0}};
    while (at < end) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        struct cxd_bytes line;

        stop = stop != NULL ? stop : end;
        line = trim((struct cxd_bytes){at, (size_t)(stop - at)});
        at = stop + 1;
        if (line.len >= 2 && line.ptr[0] == '[' && line.ptr[line.len - 1] == ']') {
            is_in = is_section(line, profile);
            is_found |= is_in;
        } else if (is_in && line.len > 0 && line.ptr[0] != '#' && line.ptr[0] != ';') {
            key_take(pool, line, ret);
        }
    }
    return is_found;
}

static int whole(struct pool *pool, const struct services_keys *keys, const char *where,
                 struct cxd_error *err)
{
    if (pool->status != 0) {
        return cxd_error_set(err, CXD_NOMEM, "keys: out of memory");
    }
    return keys->id.len > 0 && keys->secret.len > 0
               ? 0
               : cxd_error_set(err, CXD_CONFIG, "%.300s: an access key id and a secret are needed",
                               where);
}

static int file_read(struct pool *pool, const char *file, const char *profile,
                     struct services_keys *ret, struct cxd_error *err)
{
    char *text = pool_alloc(pool, KEYS_FILE_MAX);
    size_t len = 0;
    ssize_t got = 1;
    bool is_found;
    int fd = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

    if (fd < 0) {
        return cxd_error_set(err, CXD_CONFIG, "%.300s: %m", file);
    }
    while (text != NULL && got > 0 && len < KEYS_FILE_MAX) {
        got = read(fd, text + len, KEYS_FILE_MAX - len);
        len += got > 0 ? (size_t)got : 0;
    }
    (void)close(fd);
    if (text == NULL) {
        return cxd_error_set(err, CXD_NOMEM, "keys: out of memory");
    }
    if (got < 0 || len == KEYS_FILE_MAX) {
        explicit_bzero(text, len);
        return cxd_error_set(err, CXD_CONFIG, "%.300s: cannot be read, or is above 256 KiB", file);
    }
    is_found = keys_profile(pool, (struct cxd_bytes){text, len}, profile, ret);
    explicit_bzero(text, len);
    return is_found ? whole(pool, ret, file, err)
                    : cxd_error_set(err, CXD_CONFIG, "%.300s: there is no profile [%.60s]", file,
                                    profile);
}

static struct cxd_bytes variable(struct pool *pool, const char *name, const char *other)
{
    const char *value = getenv(name);

    value = value == NULL && other != NULL ? getenv(other) : value;
    return value != NULL ? (struct cxd_bytes){pool_copy(pool, value, strlen(value)), strlen(value)}
                         : (struct cxd_bytes){NULL, 0};
}

int keys_find(struct pool *pool, const char *file, const char *profile, struct services_keys *ret,
              struct cxd_error *err)
{
    if (file == NULL) {
        ret->id = variable(pool, "AWS_ACCESS_KEY_ID", "AWS_ACCESS_KEY");
        ret->secret = variable(pool, "AWS_SECRET_ACCESS_KEY", "AWS_SECRET_KEY");
        ret->token = variable(pool, "AWS_SESSION_TOKEN", NULL);
        return whole(pool, ret, "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY of the environment",
                     err);
    }
    file = *file != '\0' ? file : getenv("AWS_SHARED_CREDENTIALS_FILE");
    if (file == NULL || *file == '\0') {
        return cxd_error_set(err, CXD_CONFIG,
                             "neither file nor env var AWS_SHARED_CREDENTIALS_FILE is set");
    }
    profile = profile != NULL && *profile != '\0' ? profile : getenv("AWS_PROFILE");
    if (profile == NULL || *profile == '\0') {
        return cxd_error_set(err, CXD_CONFIG, "neither profile nor env var AWS_PROFILE is set");
    }
    return file_read(pool, file, profile, ret, err);
}

int keys_usual(struct pool *pool, struct services_keys *ret, struct cxd_error *err)
{
    const char *file = getenv("AWS_SHARED_CREDENTIALS_FILE");
    const char *profile = getenv("AWS_PROFILE");
    const char *home = getenv("HOME");
    char path[PATH_MAX];

    if (keys_find(pool, NULL, NULL, ret, NULL) == 0) {
        return 0;
    }
    (void)snprintf(path, sizeof path, "%s/.aws/credentials", home != NULL ? home : "");
    return file_read(pool, file != NULL ? file : path, profile != NULL ? profile : "default", ret,
                     err);
}
