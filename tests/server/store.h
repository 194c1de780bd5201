#pragma once
/*
 * What Elasticsearch keeps: documents as NDJSON files, one for each index or data stream, and the set of their ids as
 * 16-byte digests. Any thread; the lock is private.
 */
#include <json-c/json.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buffer.h"

enum { STORE_INDICES_MAX = 1024, STORE_INDEX_NAME_MAX = 255 };

enum store_result { STORE_CREATED, STORE_UPDATED, STORE_EXISTS, STORE_FAILED };

struct store_put {
    const char *index; /* as the client names it */
    size_t index_len;
    const char *id;
    size_t id_len;
    const char *doc; /* NULL: only the id is kept */
    size_t doc_len;
    bool is_create;
    bool is_stream; /* only used when the index is new */
};

struct store_place {
    char backing[STORE_INDEX_NAME_MAX + 40]; /* the index that holds the document */
    uint64_t sequence;
};

struct store;

/* folder NULL: ids only. A folder that holds documents of an earlier run is read. NULL with *ret_reason. */
struct store *store_open(const char *folder, const char **ret_reason);
void store_close(struct store *store);
enum store_result store_put(struct store *store, const struct store_put *put,
                            struct store_place *ret_place);
/* Makes what was put visible to readers of the files. */
bool store_flush(struct store *store);
/* Documents in the indices that fit a comma-separated list of patterns. false: none fits and no wildcard was given. */
bool store_count(struct store *store, const char *patterns, uint64_t *ret_count);
/* Appends up to size hits after the first `from` to out, comma-separated. */
bool store_search(struct store *store, const char *patterns, uint64_t from, uint64_t size,
                  struct buffer *out);
/* {index: {"documents","conflicts","updated"}} */
struct json_object *store_report(struct store *store);
uint64_t store_distinct(struct store *store);
/* Forgets all documents and ids, and removes the files. */
void store_wipe(struct store *store);
