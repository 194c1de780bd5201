/*
 * answer.c: what a reply means: again, elsewhere, later, a page. Thread: the instance's.
 */
#include "answer.h"

#include "decode.h"
#include "jsonpath.h"
#include "note.h"

#define ANSWER_HEADERS_MAX 256    /* the agent takes no longer heads */
#define ANSWER_VALUES_MAX 100000u /* requests that one reply may lead to */
#define LOOP_SAME_MAX 3u          /* pages that are the same, events and all */

static int64_t now_ms(const struct input *in)
{
    return in->heap.host->mono_ms(in->heap.self);
}

/* The same request again, later: exponential between the two waits, half of it by chance; or what the server asked for. */
static bool answer_again(struct input *in, int64_t retry_after_ms)
{
    const struct config_retry *retry = &in->config.steps[in->depth].retry;
    int64_t wait = retry->wait_min_ms;
    uint32_t chance;

    if (in->attempts >= retry->max_attempts) {
        return false;
    }
    for (int64_t i = 1; i < in->attempts && wait < retry->wait_max_ms; i++) {
        wait *= 2;
    }
    wait = wait < retry->wait_max_ms ? wait : retry->wait_max_ms;
    in->heap.host->random(in->heap.self, &chance, sizeof chance);
    wait = wait / 2 + (int64_t)(chance % (uint64_t)(wait / 2 + 1));
    wait = retry_after_ms > wait ? retry_after_ms : wait;
    in->ready_ms = now_ms(in) + wait;
    in->phase = PHASE_ASK;
    return true;
}

static void answer_give_up(struct input *in, int health, const struct cxd_error *err)
{
    input_trouble(in, health, err);
    in->phase = PHASE_REST;
}

void answer_broken(struct input *in, const struct cxd_error *err)
{
    bool is_final = err->status == CXD_TLS || err->status == CXD_CONFIG ||
                    err->status == CXD_TOO_LARGE || err->status == CXD_UNSUPPORTED ||
                    err->status == CXD_AUTH || err->status == CXD_FORBIDDEN;
    struct cxd_error why = *err;

    in->attempts++;
    fetch_close(&in->reply);
    if (!is_final && answer_again(in, err->retry_after_ms)) {
        note_line(&in->heap, CXD_LOG_INFO, "%s; trying again", err->text);
        return;
    }
    if (!is_final) {
        (void)cxd_error_wrap(&why, "giving up after %lld attempts", (long long)in->attempts);
    }
    answer_give_up(in,
                   err->status == CXD_TOO_LARGE ? CXD_DEGRADED
                   : is_final                   ? CXD_FAILED
                                                : CXD_DEGRADED,
                   &why);
}

/* A status of 400 and up. */
static void answer_refused(struct input *in, int http_status)
{
    bool may_help =
        http_status == 429 || http_status == 408 || (http_status >= 500 && http_status != 501);
    struct cxd_error err = CXD_ERROR_INIT;

    if (in->config.steps[in->depth].is_while && http_status == 429) {
        may_help = false;
    }
    (void)cxd_error_set(&err, http_status == 429 ? CXD_THROTTLED : CXD_SERVER,
                        "the server answers %d%s", http_status,
                        http_status == 401   ? " (not authenticated)"
                        : http_status == 403 ? " (not allowed)"
                        : http_status == 429 ? " (too many requests)"
                                             : "");
    in->attempts++;
    if (http_status == 401 && auth_is_renewable(line_auth(in)) && !in->renewed) {
        in->renewed = true;
        auth_refused(line_auth(in));
        in->phase = PHASE_ASK;
        return;
    }
    if (may_help && answer_again(in, in->reply.retry_after_ms)) {
        note_line(&in->heap, CXD_LOG_INFO, "%s; trying again", err.text);
        if (http_status == 429) {
            input_degraded(in, err.text);
        }
        return;
    }
    if (may_help) {
        (void)cxd_error_wrap(&err, "giving up after %lld attempts", (long long)in->attempts);
    }
    answer_give_up(in, http_status == 401 || http_status == 403 ? CXD_FAILED : CXD_DEGRADED, &err);
}

