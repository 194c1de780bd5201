/*
 * step.c: one poll: one evaluation and what it came to. A period is evaluations until the program wants no more; what goes
 * wrong ends it, the state and its cursor stay, and the next period tries again. No document ever tells of a failure: health
 * and log do. Thread: the instance's.
 */
#include "stream.h"

#include "lang/moment.h"
#include "lib/globals.h"
#include "lib/json_text.h"
#include "note.h"

#include <stdio.h>

#define USER_AGENT "cortexd"
#define THROTTLED_MS 60000 /* a 429 that does not say how long */

static int64_t mono_ms(const struct stream *s)
{
    return s->heap.host->mono_ms(s->heap.self);
}

void stream_trouble(struct stream *s, char *text)
{
    mask_apply(&s->mask, text, strlen(text));
    note_line(&s->heap, CXD_LOG_WARN, "%s", text);
    text[strcspn(text, "\n")] = '\0'; /* the place in the program is for the log */
    s->heap.host->health(s->heap.self, CXD_DEGRADED, text);
    s->is_ill = true;
    s->is_troubled = true;
}

static void period_begin(struct stream *s, int64_t now)
{
    s->next_ms = now + s->settings.interval_ms;
    s->left = s->settings.max_executions;
    s->is_running = true;
    s->is_troubled = false;
}

static void period_end(struct stream *s)
{
    s->is_running = false;
    pool_done(&s->pool); /* the next one is a while away */
    text_done(&s->sender.fetch.body);
    s->heap.host->count(s->heap.self, "cel_periods_total", 1);
    if ((s->is_ill || s->sender.is_degraded) && !s->is_troubled) {
        s->is_ill = false;
        s->sender.is_degraded = false;
        s->heap.host->health(s->heap.self, CXD_HEALTHY, NULL);
    }
}

static void dump_write(struct stream *s, const char *why)
{
    struct text line;

    if (!logbook_is_on(&s->dump)) {
        return;
    }
    text_init(&line, &s->heap, 512u << 20);
    line.secret = true;
    text_put(&line, "{\"@timestamp_ms\":");
    text_number(&line, s->heap.host->wall_ms(s->heap.self));
    text_put(&line, ",\"error\":");
    tree_quote(bytes_of(why), TREE_WRITE_PLAIN, &line);
    text_put(&line, ",\"state\":");
    state_shown(s, &line);
    logbook_write(&s->dump, &line);
    text_done(&line);
}

static struct value environment(struct run *run, const struct settings *settings)
{
    struct dict *dict = dict_new(run->pool, settings->environment_count);

    for (size_t i = 0; dict != NULL && i < settings->environment_count; i++) {
        struct cxd_bytes name = settings->environment[i].name;
        struct cxd_bytes value = settings->environment[i].value;

        (void)dict_put(dict, value_string(name.ptr, name.len), value_string(value.ptr, value.len));
    }
    return dict != NULL ? value_map(dict) : run_out_of_memory(run);
}

/* The program's result, or an error. */
static struct value evaluate(struct stream *s, struct run *run, struct value globals[GLOBALS_COUNT])
{
    int64_t wall = s->heap.host->wall_ms(s->heap.self);
    struct value problem;

    pool_clear(&s->pool);
    *run = (struct run){.pool = &s->pool,
                        .services = &s->services,
                        .globals = globals,
                        .cost_left = INT64_MAX / 2,
                        .now = value_timestamp(wall / 1000, (uint32_t)(wall % 1000) * 1000000)};
    problem = globals_set(run, globals);
    globals[GLOBALS_STATE] = json_text_read_all(run, text_bytes(&s->state), 0);
    globals[GLOBALS_ENV] = environment(run, &s->settings);
    globals[GLOBALS_USERAGENT] = VALUE_TEXT(USER_AGENT);
    globals[GLOBALS_REMAINING] = value_int(s->left);
    if (value_is_error(problem) || value_is_error(globals[GLOBALS_STATE]) ||
        value_is_error(globals[GLOBALS_ENV])) {
        return value_is_error(problem)                  ? problem
               : value_is_error(globals[GLOBALS_STATE]) ? globals[GLOBALS_STATE]
                                                        : globals[GLOBALS_ENV];
    }
    s->heap.host->count(s->heap.self, "cel_executions", 1);
    return program_run(s->program, run, NULL);
}

