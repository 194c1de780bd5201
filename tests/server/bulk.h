#pragma once
/*
 * Reads the body of a bulk request piece by piece: pairs of an action line and a document line. Documents are handed out
 * whole, or only counted. One request, one thread.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { BULK_ACTION_MAX = 16 * 1024, BULK_REASON_BYTES = 200 };

struct bulk_item {
    bool is_create;    /* else index */
    const char *index; /* "" when neither line nor path names one */
    size_t index_len;
    const char *id; /* NULL: none given */
    size_t id_len;
    const char *doc; /* NULL when documents are only counted */
    size_t doc_len;
    unsigned line; /* of the document, from 1 */
};

/* Borrows the item during the call. False stops the reading. */
typedef bool (*bulk_fn)(void *owner, const struct bulk_item *item);

struct bulk_options {
    const char *index;   /* from the path; NULL: none; copied */
    bool keep_documents; /* hand documents out */
    size_t document_max; /* bytes of one document */
    bulk_fn fn;
    void *owner;
};

struct bulk;

struct bulk *bulk_new(const struct bulk_options *options);
void bulk_free(struct bulk *bulk);
/* False: malformed; bulk_reason tells. */
bool bulk_feed(struct bulk *bulk, const char *data, size_t len);
/* The body is over. False: it ends in the middle, or was empty. */
bool bulk_finish(struct bulk *bulk);
/* In Elasticsearch's words, with its exception type. */
const char *bulk_reason(const struct bulk *bulk, const char **ret_type);
