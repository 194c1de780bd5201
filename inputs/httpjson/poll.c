/*
 * poll.c: one poll: one page. The only wait is http_wait; every other is a time to be polled again. Thread: the instance's.
 */
#include "answer.h"

#include "note.h"

#define POLL_WAIT_MS 1000u

void input_trouble(struct input *in, int health, const struct cxd_error *err)
{
    if (in->trouble[0] == '\0' || health > in->trouble_health) {
        (void)snprintf(in->trouble, sizeof in->trouble, "%s",
                       err->text[0] != '\0' ? err->text : "failed");
        in->trouble_health = health;
    }
}

void input_degraded(struct input *in, const char *reason)
{
    in->ill = true;
    in->heap.host->health(in->heap.self, CXD_DEGRADED, reason);
}

/* The interval is over: how it went, and when the next one begins. */
static void interval_end(struct input *in)
{
    const struct cxd_host *host = in->heap.host;

    for (size_t i = 0; i < in->config.step_count; i++) {
        page_clear(&in->levels[i].page); /* memory for the time between */
        region_clear(&in->levels[i].nodes);
        region_clear(&in->levels[i].list_region);
    }
    page_clear(&in->first);
    in->context.last = (struct view){0};
    in->context.parent = (struct view){0};
    in->context.first = (struct view){0};
    context_enter(&in->context, &in->levels[0].nodes);
    host->count(in->heap.self, "httpjson_interval_total", 1);
    if (in->trouble[0] != '\0') {
        in->ill = true;
        host->count(in->heap.self, "httpjson_interval_errors_total", 1);
        host->health(in->heap.self, in->trouble_health, in->trouble);
        note_line(&in->heap, CXD_LOG_WARN, "%s; going on at the next interval, nothing is lost",
                  in->trouble);
    } else if (in->ill) {
        in->ill = false;
        host->health(in->heap.self, CXD_HEALTHY, NULL);
    }
}

/* Memory, or the host takes no more: from the cursor again. */
static int poll_abandon(struct input *in)
{
    fetch_close(&in->reply);
    in->trouble[0] = '\0';
    interval_end(in);
    in->phase = PHASE_REST;
    in->next_ms = 0;
    return CXD_POLL_RETRY;
}

static int poll_result(struct input *in, int64_t *wait_ms)
{
    int64_t now = in->heap.host->mono_ms(in->heap.self);

    if (in->phase == PHASE_REST) {
        interval_end(in);
        *wait_ms = in->next_ms > now ? in->next_ms - now : 0;
        return CXD_POLL_IDLE;
    }
    if (in->ready_ms > now) {
        *wait_ms = in->ready_ms - now;
        return CXD_POLL_WAITING;
    }
    return CXD_POLL_MORE;
}

/* 0: the request is under way. CXD_AGAIN: the token first. CXD_END: the interval is over. Else the failure. */
static int poll_ask(struct input *in, struct cxd_error *err)
{
    int status = auth_step(line_auth(in), err);

    if (status < 0) {
        return status;
    }
    status = ask_start(in, err);
    if (status == 0) {
        in->phase = PHASE_RUN;
    }
    return status;
}

/* The request could not be made. */
static int poll_unasked(struct input *in, int status, struct cxd_error *err)
{
    if (status == CXD_NOMEM || err->status == CXD_NOMEM) {
        return poll_abandon(in);
    }
    if (status == CXD_END) {
        in->phase = PHASE_REST;
        return 0;
    }
    if (status == CXD_CONNECT || status == CXD_TIMEOUT || status == CXD_IO ||
        status == CXD_SERVER || status == CXD_THROTTLED || status == CXD_PROTOCOL ||
        status == CXD_TRUNCATED) {
        answer_broken(in, err);
        return 0;
    }
    input_trouble(in, status == CXD_AUTH || status == CXD_CONFIG ? CXD_FAILED : CXD_DEGRADED, err);
    in->phase = PHASE_REST;
    return 0;
}

static int poll_run(struct input *in, struct cxd_error *err)
{
    int status = fetch_step(&in->reply, err);

    if (status == CXD_AGAIN) {
        return status;
    }
    if (status == CXD_NOMEM) {
        return status;
    }
    if (status < 0) {
        answer_broken(in, err);
        return 0;
    }
    return answer_take(in, err);
}

/* False: nothing moved and there is nothing to wait for any longer in this poll. */
static bool poll_wait(struct input *in, bool *waited)
{
    if (*waited || in->heap.host->is_stopping(in->heap.self)) {
        return false;
    }
    *waited = true;
    return in->heap.host->http_wait(
               in->phase == PHASE_RUN ? line_client(in) : line_auth(in)->client, POLL_WAIT_MS) == 0;
}

int input_poll(void *instance, int64_t *wait_ms, struct cxd_error *err)
{
    struct input *in = instance;
    int64_t now = in->heap.host->mono_ms(in->heap.self);
    bool waited = false;
    int status;

    if (in->phase == PHASE_REST && now < in->next_ms) {
        *wait_ms = in->next_ms - now;
        return CXD_POLL_IDLE;
    }
    if (in->phase == PHASE_REST) {
        in->next_ms = now + in->config.interval_ms;
        in->ready_ms = in->ready_ms > now ? in->ready_ms : 0;
        ask_begin(in);
    }
    if (in->ready_ms > now && in->phase == PHASE_ASK) {
        return poll_result(in, wait_ms);
    }
    for (;;) {
        bool is_ask = in->phase == PHASE_ASK;

        status = is_ask ? poll_ask(in, err) : poll_run(in, err);
        if (is_ask && status == 0) {
            continue;
        }
        if (status == CXD_AGAIN) {
            if (!poll_wait(in, &waited)) {
                return CXD_POLL_MORE;
            }
            continue;
        }
        if (is_ask && status < 0) {
            status = poll_unasked(in, status, err);
            return status != 0 ? status : poll_result(in, wait_ms);
        }
        return status < 0 ? poll_abandon(in) : poll_result(in, wait_ms);
    }
}
