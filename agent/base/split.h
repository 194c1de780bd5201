/*
 * split.h: finds the elements of one JSON array that arrives in pieces. It knows brackets and strings and no more: each element
 * found must still be scanned, and a broken one is found broken there. No memory, no limit of its own. One thread at a time.
 */
#pragma once

#include "cxd/abi.h"

#include <stdint.h>

/* Zeroed is ready for the first byte of the array (behind a byte order mark). */
struct split {
    uint64_t depth;
    uint8_t state; /* private */
    uint8_t is_string;
    uint8_t is_escape;
};

enum split_step {
    SPLIT_MORE, /* in is used up; part belongs to an element that is not complete yet (it may be empty) */
    SPLIT_ELEMENT, /* part is the rest of an element (all of it, when nothing came before) */
    SPLIT_END      /* the array is closed; in holds what follows, which should be white space */
};

/*
 * One step: takes bytes from the front of *in and returns a split_step, or CXD_MALFORMED when the text does not begin with '['.
 * The caller joins the parts of an element. *ret_part points into *in; white space before an element is dropped, behind it kept.
 * `[1,,2]` and `[1,]` give an empty element, which no scanner accepts. After the last byte the state tells by
 * split_is_closed whether the array was complete.
 */
int split_next(struct split *s, struct cxd_bytes *in, struct cxd_bytes *ret_part);
int split_is_closed(const struct split *s);
