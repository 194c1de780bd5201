/* window.c: see the header. Thread: any. */
#include "window.h"

#define WINDOW_SPAN_MAX INT64_C(86400000)
#define WINDOW_FEW 2500 /* rows: the next window may be longer */

bool window_open(struct window *w, int64_t from_ms, int64_t until_ms)
{
    if (until_ms <= from_ms) {
        return false;
    }
    if (w->span_ms < 1) {
        w->span_ms = WINDOW_SPAN_MAX;
    }
    w->from_ms = from_ms;
    w->to_ms = until_ms - from_ms > w->span_ms ? from_ms + w->span_ms : until_ms;
    w->offset = 0;
    w->total = -1;
    w->passes = 1;
    w->has_moved = false;
    w->is_open = true;
    return true;
}

bool window_shrink(struct window *w, int64_t total)
{
    int64_t span = w->to_ms - w->from_ms;

    if (w->offset > 0 || total < WINDOW_ROWS_MAX || span <= 1) {
        return false;
    }
    w->span_ms = span / 2;
    w->to_ms = w->from_ms + w->span_ms;
    w->total = -1;
    return true;
}

static enum window_next window_end(struct window *w)
{
    if (w->has_moved && w->passes < WINDOW_PASSES) {
        w->passes++;
        w->offset = 0;
        w->total = -1;
        w->has_moved = false;
        return WINDOW_AGAIN;
    }
    w->is_open = false;
    if (w->total < WINDOW_FEW && w->span_ms < WINDOW_SPAN_MAX) {
        w->span_ms = w->span_ms < WINDOW_SPAN_MAX / 2 ? w->span_ms * 2 : WINDOW_SPAN_MAX;
    }
    return WINDOW_DONE;
}

enum window_next window_page(struct window *w, int64_t rows, int64_t total)
{
    if (w->offset == 0) {
        w->total = total;
    } else if (total >= 0 && w->total >= 0 && total != w->total) {
        w->has_moved = true;
    }
    w->offset += rows;
    if (rows == 0) {
        /* fewer than were foretold: some have left */
        w->has_moved |= w->total > w->offset && w->total < WINDOW_ROWS_MAX;
        return window_end(w);
    }
    if (total >= 0 && total < WINDOW_ROWS_MAX && w->offset >= total) {
        return window_end(w);
    }
    if (total < 0 && rows < WINDOW_PAGE) {
        return window_end(w);
    }
    return WINDOW_MORE;
}
