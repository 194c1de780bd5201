/* window.c: see the header. Thread: any. */
#include "window.h"

#define WINDOW_SPAN_MAX INT64_C(86400000)
#define WINDOW_FEW 2500 /* rows: the next window may be longer */

/* To the first page of the window. */
static void window_rewind(struct window *w)
{
    w->offset = 0;
    w->total = -1;
    w->pages = 0;
    w->repeats = 0;
    w->first_mark = 0;
    w->has_moved = false;
}

void window_open_at(struct window *w, int64_t ms)
{
    w->span_ms = w->span_ms > 0 ? w->span_ms : WINDOW_SPAN_MAX;
    w->from_ms = ms;
    w->to_ms = ms;
    w->passes = 1;
    w->is_open = true;
    window_rewind(w);
}

bool window_open(struct window *w, int64_t from_ms, int64_t until_ms)
{
    if (until_ms <= from_ms) {
        return false;
    }
    window_open_at(w, from_ms);
    w->to_ms = until_ms - from_ms > w->span_ms && !w->has_no_end ? from_ms + w->span_ms : until_ms;
    return true;
}

bool window_cut(struct window *w, int64_t until_ms)
{
    if (w->offset > 0 || w->to_ms <= until_ms) {
        return false;
    }
    w->to_ms = until_ms;
    w->is_open = until_ms > w->from_ms;
    return true;
}

/* False: it is a millisecond already. */
static bool window_halve(struct window *w)
{
    int64_t span = w->to_ms - w->from_ms;

    if (w->has_no_end || span <= 1) {
        return false;
    }
    w->span_ms = span / 2;
    w->to_ms = w->from_ms + w->span_ms;
    window_rewind(w);
    return true;
}

bool window_shrink(struct window *w, int64_t total)
{
    return w->offset == 0 && total >= WINDOW_ROWS_MAX && window_halve(w);
}

static enum window_next window_end(struct window *w)
{
    if (w->has_moved && w->passes < WINDOW_PASSES) {
        w->passes++;
        window_rewind(w);
        return WINDOW_AGAIN;
    }
    w->is_open = false;
    if (w->total < WINDOW_FEW && w->span_ms < WINDOW_SPAN_MAX) {
        w->span_ms = w->span_ms < WINDOW_SPAN_MAX / 2 ? w->span_ms * 2 : WINDOW_SPAN_MAX;
    }
    return WINDOW_DONE;
}

/* Pages that begin with one and the same row, and pages without number. Into an open window rows may come by the hundred. */
static bool window_is_endless(struct window *w, const struct window_page *page)
{
    w->repeats = page->first_mark == w->first_mark ? w->repeats + 1 : 0;
    w->first_mark = page->first_mark;
    w->pages++;
    if (w->repeats < (w->has_no_end ? WINDOW_REPEATS : 1u) && w->pages < WINDOW_PAGES_MAX) {
        return false;
    }
    window_rewind(w);
    return true;
}

static void window_count(struct window *w, const struct window_page *page)
{
    if (w->offset == 0) {
        w->total = page->total;
    } else if (page->total >= 0 && w->total >= 0) {
        /* rows that come into an open window push others down, and none past the offset */
        w->has_moved |= w->has_no_end ? page->total < w->total : page->total != w->total;
    }
    w->offset += page->rows;
}

enum window_next window_turn(struct window *w, const struct window_page *page)
{
    window_count(w, page);
    if (page->rows == 0) {
        /* fewer than were foretold: some have left */
        w->has_moved |= w->total > w->offset && w->total < WINDOW_ROWS_MAX;
        return window_end(w);
    }
    if (window_is_endless(w, page)) {
        return WINDOW_ENDLESS;
    }
    if (page->total >= 0 && page->total < WINDOW_ROWS_MAX && w->offset >= page->total) {
        return window_end(w);
    }
    if (page->total < 0 && page->rows < WINDOW_PAGE) {
        return window_end(w);
    }
    if (page->total < 0 && w->offset >= WINDOW_ROWS_MAX && window_halve(w)) {
        return WINDOW_AGAIN;
    }
    return WINDOW_MORE;
}
