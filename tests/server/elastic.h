#pragma once
/*
 * An Elasticsearch 8 endpoint: bulk indexing, templates and policies kept as given, counts and plain searches.
 */
#include <pthread.h>
#include <stdatomic.h>

#include "server.h"
#include "store.h"

struct shelf;

struct elastic_options {
    bool is_null;        /* parse and count, keep nothing */
    const char *store;   /* folder; NULL: ids only */
    uint64_t body_max;   /* bytes of a body, also unpacked */
    const char *api_key; /* id:key; NULL: no such way in */
    const char *user;    /* user:password; NULL: likewise. Neither: everyone may */
};

struct elastic_counts {
    atomic_uint_fast64_t requests, items, created, updated, conflicts, rejected, malformed;
    atomic_uint_fast64_t wire_bytes, plain_bytes, document_bytes;
    atomic_uint_fast64_t fault_items; /* where "every n-th item" counts */
};

struct elastic {
    struct elastic_options options;
    struct store *store; /* NULL in null mode */
    struct shelf *shelf;
    struct elastic_counts counts;
    pthread_mutex_t doc_lock; /* single documents are compared and written in one step */
    long long doc_seq;
    char ways_in[2][512]; /* whole Authorization values; "": none */
    struct server_app app;
};

/* Borrows the texts of options. False with *ret_reason. */
bool elastic_init(struct elastic *elastic, const struct elastic_options *options,
                  const char **ret_reason);
void elastic_done(struct elastic *elastic);
struct json_object *elastic_report(struct elastic *elastic);
/* Elasticsearch's error body; reason may be NULL: usual words for the status. */
void elastic_error(struct reply *reply, unsigned status, const char *type, const char *reason);
