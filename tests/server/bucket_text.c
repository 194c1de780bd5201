/*
 * How a bucket's facts are written: times, escapes, checksums, page tokens, the object resource. Pure functions.
 */
#include <openssl/evp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "bucket_private.h"

enum { BUCKET_URL_MAX = 4 * BUCKET_NAME_MAX };

void bucket_time(int64_t time_ms, char out[32])
{
    time_t seconds = (time_t)(time_ms / 1000);
    struct tm parts;
    gmtime_r(&seconds, &parts);
    size_t len = strftime(out, 32, "%Y-%m-%dT%H:%M:%S", &parts);
    snprintf(out + len, 32 - len, ".%03dZ", (int)(time_ms % 1000));
}

bool bucket_escape(const char *text, char *out, size_t size)
{
    static const char PLAIN[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~";
    size_t at = 0;
    for (; *text; text++) {
        if (at + 4 > size) {
            return false;
        }
        if (strchr(PLAIN, *text)) {
            out[at++] = *text;
        } else {
            at += (size_t)snprintf(out + at, 4, "%%%02X", (unsigned char)*text);
        }
    }
    out[at] = 0;
    return true;
}

void bucket_base64(const unsigned char *data, size_t len, char out[32])
{
    EVP_EncodeBlock((unsigned char *)out, data, (int)len);
}

bool bucket_token_read(const char *token, char ret_name[BUCKET_NAME_MAX + 1])
{
    unsigned char name[BUCKET_TOKEN_BYTES];
    size_t len = strlen(token);
    if (!len || len % 4 || len >= BUCKET_TOKEN_BYTES) {
        return false;
    }
    int got = EVP_DecodeBlock(name, (const unsigned char *)token, (int)len);
    if (got <= 0) {
        return false;
    }
    got -= (token[len - 1] == '=') + (token[len - 2] == '=');
    if (got <= 0 || got > BUCKET_NAME_MAX || memchr(name, 0, (size_t)got)) {
        return false;
    }
    memcpy(ret_name, name, (size_t)got);
    ret_name[got] = 0;
    return true;
}

void bucket_token_write(const char *name, char token[BUCKET_TOKEN_BYTES])
{
    EVP_EncodeBlock((unsigned char *)token, (const unsigned char *)name, (int)strlen(name));
}

static bool bucket_glob_set(const char **pattern, char byte)
{
    const char *at = *pattern + 1;
    bool negated = *at == '!' || *at == '^';
    at += negated;
    bool hit = false;
    for (bool first = true; *at && (first || *at != ']'); first = false) {
        if (at[1] == '-' && at[2] && at[2] != ']') {
            hit = hit || (byte >= at[0] && byte <= at[2]);
            at += 3;
        } else {
            hit = hit || *at == byte;
            at++;
        }
    }
    *pattern = *at ? at + 1 : at;
    return hit != negated;
}

static bool bucket_glob_try(const char *pattern, const char *name, unsigned *steps)
{
    while (*pattern) {
        if (++*steps > 10000) {
            return false;
        }
        if (*pattern == '*') {
            bool deep = pattern[1] == '*';
            const char *rest = pattern + 1 + deep;
            for (;; name++) {
                if (bucket_glob_try(rest, name, steps)) {
                    return true;
                }
                if (!*name || (!deep && *name == '/')) {
                    return false;
                }
            }
        }
        if (!*name) {
            return false;
        }
        if (*pattern == '[') {
            if (!bucket_glob_set(&pattern, *name++)) {
                return false;
            }
        } else if (*pattern == '?' ? *name == '/' : *pattern != *name) {
            return false;
        } else {
            pattern++;
            name++;
        }
    }
    return !*name;
}

bool bucket_glob(const char *pattern, const char *name)
{
    unsigned steps = 0;
    return bucket_glob_try(pattern, name, &steps);
}

__attribute__((format(printf, 3, 4))) static void
bucket_set(struct json_object *item, const char *key, const char *format, ...)
{
    char text[BUCKET_URL_MAX + 256];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    json_object_object_add(item, key, json_object_new_string(text));
}

static void bucket_set_sums(struct json_object *item, const struct object *object)
{
    char text[32];
    unsigned char crc[4];
    for (unsigned i = 0; i < 4; i++) {
        crc[i] = (unsigned char)(object->sum.crc32c >> (24 - 8 * i));
    }
    bucket_base64(crc, sizeof crc, text);
    bucket_set(item, "crc32c", "%s", text);
    bucket_base64(object->sum.md5, PACK_MD5_BYTES, text);
    bucket_set(item, "md5Hash", "%s", text);
}

struct json_object *bucket_resource(const struct bucket *bucket, const struct object *object,
                                    const char *base_url)
{
    struct json_object *item = json_object_new_object();
    char name[BUCKET_URL_MAX], time[32];
    if (!item || !bucket_escape(object->name, name, sizeof name)) {
        json_object_put(item);
        return NULL;
    }
    long long generation = (long long)object->generation;
    bucket_set(item, "kind", "storage#object");
    bucket_set(item, "id", "%s/%s/%lld", bucket->name, object->name, generation);
    bucket_set(item, "selfLink", "%s/storage/v1/b/%s/o/%s", base_url, bucket->name, name);
    bucket_set(item, "mediaLink", "%s/download/storage/v1/b/%s/o/%s?generation=%lld&alt=media",
               base_url, bucket->name, name, generation);
    bucket_set(item, "name", "%s", object->name);
    bucket_set(item, "bucket", "%s", bucket->name);
    bucket_set(item, "generation", "%lld", generation);
    bucket_set(item, "metageneration", "1");
    bucket_set(item, "contentType", "%s", object->content_type);
    if (object->content_encoding) {
        bucket_set(item, "contentEncoding", "%s", object->content_encoding);
    }
    bucket_set(item, "storageClass", "STANDARD");
    bucket_set(item, "size", "%llu", (unsigned long long)object->sum.bytes);
    bucket_set_sums(item, object);
    bucket_set(item, "etag", "CxD%llx", (unsigned long long)generation);
    bucket_time(object->created_ms, time);
    bucket_set(item, "timeCreated", "%s", time);
    bucket_set(item, "timeStorageClassUpdated", "%s", time);
    bucket_time(object->updated_ms, time);
    bucket_set(item, "updated", "%s", time);
    return item;
}
