/*
 * event.h: one event on its way from input to output.
 *
 * An event has a message (the raw record, borrowed bytes), the scan of that record (made on first use, kept), and a document:
 * a tree of nodes whose values are slices of JSON text. Nobody decodes a value before somebody needs it decoded. After the last
 * processor the host writes the tree out once, straight into the batch that the output sends; then the event's memory is
 * reused. All pointers below therefore live until emit or reject returns, no longer.
 *
 * One thread: the input's. An instance has at most one open event.
 */
#ifndef CXD_EVENT_H
#define CXD_EVENT_H

#include "abi.h"

#include <stdint.h>

enum cxd_kind {
    CXD_KIND_NULL,
    CXD_KIND_FALSE,
    CXD_KIND_TRUE,
    CXD_KIND_NUMBER, /* ptr,len: the number's text exactly as written */
    CXD_KIND_STRING, /* ptr,len: between the quotes, escapes as written (unless CXD_VALUE_TEXT) */
    CXD_KIND_LIST,   /* ptr,len: the text from [ to ], unless CXD_VALUE_TREE */
    CXD_KIND_OBJECT  /* ptr,len: the text from { to }, unless CXD_VALUE_TREE */
};

enum cxd_value_flag {
    CXD_VALUE_ESCAPED = 1, /* string: holds at least one backslash */
    CXD_VALUE_TEXT = 2,    /* string: plain UTF-8 that is escaped when written; not JSON text yet */
    CXD_VALUE_TREE = 4,    /* list or object: its members are child nodes; ptr,len mean nothing */
    CXD_VALUE_DIRTY = 8    /* list or object as text: somewhere inside is a null, "", {} or [] */
};

/* One JSON value. Frozen at ABI major 1. */
struct cxd_value {
    const char *ptr;
    uint32_t len;  /* bytes */
    uint8_t kind;  /* enum cxd_kind */
    uint8_t flags; /* enum cxd_value_flag */
    uint16_t reserved;
};

/* One member of an object or element of a list. Frozen at ABI major 1: modules make nodes themselves from event_alloc. */
struct cxd_node {
    struct cxd_node *next;
    struct cxd_node *first; /* children, when value.flags has CXD_VALUE_TREE */
    struct cxd_node *last;
    const char *key; /* as it stands in JSON between the quotes; NULL in a list */
    uint32_t key_len;
    uint32_t reserved;
    struct cxd_value value;
};

/* One top-level member of a scanned record. */
struct cxd_field {
    const char *
        key; /* between the quotes; never with an escape that has a shorter form, so bytes compare */
    uint32_t key_len;
    uint32_t reserved;
    struct cxd_value value; /* containers stay text; checked all the way down */
};

/* The members of a record in their order. A name may come twice: readers take the last. */
struct cxd_record {
    const struct cxd_field *fields;
    uint32_t count;
    uint32_t reserved;
};

struct cxd_event; /* the host's */

/* What a processor decides. A negative status from process() sends the event to the dead letters with that reason. */
enum cxd_verdict { CXD_KEEP = 0, CXD_DISCARD = 1 };

/* A document ready for an output. Borrowed for the time of one send call. */
struct cxd_doc {
    struct cxd_bytes source; /* the document, one line of JSON without newline */
    struct cxd_bytes id; /* document id, safe in JSON as it is; {NULL,0} when the chain made none */
    struct cxd_bytes index; /* data stream, type-dataset-namespace, safe in JSON as it is */
};

/* What became of a document. */
enum cxd_result {
    CXD_RESULT_PENDING = 0, /* not decided: sent again later */
    CXD_RESULT_DELIVERED,
    CXD_RESULT_DUPLICATE, /* was there already: counted as delivered */
    CXD_RESULT_REJECTED   /* refused for ever: goes to the dead letters with reason */
};

struct cxd_outcome {
    uint32_t result; /* enum cxd_result */
    int32_t http_status;
    struct cxd_bytes
        reason; /* for REJECTED (kept) and PENDING (logged); borrowed until the next call of the instance */
};

struct cxd_batch {
    uint32_t size; /* of this struct */
    uint32_t count;
    const struct cxd_doc *docs;
    uint64_t bytes; /* sum of the sources' lengths */
    /* ABI 1.1: ingest pipeline that the documents name, safe in JSON as it is; {NULL,0}: none */
    struct cxd_bytes pipeline;
};

#endif
