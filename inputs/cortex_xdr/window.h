/*
 * window.h: which closed stretch of time is read, page by page. Pure.
 *
 * A window is [from, to] in ms, both ends inside. While it is read neither end moves. A window that holds more rows than the
 * API pages through is halved before anything of it is taken. When rows leave it meanwhile (they were modified), later ones
 * move up past the offset: then it is read again, and only what was not seen is new.
 */
#pragma once

#include "lib/heap.h"

#define WINDOW_PAGE 100      /* rows the API gives at most */
#define WINDOW_ROWS_MAX 9999 /* total_count tells no more than this, and offsets end about there */
#define WINDOW_PASSES 5      /* readings of a window that does not keep still */

struct window {
    int64_t from_ms;
    int64_t to_ms;
    int64_t span_ms; /* how long the next one may be */
    int64_t offset;  /* rows taken in this pass */
    int64_t total;   /* of the pass's first page; -1: not known */
    unsigned passes;
    bool is_open;
    bool has_moved; /* rows left it during this pass */
};

enum window_next {
    WINDOW_MORE,  /* another page */
    WINDOW_AGAIN, /* smaller, or once more: from its first page */
    WINDOW_DONE   /* read completely: the cursor may move to to_ms */
};

/* Opens the next window at from_ms; false: there is none yet, it would end before it begins. */
bool window_open(struct window *w, int64_t from_ms, int64_t until_ms);
/* Asked before a page's rows are taken: true when the window was halved and must be read anew. */
bool window_shrink(struct window *w, int64_t total);
/* A page of `rows` rows was taken. total: what the reply said, -1: nothing. */
enum window_next window_page(struct window *w, int64_t rows, int64_t total);
