/*
 * poll.c: one poll: one page. What fails is left to the host's back-off; the window stays as it is and the same page is asked
 * for again, so nothing is lost and nothing comes twice. Thread: the instance's.
 */
#include "input.h"

#define POLL_WAIT_MS 1000u
#define POLL_SKEW_MS 5000
#define POLL_HOLD_MS 1000 /* after "too many requests" without a Retry-After */

static int64_t now_ms(const struct input *in)
{
    return in->heap.host->mono_ms(in->heap.self);
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
    status = in->body.status != 0
                 ? in->body.status
                 : query_headers(&in->heap, &in->config.key, look_now(in), &headers);
    if (status < 0) {
        return cxd_error_set(err, status, "request: out of memory");
    }
    in->part = text_bytes(&in->body);
    request.header_count = headers.count;
    in->asked_skew_ms = tenant_skew_ms(in->tenant);
    in->heap.host->count(in->heap.self, "http_request_total", 1);
    status = fetch_start(&in->fetch, in->client, &request, err);
    heap_wipe(&headers, sizeof headers);
    return status;
}

static void recovered(struct input *in)
{
    in->is_welcome = true;
    if (in->ill) {
        in->ill = false;
        in->heap.host->health(in->heap.self, CXD_HEALTHY, NULL);
    }
}

/* What follows a page: the same window again, the next page, or the new cursor. */
static int page_turn(struct input *in, const struct window_page *page, struct cxd_error *err)
{
    int64_t offset = in->window.offset;

    switch (window_turn(&in->window, page)) {
    case WINDOW_DONE:
        return look_finish(in, err);
    case WINDOW_ENDLESS:
        return cxd_error_set(err, CXD_PROTOCOL,
                             "the API does not page: search_from %lld gives the rows of the page "
                             "before, or there is no end; reading the window anew",
                             (long long)offset);
    default:
        return 0;
    }
}

/* A page of rows. CXD_POLL_MORE, or a negative status. */
static int page_take(struct input *in, struct cxd_error *err)
{
    struct rows rows = {NULL, 0, -1};
    struct window_page page = {0};
    int status = rows_read(&in->nodes, in->config.profile, text_bytes(&in->fetch.body), &rows, err);

    if (status < 0) {
        return status;
    }
    if (window_shrink(&in->window, rows.total)) {
        return CXD_POLL_MORE;
    }
    page.rows = rows.count;
    page.total = rows.total;
    status = publish_rows(in, &rows, &page.first_mark, err);
    status = status < 0 ? status : page_turn(in, &page, err);
    if (status < 0) {
        return status;
    }
    recovered(in);
    return CXD_POLL_MORE;
}

/* "Too many": all streams of the tenant wait. */
static void hold_back(struct input *in, struct cxd_error *err)
{
    int64_t wait =
        in->fetch.retry_after_ms > POLL_HOLD_MS ? in->fetch.retry_after_ms : POLL_HOLD_MS;

    err->retry_after_ms = wait;
    tenant_hold(in->heap.host, in->tenant, now_ms(in) + wait);
}

/*
 * Is an Advanced key that was refused worth another try? When its timestamp was far from the tenant's time, which is known now.
 * And once after it was good: a transfer that a kept connection lost is repeated by the HTTP library as it was, and a nonce is
 * good once.
 */
static bool may_be_stale(struct input *in, struct cxd_error *err)
{
    int64_t skew_ms = tenant_skew_ms(in->tenant);
    int64_t off_ms = skew_ms - in->asked_skew_ms;
    bool was_welcome = in->is_welcome;

    in->is_welcome = false;
    if (!in->config.key.is_advanced) {
        return false;
    }
    if (off_ms <= -POLL_SKEW_MS || off_ms >= POLL_SKEW_MS) {
        (void)cxd_error_wrap(err,
                             "the tenant's clock is %lld s ahead of this machine's; asking by it",
                             (long long)(skew_ms / 1000));
        return true;
    }
    return was_welcome;
}

static int reply_take(struct input *in, struct cxd_error *err)
{
    int http_status = in->fetch.http_status;
    bool is_cut = look_learn(in);
    int status = CXD_POLL_MORE;

    fetch_close(&in->fetch);
    region_clear(&in->nodes);
    if (http_status != 200) {
        status = rows_refused(&in->nodes, http_status, text_bytes(&in->fetch.body), err);
        err->retry_after_ms = in->fetch.retry_after_ms;
    } else if (!is_cut) {
        status = page_take(in, err);
    }
    if (status == CXD_AUTH && may_be_stale(in, err)) {
        status = CXD_SERVER;
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
        if (now < in->next_ms || !look_window(in)) {
            in->next_ms = in->next_ms > now ? in->next_ms : now + in->config.interval_ms;
            *wait_ms = in->next_ms - now;
            return CXD_POLL_IDLE;
        }
    }
    *wait_ms = tenant_take(in->heap.host, in->tenant, in->config.per_second, now);
    if (*wait_ms < 0) {
        return cxd_error_set(err, (int)*wait_ms, "more tenants than the agent can pace");
    }
    if (*wait_ms > 0) {
        return CXD_POLL_WAITING;
    }
    status = request_start(in, err);
    return status < 0 ? status : 0;
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
    if (look_is_over(in)) {
        in->next_ms = now_ms(in) + in->config.interval_ms;
    }
    return CXD_POLL_MORE;
}