static void evaluation_failed(struct stream *s, struct value error)
{
    char shown[440];
    char text[480];

    program_explain(s->program, error, shown, sizeof shown);
    (void)snprintf(text, sizeof text, "failed evaluation: %s", shown);
    stream_trouble(s, text);
    dump_write(s, text);
}

/* "401 Unauthorized: POST https://...: ...", from what there is of id, code, message. */
static void failure_told(struct stream *s, struct run *run, const struct dict *failure)
{
    const struct value *id = dict_find_text(failure, "id", 2);
    const struct value *code = dict_find_text(failure, "code", 4);
    const struct value *message = dict_find_text(failure, "message", 7);
    const struct value *head = id != NULL && id->kind == VALUE_STRING ? id : code;
    struct sink sink = sink_on(run->pool);
    struct value problem;
    char text[480];

    if (head != NULL && head->kind == VALUE_STRING) {
        sink_value(&sink, *head);
    }
    if (message != NULL && message->kind == VALUE_STRING) {
        sink_text(&sink, sink.len > 0 ? ": " : "");
        sink_value(&sink, *message);
    }
    if (sink.len == 0) {
        (void)json_text_put(run, &sink, value_map(failure), &problem); /* else it has no words */
    }
    for (size_t i = 0; i < sink.len; i++) {
        sink.text[i] = (unsigned char)sink.text[i] < ' ' ? ' ' : sink.text[i];
    }
    (void)snprintf(text, sizeof text, "the program reports an error: %.*s",
                   (int)(sink.len < 400 ? sink.len : 400), sink.len > 0 ? sink.text : "");
    stream_trouble(s, text);
}

/* Milliseconds from now until a timestamp, or RFC 3339 text. */
static int64_t wait_until(const struct stream *s, const struct value *at)
{
    int64_t seconds = 0;
    uint32_t ns = 0;
    bool known = at != NULL && at->kind == VALUE_TIMESTAMP;

    if (known) {
        seconds = at->i;
        ns = at->len;
    } else if (at != NULL && at->kind == VALUE_STRING) {
        known = moment_read(value_range(*at), &seconds, &ns);
    }
    return known ? seconds * 1000 + ns / 1000000 - s->heap.host->wall_ms(s->heap.self) : 0;
}

/* As rate.h has it: negative is no limit. */
static double rate_of(double per_second)
{
    return per_second < 1e15 ? per_second : -1;
}

/* {rate, burst, next, reset}: what the program read from the server's headers. */
static void rate_told(struct stream *s, const struct dict *limit)
{
    struct rate *rate = &s->sender.rate;
    double per_second = 0;
    double next = 0;
    double burst = 0;

    if (dict_find_text(limit, "error", 5) != NULL) {
        note_line(&s->heap, CXD_LOG_WARN, "rate_limit: the program could not read it: ignored");
        return;
    }
    if (!outcome_number(limit, "rate", &per_second)) {
        return;
    }
    (void)outcome_number(limit, "burst", &burst);
    (void)outcome_number(limit, "next", &next);
    if (per_second > 0) {
        rate_set(rate, rate_of(per_second), burst >= 1 && burst < 1e9 ? (int64_t)burst : 0,
                 mono_ms(s));
        return;
    }
    /* nothing is left: what comes next begins when the count begins anew */
    rate_hold(rate, wait_until(s, dict_find_text(limit, "reset", 5)),
              next > 0 ? rate_of(next) : s->settings.rate, mono_ms(s));
}

/* True: the evaluation is to be made again, later: the server said "too many requests". */
static bool code_told(struct stream *s, const struct outcome *out)
{
    struct cxd_bytes after = outcome_header(out->header, "Retry-After");
    char text[160];
    int64_t wait = -1;

    if (out->status_code == 0 || out->status_code == 200) {
        return false;
    }
    if (out->status_code != 429) {
        (void)snprintf(text, sizeof text, "failed http request with status %lld",
                       (long long)out->status_code);
        stream_trouble(s, text);
        return false;
    }
    if (after.len > 0 && after.len < 64) {
        (void)snprintf(text, sizeof text, "%.*s", (int)after.len, after.ptr);
        wait = s->heap.host->http_retry_after(s->heap.self, text);
    }
    wait = wait >= 0 ? wait : THROTTLED_MS;
    wait = wait < RATE_WAIT_MAX_MS ? wait : RATE_WAIT_MAX_MS;
    s->ready_ms = mono_ms(s) + wait;
    note_line(&s->heap, CXD_LOG_INFO, "too many requests: going on in %.1f s", (double)wait / 1000);
    return true;
}

