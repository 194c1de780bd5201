/*
 * poll.c: one poll: one page. What fails is left to the host's back-off; the window stays as it is and the same page is asked
 * for again, so nothing is lost and nothing comes twice. Thread: the instance's.
 */
#include "input.h"

#define POLL_WAIT_MS 1000u
#define POLL_HOLD_MS 1000 /* after "too many requests" without a Retry-After */

static int64_t now_ms(const struct input *in)
{
    return in->heap.host->mono_ms(in->heap.self);
}

/* A window from the cursor up to what has settled; false: not yet. */
static bool window_begin(struct input *in)
{
    int64_t wall = in->heap.host->wall_ms(in->heap.self);

    if (in->cursor_ms < 0) {
        in->cursor_ms = wall - in->config.initial_ms;
        in->cursor_ms = in->cursor_ms > 0 ? in->cursor_ms : 0;
    }
    if (!window_open(&in->window, in->cursor_ms, wall - in->config.settle_ms)) {
        return false;
    }
    seen_clear(&in->seen);
    seen_clear(&in->next_edge);
    return true;
}

/* The window is read: its end is the new cursor, with the rows that stand exactly there. */
static int window_finish(struct input *in, struct cxd_error *err)
{
    struct seen edge = in->edge;

    in->cursor_ms = in->window.to_ms;
    in->edge = in->next_edge;
    in->next_edge = edge;
    seen_clear(&in->next_edge);
    return cursor_mark(in, err);
}

static int request_start(struct input *in, struct cxd_error *err)
{
    struct query_headers headers;
    struct cxd_request request = {.size = sizeof request,
                                  .method = "POST",
                                  .url = in->config.url.ptr,
                                  .headers = headers.list,
                                  .parts = &in->part,
                                  .part_count = 1,
                                  .timeout_ms = (uint32_t)in->config.timeout_ms};
    int status;

    text_clear(&in->body);
    query_body(in->config.profile, &in->window, &in->body);
    status = in->body.status != 0 ? in->body.status
                                  : query_headers(&in->heap, &in->config.key,
                                                  in->heap.host->wall_ms(in->heap.self), &headers);
    if (status < 0) {
        return cxd_error_set(err, status, "request: out of memory");
    }
    in->part = text_bytes(&in->body);
    request.header_count = headers.count;
    in->heap.host->count(in->heap.self, "http_request_total", 1);
    status = fetch_start(&in->fetch, in->client, &request, err);
    heap_wipe(&headers, sizeof headers);
    return status;
}

static void recovered(struct input *in)
{
    if (in->ill) {
        in->ill = false;
        in->heap.host->health(in->heap.self, CXD_HEALTHY, NULL);
    }
}

/* A page of rows. CXD_POLL_MORE, or a negative status. */
static int page_take(struct input *in, struct cxd_error *err)
{
    struct rows rows = {NULL, 0, -1};
    int status = rows_read(&in->nodes, in->config.profile, text_bytes(&in->fetch.body), &rows, err);

    if (status < 0) {
        return status;
    }
    if (window_shrink(&in->window, rows.total)) {
        return CXD_POLL_MORE;
    }
    status = publish_rows(in, &rows, err);
    if (status < 0) {
        return status;
    }
    recovered(in);
    if (window_page(&in->window, rows.count, rows.total) == WINDOW_DONE) {
        status = window_finish(in, err);
    }
    return status < 0 ? status : CXD_POLL_MORE;
}

/* "Too many": all streams of the tenant wait. */
static void hold_back(struct input *in, struct cxd_error *err)
{
    int64_t wait =
        in->fetch.retry_after_ms > POLL_HOLD_MS ? in->fetch.retry_after_ms : POLL_HOLD_MS;

    err->retry_after_ms = wait;
    tenant_hold(in->tenant, now_ms(in) + wait);
}

static int reply_take(struct input *in, struct cxd_error *err)
{
    int http_status = in->fetch.http_status;
    int status;

    fetch_close(&in->fetch);
    region_clear(&in->nodes);
    if (http_status == 200) {
        status = page_take(in, err);
    } else {
        status = rows_refused(&in->nodes, http_status, text_bytes(&in->fetch.body), err);
        err->retry_after_ms = in->fetch.retry_after_ms;
    }
    if (status == CXD_THROTTLED) {
        hold_back(in, err);
    }
    region_clear(&in->nodes);
    text_done(&in->fetch.body); /* a page may be large, and the next look is minutes away */
    return status;
}

/* How the host is told of a failure. */
static int poll_failed(struct input *in, int status, struct cxd_error *err)
{
    bool is_final =
        status == CXD_AUTH || status == CXD_FORBIDDEN || status == CXD_CONFIG || status == CXD_TLS;

    in->ill = true;
    (void)cxd_error_wrap(err, "%s", in->config.profile->name);
    return is_final ? CXD_POLL_FAILED : CXD_POLL_RETRY;
}

/* Starts the next page, or says why not: CXD_POLL_IDLE, CXD_POLL_WAITING. 0: it is under way. */
static int page_begin(struct input *in, int64_t *wait_ms, struct cxd_error *err)
{
    int64_t now = now_ms(in);
    int status;

    if (!in->window.is_open) {
        if (now < in->next_ms || !window_begin(in)) {
            in->next_ms = in->next_ms > now ? in->next_ms : now + in->config.interval_ms;
            *wait_ms = in->next_ms - now;
            return CXD_POLL_IDLE;
        }
    }
    *wait_ms = tenant_take(in->tenant, in->config.per_second, now);
    if (*wait_ms > 0) {
        return CXD_POLL_WAITING;
    }
    status = request_start(in, err);
    return status < 0 ? status : 0;
}

/* After a window: the next one at once while there is a backlog, else at the next look. */
static void window_schedule(struct input *in)
{
    int64_t behind = in->heap.host->wall_ms(in->heap.self) - in->config.settle_ms - in->cursor_ms;

    if (!in->window.is_open && behind < in->config.interval_ms) {
        in->next_ms = now_ms(in) + in->config.interval_ms;
    }
}

int input_poll(void *instance, int64_t *wait_ms, struct cxd_error *err)
{
    struct input *in = instance;
    bool waited = false;
    int status;

    if (!fetch_is_running(&in->fetch)) {
        status = page_begin(in, wait_ms, err);
        if (status != 0) {
            return status < 0 ? poll_failed(in, status, err) : status;
        }
    }
    while ((status = fetch_step(&in->fetch, err)) == CXD_AGAIN) {
        if (waited || in->heap.host->is_stopping(in->heap.self) ||
            in->heap.host->http_wait(in->client, POLL_WAIT_MS) < 0) {
            return CXD_POLL_MORE;
        }
        waited = true;
    }
    status = status < 0 ? status : reply_take(in, err);
    if (status < 0) {
        return poll_failed(in, status, err);
    }
    window_schedule(in);
    return CXD_POLL_MORE;
}
