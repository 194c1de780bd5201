/*
 * origin.h: from a record's bytes to an event with its origin.
 *
 * What is the same for all events of an object is written once; an event costs three tree nodes and one small text.
 */
#pragma once

#include "decode.h"
#include "list.h"

#define ORIGIN_ID_LEN 20

struct origin {
    struct text gcs;   /* {"storage":{...}} */
    struct text log;   /* {"file":{"path":"gs://bucket/object"},"offset": */
    struct text where; /* gs://bucket/object, for texts */
    char
        id[ORIGIN_ID_LEN + 1]; /* of this object's content: digest of bucket, name and generation */
};

/* content_type empty: left out. CXD_NOMEM. */
int origin_init(struct origin *origin, const struct heap *h, struct cxd_bytes bucket,
                const struct object *object, struct cxd_bytes content_type, struct cxd_error *err);
void origin_done(struct origin *origin);

enum origin_fate { ORIGIN_EMITTED = 0, ORIGIN_REJECTED = 1 };

/* Hands one record over. too_large: its head only, to the dead letters. enum origin_fate, or negative: not handed over. */
int origin_hand_over(const struct heap *h, const struct origin *origin,
                     const struct decode_record *record, bool too_large, size_t max,
                     struct cxd_error *err);
/* A dead letter for an object that could not be read to its end. 0 or negative. */
int origin_bury(const struct heap *h, const struct origin *origin, int64_t generation,
                int64_t delivered, const struct cxd_error *why, struct cxd_error *err);