static void state_log(struct stream *s)
{
    struct text line;

    if (!s->heap.host->is_logged(s->heap.self, CXD_LOG_DEBUG)) {
        return;
    }
    text_init(&line, &s->heap, 512u << 20);
    line.secret = true;
    text_put(&line, "state: ");
    state_shown(s, &line);
    if (line.status == 0) {
        s->heap.host->log(s->heap.self, CXD_LOG_DEBUG, line.ptr, line.len);
    }
    text_done(&line);
}

/* Whether the period goes on after a result. */
static bool goes_on(struct stream *s, const struct outcome *out)
{
    if (!out->wants_more || out->failure != NULL ||
        (out->event_count == 0 && !s->settings.more_when_empty)) {
        return false;
    }
    if (--s->left <= 0) {
        char text[] = "max_executions reached: going on at the next period, nothing is lost";

        stream_trouble(s, text);
        return false;
    }
    return true;
}

/* A result: 1 the period goes on, 0 it is over, negative: memory, or the host takes no more. */
static int result_take(struct stream *s, struct run *run, const struct outcome *out,
                       struct cxd_error *err)
{
    bool is_throttled;
    int status = 0;

    if (out->rate_limit != NULL) {
        rate_told(s, out->rate_limit);
    }
    is_throttled = code_told(s, out);
    if (out->complaint != NULL) {
        char text[120];

        (void)snprintf(text, sizeof text, "%s", out->complaint);
        stream_trouble(s, text);
    }
    if (out->failure != NULL) {
        failure_told(s, run, out->failure);
    }
    s->heap.host->count(s->heap.self, "events_received_total", out->event_count);
    if (out->status_code == 0 || out->status_code == 200) {
        status = publish_events(s, run, out, err);
    }
    status = status < 0 ? status : state_next(s, run, out, err);
    if (status < 0) {
        return status;
    }
    state_log(s);
    return is_throttled || goes_on(s, out);
}

/* As result_take; a program that fails is over for this period. */
static int period_step(struct stream *s, struct cxd_error *err)
{
    struct value globals[GLOBALS_COUNT];
    struct outcome out;
    struct run run;
    struct value v = evaluate(s, &run, globals);
    int status;

    if (s->sender.is_stopped) {
        return 1; /* half a result is none */
    }
    if (value_is_error(v)) {
        if (v.fault->status == CXD_NOMEM) {
            return cxd_error_set(err, CXD_NOMEM, "evaluation: out of memory");
        }
        evaluation_failed(s, v);
        return 0;
    }
    status = outcome_read(v, &out, err);
    status = status < 0 ? status : result_take(s, &run, &out, err);
    if (status == CXD_MALFORMED) {
        stream_trouble(s, err->text);
        return 0;
    }
    return status;
}

int stream_poll(void *instance, int64_t *wait_ms, struct cxd_error *err)
{
    struct stream *s = instance;
    int64_t now = mono_ms(s);
    int status;

    if (!s->is_running && now < s->next_ms) {
        *wait_ms = s->next_ms - now;
        return CXD_POLL_IDLE;
    }
    if (!s->is_running) {
        period_begin(s, now);
    }
    if (now < s->ready_ms) {
        *wait_ms = s->ready_ms - now;
        return CXD_POLL_WAITING;
    }
    status = period_step(s, err);
    now = mono_ms(s);
    if (status < 0) {
        period_end(s);
        s->is_ill = true;
        s->next_ms = 0; /* as soon as the host tries again */
        return CXD_POLL_RETRY;
    }
    if (status > 0) {
        *wait_ms = s->ready_ms - now;
        return now < s->ready_ms ? CXD_POLL_WAITING : CXD_POLL_MORE;
    }
    period_end(s);
    *wait_ms = s->next_ms > now ? s->next_ms - now : 0;
    return CXD_POLL_IDLE;
}
