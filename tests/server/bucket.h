#pragma once
/*
 * The objects of one bucket: generated ones, which stay, and the files of a watched folder, which may come, change and go
 * while the simulator runs. All functions may be called from any thread; what they return belongs to the caller.
 */
#include <json-c/json.h>
#include <stdbool.h>
#include <stdint.h>

#include "pack.h"

enum { BUCKET_OBJECTS_MAX = 1 << 20, BUCKET_NAME_MAX = 1024, BUCKET_PAGE_MAX = 1000 };

struct object {
    char *name;
    char *path; /* the file with the stored bytes */
    char *content_type;
    char *content_encoding; /* NULL: none */
    struct pack_sum sum;
    int64_t generation;
    int64_t created_ms;
    int64_t updated_ms;
    int64_t stamp; /* of a watched file: its time and size */
    bool watched;
    bool seen;
};

struct bucket;

struct bucket_query {
    const char *prefix; /* every text may be NULL */
    const char *delimiter;
    const char *start_offset; /* inclusive */
    const char *end_offset;   /* exclusive */
    const char *glob;
    const char *page_token;
    unsigned max_results; /* 0 or above BUCKET_PAGE_MAX: BUCKET_PAGE_MAX */
};

struct bucket *bucket_new(const char *name);
void bucket_free(struct bucket *bucket);
const char *bucket_name(const struct bucket *bucket);
/* Takes the object's texts, also on failure. False without memory or above BUCKET_OBJECTS_MAX. */
bool bucket_add(struct bucket *bucket, struct object *object);
/* Serves the files below folder as well; NAME.meta.json beside a file may override its metadata. */
bool bucket_watch(struct bucket *bucket, const char *folder);
/* Copies an object out; false when there is none. The copy is released by object_done. */
bool bucket_find(struct bucket *bucket, const char *name, struct object *ret_object);
void object_done(struct object *object);
/* The reply to a list request; NULL with *ret_reason set when the query is bad, or without memory. */
struct json_object *bucket_list(struct bucket *bucket, const struct bucket_query *query,
                                const char *base_url, const char **ret_reason);
/* The JSON resource of one object. */
struct json_object *bucket_resource(const struct bucket *bucket, const struct object *object,
                                    const char *base_url);
uint64_t bucket_count(struct bucket *bucket);
/* Does a name fit a pattern with ?, *, ** and [sets], where * stops at a slash? */
bool bucket_glob(const char *pattern, const char *name);
/* RFC 3339 in UTC with milliseconds. */
void bucket_time(int64_t time_ms, char out[32]);
/* Percent-encoding of everything but unreserved characters; false when out is too small. */
bool bucket_escape(const char *text, char *out, size_t size);
void bucket_base64(const unsigned char *data, size_t len, char out[32]); /* len 20 at most */
