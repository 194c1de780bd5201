/*
 * look.c: a look is the windows from the cursor (less the overlap) to what has settled, by the tenant's own clock, which each
 * reply tells. Thread: the instance's.
 */
#include "input.h"

#include "date.h"

int64_t look_now(const struct input *in)
{
    return in->heap.host->wall_ms(in->heap.self) + tenant_skew_ms(in->tenant);
}

static void look_begin(struct input *in)
{
    in->is_looking = true;
    if (in->cursor_ms >= 0) {
        in->position_ms = in->cursor_ms - in->config.overlap_ms;
    } else {
        in->is_new = true;
        in->cursor_ms = look_now(in) - in->config.initial_ms;
        in->cursor_ms = in->cursor_ms > 0 ? in->cursor_ms : 0;
        in->position_ms = in->cursor_ms;
    }
    in->position_ms = in->position_ms > 0 ? in->position_ms : 0;
}

bool look_window(struct input *in)
{
    int64_t until_ms;

    if (!in->is_looking) {
        look_begin(in);
    }
    until_ms = look_now(in) - in->config.settle_ms;
    if (until_ms <= in->cursor_ms && !tenant_has_told(in->tenant)) {
        window_open_at(&in->window,
                       in->cursor_ms); /* this clock is behind: what does the tenant's say? */
        return true;
    }
    if (until_ms <= in->cursor_ms || !window_open(&in->window, in->position_ms, until_ms)) {
        in->is_looking = false;
        return false;
    }
    return true;
}

int look_finish(struct input *in, struct cxd_error *err)
{
    if (in->window.to_ms == in->window.from_ms) { /* only to learn the time */
        look_begin(in);
        return 0;
    }
    in->position_ms = in->window.to_ms;
    if (in->cursor_ms < in->position_ms) {
        in->cursor_ms = in->position_ms;
    }
    in->is_new = false;
    seen_forget(&in->seen, in->cursor_ms - in->config.overlap_ms);
    return cursor_mark(in, err);
}

bool look_is_over(struct input *in)
{
    int64_t behind_ms = look_now(in) - in->config.settle_ms - in->position_ms;

    if (!in->window.is_open && behind_ms < in->config.interval_ms) {
        in->is_looking = false;
    }
    return !in->window.is_open && !in->is_looking;
}

/* A Date is whole seconds, rounded down: never later than the tenant's time. */
bool look_learn(struct input *in)
{
    int64_t date_ms;

    if (!date_parse(fetch_header(&in->fetch, "Date"), &date_ms)) {
        return false;
    }
    tenant_learn(in->tenant, date_ms - in->heap.host->wall_ms(in->heap.self));
    if (!window_cut(&in->window, date_ms + 1000 - in->config.settle_ms)) {
        return false;
    }
    if (in->is_new) { /* how far to look back was counted from the wrong time, too */
        in->cursor_ms = -1;
        in->window.is_open = false;
        look_begin(in);
    }
    return true;
}