/* Every field of the head, those of one name in the order sent. */
void answer_headers(struct input *in, struct page *page)
{
    const struct cxd_host *host = in->heap.host;
    struct region *r = &page->region;
    struct cxd_bytes name;
    struct cxd_bytes value;

    for (uint32_t i = 0; i < ANSWER_HEADERS_MAX && in->reply.transfer != NULL &&
                         host->http_header_at(in->reply.transfer, i, &name, &value) == 1;
         i++) {
        name = region_copy(r, name);
        (void)multi_add(r, &page->headers, name, region_copy(r, value));
    }
}

/* The reply as the level's page, decoded. */
static int page_make(struct input *in, struct level *level, struct cxd_error *err)
{
    const struct config_step *step = &in->config.steps[in->depth];
    struct page *page = &level->page;
    enum decode_type type = step->decode;

    region_clear(&level->nodes);
    page_clear(page);
    page->headers.is_header = true;
    answer_headers(in, page);
    page->url = region_copy(&page->region, text_bytes(&in->wire.url));
    page->number = in->pages;
    page->is_set = true;
    if (type == DECODE_BY_HEADER) {
        type = decode_type_of(fetch_header(&in->reply, "Content-Type"));
    }
    text_done(&page->body);
    page->body = in->reply.body;
    text_init(&in->reply.body, &in->heap, (size_t)in->config.max_body);
    if (page->region.status != 0) {
        return cxd_error_set(err, CXD_NOMEM, "reply: out of memory");
    }
    return decode_body(type, step->schema, &page->body, err);
}

static void loop_reply(struct input *in, const struct page *page)
{
    unsigned char now[32];
    struct cxd_error err = CXD_ERROR_INIT;

    in->heap.host->sha256(page->body.len > 0 ? page->body.ptr : "", page->body.len, now);
    in->loop.same_replies =
        in->loop.is_set && in->events > 0 && memcmp(now, in->loop.reply, sizeof now) == 0
            ? in->loop.same_replies + 1
            : 1;
    memcpy(in->loop.reply, now, sizeof now);
    in->loop.is_set = true;
    if (in->pages >= in->config.max_pages) {
        (void)cxd_error_set(
            &err, CXD_PROTOCOL,
            "endless pagination? %lld pages in one interval; going on from the cursor "
            "at the next",
            (long long)in->pages);
    } else if (in->loop.same_replies >= LOOP_SAME_MAX ||
               (in->loop.same_replies > 1 && in->loop.same_request)) {
        (void)cxd_error_set(&err, CXD_PROTOCOL,
                            "endless pagination: the same page comes again and again");
    }
    if (err.status != 0) {
        answer_give_up(in, CXD_DEGRADED, &err);
    }
}

/* The requests that follow from this page. */
static int answer_chain(struct input *in, struct level *level, struct cxd_error *err)
{
    const struct config_step *next = &in->config.steps[in->depth + 1];
    struct tree *body = context_body(&in->context, &in->context.last);
    struct tree *list = NULL;
    struct tree *own = NULL;
    int status;

    level->value = NULL;
    level->once = next->replace.len == 0;
    if (level->once || body == NULL) {
        return in->context.nodes->status;
    }
    status = jsonpath_values(in->context.nodes, body, next->replace, ANSWER_VALUES_MAX, &list, err);
    if (status < 0) {
        return status;
    }
    region_clear(&level->list_region);
    own = tree_clone(&level->list_region, list);
    if (own == NULL) {
        return cxd_error_set(err, CXD_NOMEM, "chain: out of memory");
    }
    level->value = own->first;
    return 0;
}

