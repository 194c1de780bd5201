/*
 * ref.h: the messages of the topic that agents share: references to objects, and what is known to be published. Pure.
 *
 *   object  an object to be collected, by whoever gets it
 *   listed  of a bucket and prefix: fingerprints (done.h) of objects that were published or collected, and the creation second up to
 *           which all were. A fact by itself: several of them add up, in any order.
 *   anew    what was published in earlier epochs counts no more: some of it was deleted before anybody took it
 *
 * JSON, one object a message. Readers pass over members that they do not know; a higher `v` they refuse.
 */
#pragma once

#include "done.h"

struct json_object;

#define REF_VERSION 1
#define REF_MAX 524288u      /* bytes of a message */
#define REF_LISTED_MAX 8192u /* fingerprints in a message: 256 KiB of digits */
#define REF_ROUNDS_MAX 1000  /* of set-aside; more is no number of ours */
#define REF_TEXT_MAX 1024u   /* bytes of names and types */

enum ref_kind { REF_OBJECT = 1, REF_LISTED, REF_ANEW };

/* Texts are borrowed from `tree`. */
struct ref {
    struct json_object *tree; /* owned */
    int64_t epoch;
    int64_t mark_s;        /* LISTED: -1: none */
    int64_t not_before_ms; /* OBJECT: wall clock; 0: now */
    struct cxd_bytes bucket;
    struct cxd_bytes prefix; /* LISTED */
    struct cxd_bytes done;   /* LISTED: hexadecimal, a multiple of 2 * DONE_ENTRY */
    struct object object;    /* OBJECT */
    uint32_t rounds;         /* OBJECT: times it was set aside */
    uint8_t kind;            /* enum ref_kind */
};

/* CXD_MALFORMED, CXD_TOO_LARGE, CXD_UNSUPPORTED (of a newer version). Done with ref_done, which accepts a zeroed one. */
int ref_read(struct cxd_bytes message, struct ref *ret_ref, struct cxd_error *err);
void ref_done(struct ref *ref);
/* Entry number `index` of LISTED; false past the end. */
bool ref_entry(const struct ref *ref, size_t index, struct done_entry *ret_entry);

/* Writers: out is cleared first; out->status tells. */
void ref_write_object(struct text *out, const struct ref *ref);
void ref_write_listed(struct text *out, int64_t epoch, struct cxd_bytes bucket,
                      struct cxd_bytes prefix, int64_t mark_s, const struct done_entry *entries,
                      size_t count);
void ref_write_anew(struct text *out, int64_t epoch);
