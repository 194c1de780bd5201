/*
 * services.h: the outer world of a program, as one table: clock, chance, digests, regular expressions, HTTP. The language
 * and its libraries reach nothing else. Members that are NULL make the functions that need them fail with one clear error.
 */
#pragma once

#include <cxd/abi.h>
#include <cxd/status.h>
#include <stdbool.h>
#include <stdint.h>

struct pool;
struct value;

/* Spans of a match: start and end in bytes for the whole and each group; start is SIZE_MAX for a group that took no part. */
struct services_span {
    size_t start;
    size_t end;
};

struct services_header {
    struct cxd_bytes name;
    struct cxd_bytes value;
};

struct services_request {
    struct cxd_bytes method;
    struct cxd_bytes url;
    const struct services_header *headers;
    size_t header_count;
    struct cxd_bytes body;
    bool is_direct; /* made by get, head or post: the configured credentials for these apply */
};

/* Strings are owned by the transport until the next call of send. */
struct services_reply {
    int status;
    struct cxd_bytes reason; /* "OK"; may be empty */
    uint32_t major;          /* of the protocol's version */
    uint32_t minor;
    const struct services_header *headers;
    size_t header_count;
    struct cxd_bytes body;
    int64_t content_length; /* -1: unknown */
    bool uncompressed;      /* the transport took a content encoding off */
};

struct services_pattern {
    const char *name;
    const char *pattern;
};

struct services_schema {
    const char *name;
    struct cxd_bytes text; /* XSD */
};

/* Keys of an account at Amazon; secret and token are secrets. */
struct services_keys {
    struct cxd_bytes id;
    struct cxd_bytes secret;
    struct cxd_bytes token; /* of a session; may be empty */
};

struct services {
    void *ctx;
    int64_t (*wall_ns)(void *ctx); /* since 1970 */
    void (*random)(void *ctx, void *out, size_t len);
    void (*sha256)(const void *data, size_t len, unsigned char out[32]);

    /* Regular expressions in PCRE2's syntax; patterns have been checked for RE2's. */
    int (*regex_new)(void *ctx, const char *pattern, void **ret_regex, struct cxd_error *err);
    /* Finds the first match at or behind `from`. 1, 0, or negative: a limit was reached. spans has room for count; those
     * that the pattern has no groups for are untouched. */
    int (*regex_find)(void *regex, struct cxd_bytes text, size_t from, struct services_span *spans,
                      size_t count, size_t *ret_groups);
    void (*regex_free)(void *regex);

    /* One gzip stream to plain bytes, at most `limit`; *ret_data is malloc'ed and the caller's. */
    int (*gunzip)(void *ctx, struct cxd_bytes data, size_t limit, char **ret_data, size_t *ret_len,
                  struct cxd_error *err);

    /* A media type that the library does not know: 1 and malloc'ed bytes, or 0: unknown here as well. May be NULL. */
    int (*transform)(void *ctx, struct cxd_bytes type, struct cxd_bytes data, char **ret_data,
                     size_t *ret_len);

    /* One request and its whole reply. Not for redirects, retries or credentials: these are the transport's. */
    int (*send)(void *ctx, const struct services_request *request, struct services_reply *reply,
                struct cxd_error *err);

    /* Keys at Amazon by the environment (file NULL), or of a profile of a file of them. In the pool. CXD_CONFIG, CXD_NOMEM. */
    int (*keys)(struct pool *pool, const char *file, const char *profile, struct services_keys *ret,
                struct cxd_error *err);

    /* debug(tag, value): text of the value. */
    void (*debug)(void *ctx, struct cxd_bytes tag, struct cxd_bytes text);

    const struct services_pattern *patterns; /* named; ended by a name NULL; may be NULL */
    const struct services_schema *schemas;   /* likewise */
    struct regex_cache *cache;               /* compiled patterns, see regex.h; may be NULL */
    bool may_read_files;                     /* file() and dir() */
    const char
        *folder; /* relative paths of file() and dir() are in it; NULL: the working directory */
};