/* until of a while: true when the reply is what was waited for. */
static int answer_until(struct input *in, bool *ret_done, struct cxd_error *err)
{
    const struct config_step *step = &in->config.steps[in->depth];
    const struct config_value until = {.value = step->until};
    struct cxd_bytes value = {NULL, 0};
    int status;

    *ret_done = true;
    if (!step->is_while) {
        return 0;
    }
    status = context_value(&in->context, NULL, &until, &value, err);
    if (context_is_fatal(status)) {
        return status;
    }
    *ret_done = status == 0 && bytes_are(value, "true");
    return 0;
}

static int page_keep_first(struct input *in, const struct page *page, struct cxd_error *err)
{
    if (!in->config.save_first_response || in->first.is_set || in->depth > 0) {
        return 0;
    }
    text_add(&in->first.body, page->body.ptr, page->body.len);
    in->first.url = region_copy(&in->first.region, page->url);
    in->first.headers = page->headers;
    in->first.headers.first = NULL;
    for (const struct multi_entry *e = page->headers.first; e != NULL; e = e->next) {
        (void)multi_add(&in->first.region, &in->first.headers, e->name,
                        region_copy(&in->first.region, e->value));
    }
    in->first.is_set = true;
    return in->first.body.status == 0 && in->first.region.status == 0
               ? 0
               : cxd_error_set(err, CXD_NOMEM, "first_response: out of memory");
}

static int answer_page(struct input *in, struct level *level, struct cxd_error *err)
{
    struct context *c = &in->context;
    bool is_done;
    int status;

    c->last = (struct view){.page = &level->page};
    context_enter(c, &level->nodes);
    status = answer_until(in, &is_done, err);
    if (status < 0) {
        return status;
    }
    if (!is_done) {
        in->attempts++;
        if (!answer_again(in, -1)) {
            (void)cxd_error_set(err, CXD_TIMEOUT, "chain: until is not true after %lld attempts",
                                (long long)in->attempts);
            answer_give_up(in, CXD_DEGRADED, err);
        }
        return 0;
    }
    status = page_keep_first(in, &level->page, err);
    in->events = 0;
    if (status == 0) {
        status = in->depth + 1 < in->config.step_count ? answer_chain(in, level, err)
                                                       : publish_page(in, level, err);
    }
    if (status < 0) {
        return status;
    }
    in->pages += in->depth == 0;
    in->phase = PHASE_ASK;
    if (in->depth == 0) {
        loop_reply(in, &level->page);
    }
    if (in->phase == PHASE_ASK && !ask_next(in)) {
        in->phase = PHASE_REST;
    }
    return 0;
}

int answer_take(struct input *in, struct cxd_error *err)
{
    struct level *level = &in->levels[in->depth];
    int http_status = in->reply.http_status;
    struct cxd_error why = CXD_ERROR_INIT;
    int status;

    auth_hear(line_auth(in), fetch_header(&in->reply, "DPoP-Nonce"));
    tracer_reply(&in->tracer, http_status, text_bytes(&in->reply.body));
    if (redirect_follow(in, http_status)) {
        fetch_close(&in->reply);
        return 0;
    }
    if (rate_wait(in, http_status)) {
        fetch_close(&in->reply);
        in->phase = PHASE_ASK;
        return 0;
    }
    if (http_status >= 400 || http_status < 200) {
        answer_refused(in, http_status);
        fetch_close(&in->reply);
        return 0;
    }
    status = page_make(in, level, &why);
    fetch_close(&in->reply);
    status = status < 0 ? status : answer_page(in, level, &why);
    if (status < 0 && why.status == 0) {
        (void)cxd_error_set(&why, status, "reply: out of memory");
    }
    if (status == CXD_MALFORMED || status == CXD_TOO_DEEP || status == CXD_TRUNCATED ||
        status == CXD_TOO_LARGE || status == CXD_TIMEOUT || status == CXD_CONFIG ||
        status == CXD_NOT_FOUND) {
        answer_give_up(in, CXD_DEGRADED, &why);
        return 0;
    }
    if (status < 0) {
        *err = why;
    }
    return status;
}
