/*
 * done.h: the set of finished objects, as fingerprints of 12 bytes (name and generation) with the second of their creation.
 *
 * 16 bytes an object, packed as they are stored in the cursor. Two different objects share a fingerprint with a chance of
 * about n * m / 2^96 (n kept, m seen): for 10^5 and 10^9, one in 10^14. One owner, one thread.
 */
#pragma once

#include "list.h"

#define DONE_ENTRY 16u   /* bytes of an entry as stored */
#define DONE_MAX 262144u /* entries; at that many no new object is taken */
#define DONE_NONE SIZE_MAX

struct done_entry {
    unsigned char id[12];
    unsigned char created[4]; /* seconds, little-endian, LIST_TIME_UNKNOWN when not known */
};

struct done_set {
    const struct heap *heap; /* borrowed */
    struct done_entry *entries;
    unsigned char *seen; /* one byte an entry: listed in this pass */
    uint32_t *slots;     /* open addressing: entry index + 1, 0 is free */
    size_t count;
    size_t room;       /* entries allocated */
    size_t slot_count; /* a power of two, at least twice room */
};

void done_init(struct done_set *set, const struct heap *h);
void done_free(struct done_set *set);
/* The entry of an object. */
struct done_entry done_entry(const struct heap *h, struct cxd_bytes name, int64_t generation,
                             uint32_t created_s);
uint32_t done_created(const struct done_entry *entry);
size_t done_find(const struct done_set *set, const struct done_entry *entry); /* or DONE_NONE */
/* 0, also when it is there already; CXD_NOMEM; CXD_FULL above 2 * DONE_MAX. The entry is marked as seen. */
int done_add(struct done_set *set, const struct done_entry *entry);
void done_unsee(struct done_set *set);                      /* a pass begins */
size_t done_prune(struct done_set *set);                    /* drops what was not seen: how many */
size_t done_compress(struct done_set *set, int64_t mark_s); /* drops what was created by then */
/* The creation second at which `keep` younger entries remain; -1 when there are no more than that, or no memory. */
int64_t done_age(const struct done_set *set, size_t keep);
