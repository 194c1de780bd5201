#pragma once
/*
 * The reply to a bulk request, built item by item in Elasticsearch's form and cut by filter_path as it grows. One request,
 * one thread.
 */
#include "buffer.h"
#include "filter.h"

enum { ANSWER_FIELDS = 13 };

struct answer {
    struct filter filter;
    bool wants[2][ANSWER_FIELDS]; /* for index and create */
    bool is_first;
    bool errors;
    struct buffer items;
};

struct answer_item {
    bool is_create;
    const char *index; /* the backing index */
    const char *id;
    size_t id_len;
    unsigned status;
    const char *error_type; /* NULL: it went well */
    const char *error_reason;
    unsigned long long sequence;
    bool is_update;
};

/* False: filter_path is too long. */
bool answer_init(struct answer *answer, const char *filter_path);
void answer_done(struct answer *answer);
/* Adds nothing when the filter wants nothing of it. False without memory. */
bool answer_add(struct answer *answer, const struct answer_item *item);
/* Writes the whole reply to out. */
void answer_write(struct answer *answer, unsigned took_ms, struct buffer *out);
