/*
 * window.h: which stretch of time is read, page by page. Pure.
 *
 * A window is [from, to] in ms, both ends inside. While it is read neither end moves. A window that holds more rows than the
 * API pages through is halved before anything of it is taken. When rows leave it meanwhile (they were modified), later ones
 * move up past the offset: then it is read again, and only what was not seen is new.
 *
 * An open window has no upper end in the request: to_ms is only where the next one begins. Nothing leaves it but what is
 * deleted, and it is never halved.
 */
#pragma once

#include "lib/heap.h"

#define WINDOW_PAGE 100      /* rows the API gives at most */
#define WINDOW_ROWS_MAX 9999 /* total_count tells no more than this, and offsets end about there */
#define WINDOW_PASSES 5      /* readings of a window that does not keep still */
#define WINDOW_PAGES_MAX 10000 /* of one pass; more is a server without an end */
#define WINDOW_REPEATS 3 /* pages of an open window that begin with the row of the one before */

struct window {
    int64_t from_ms;
    int64_t to_ms;
    int64_t span_ms;     /* how long the next one may be */
    int64_t offset;      /* rows taken in this pass */
    int64_t total;       /* of the pass's first page; -1: not known */
    uint64_t first_mark; /* of the last page's first row */
    unsigned pages;      /* of this pass */
    unsigned repeats;
    unsigned passes;
    bool has_no_end; /* an open window; set once */
    bool is_open;    /* being read */
    bool has_moved;  /* rows left it during this pass */
};

enum window_next {
    WINDOW_MORE,   /* another page */
    WINDOW_AGAIN,  /* smaller, or once more: from its first page */
    WINDOW_DONE,   /* read completely: the cursor may move to to_ms */
    WINDOW_ENDLESS /* too many pages, or always the same: from its first page, after a while */
};

/* What a page said of itself. */
struct window_page {
    int64_t rows;
    int64_t total;       /* -1: nothing */
    uint64_t first_mark; /* fingerprint of its first row; 0: there is none */
};

/* Opens the next window at from_ms; false: there is none yet, it would end before it begins. */
bool window_open(struct window *w, int64_t from_ms, int64_t until_ms);
/* Opens the window that is this millisecond alone. */
void window_open_at(struct window *w, int64_t ms);
/* Before a window's first rows are taken: true when it went on beyond until_ms and now ends there, or is not open any more. */
bool window_cut(struct window *w, int64_t until_ms);
/* Asked before a page's rows are taken: true when the window was halved and must be read anew. */
bool window_shrink(struct window *w, int64_t total);
/* A page was taken. */
enum window_next window_turn(struct window *w, const struct window_page *page);
