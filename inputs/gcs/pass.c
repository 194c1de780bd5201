/*
 * pass.c: one complete listing of a bucket, page by page, and what it finds to do.
 *
 * No object of the bucket is under way meanwhile: the cursor stands still while it is compared. Thread: the instance's.
 */
#include "input.h"

#include <inttypes.h>
#include <string.h>

#define PASS_REPLY_TIMEOUT_MS 300000u

void pass_begin(struct bucket *b)
{
    struct input *in = b->input;

    pending_clear(&b->pending);
    text_clear(&b->page_token);
    cursor_pass_begin(b->cursor);
    b->pass = (struct cursor_pass){.began_s = in->heap.host->wall_ms(in->heap.self) / 1000,
                                   .soft_max = CURSOR_DONE_SOFT,
                                   .settle_s = CURSOR_SETTLE_S};
    b->phase = BUCKET_LISTING;
}

static bool pass_start_page(struct bucket *b)
{
    struct input *in = b->input;
    struct cursor *c = b->cursor;
    struct url_list ask = {.bucket = bytes_of(b->config->name),
                           .prefix = bytes_of(b->config->prefix),
                           .page_token = text_bytes(&b->page_token),
                           .page_size = b->config->page_size};
    _cleanup_(text_done) struct text url;
    struct cxd_request request;
    struct cxd_header headers[4];
    struct cxd_error err = CXD_ERROR_INIT;
    int status;

    if (c->lookback_s > 0) {
        ask.start = text_bytes(&c->start);
    }
    text_init(&url, &in->heap, 65536);
    url_list(&url, text_bytes(&in->config.base), &ask);
    bucket_request(b, &request, headers);
    request.url = url.ptr;
    request.timeout_ms = PASS_REPLY_TIMEOUT_MS;
    b->list_token_version = in->auth.version;
    status = url.status != 0 ? cxd_error_set(&err, url.status, "list request: out of memory")
                             : fetch_start(&b->fetch, in->client, &request, &err);
    if (status < 0) {
        bucket_park(b, verdict_of_status(status), &err);
        return true;
    }
    in->running++;
    return true;
}

static bool pass_selects(const struct bucket *b, const struct object *object)
{
    const struct cxd_host *host = b->input->heap.host;
    const struct config_bucket *config = b->config;

    /* without a byte there is no record; "folders" of the console are such objects */
    if (object->size == 0) {
        return false;
    }
    if (config->timestamp_epoch > 0 && object->updated_ms >= 0 &&
        object->updated_ms / 1000 < config->timestamp_epoch) {
        return false;
    }
    for (size_t i = 0; i < config->selector_count; i++) {
        /* a match that hits its limit counts: rather one object too many than one lost */
        if (host->regex_match(config->selectors[i], object->name) != 0) {
            return true;
        }
    }
    return config->selector_count == 0;
}

static int pass_object(struct bucket *b, const struct object *object, int64_t wall_ms,
                       struct cxd_error *err)
{
    struct cursor_open *open = NULL;
    int class = cursor_classify(b->cursor, object, pass_selects(b, object), wall_ms, &open);

    if (class < 0) {
        return cxd_error_set(err, class, "bucket %s: listing: out of memory", b->config->name);
    }
    if (class == CURSOR_DONE || class == CURSOR_LATER) {
        return 0;
    }
    if (class == CURSOR_NEW &&
        (!b->pass.has_waiting || object->created_s < b->pass.waiting_oldest_s)) {
        b->pass.has_waiting = true;
        b->pass.waiting_oldest_s = object->created_s;
    }
    if (pending_offer(&b->pending, object, class == CURSOR_GO_ON ? open : NULL) < 0) {
        return cxd_error_set(err, CXD_NOMEM, "bucket %s: listing: out of memory", b->config->name);
    }
    return 0;
}

/* The last page was read. */
static int pass_end(struct bucket *b, struct cxd_error *err)
{
    struct input *in = b->input;
    int changed = cursor_pass_end(b->cursor, &b->pass);

    if (changed < 0) {
        return cxd_error_set(err, changed, "bucket %s: listing: out of memory", b->config->name);
    }
    in->dirty |= changed > 0;
    b->troubles = 0;
    b->phase = BUCKET_WORKING;
    pending_sort(&b->pending);
    if (b->cursor->done.count >= DONE_MAX) {
        pending_clear(&b->pending);
        b->pending.cut = true;
        return cxd_error_set(err, CXD_FULL,
                             "bucket %s: %zu objects were finished within the last hour; no new "
                             "one is begun until the cursor can forget some",
                             b->config->name, b->cursor->done.count);
    }
    input_recovered(in);
    return 0;
}

static int pass_read(struct bucket *b, const struct list_page *page, struct cxd_error *err)
{
    struct input *in = b->input;
    int64_t wall_ms = in->heap.host->wall_ms(in->heap.self);

    for (size_t i = 0; i < page->count; i++) {
        struct object object;
        int status = list_object(page, i, &object, err);

        status = status < 0 ? status : pass_object(b, &object, wall_ms, err);
        if (status < 0) {
            return status;
        }
    }
    input_count(in, "gcs_objects_listed_total", (int64_t)page->count);
    if (page->next_token.len == 0) {
        return pass_end(b, err);
    }
    if (page->next_token.len == b->page_token.len &&
        memcmp(page->next_token.ptr, b->page_token.ptr, b->page_token.len) == 0) {
        return cxd_error_set(err, CXD_PROTOCOL, "bucket %s: the listing repeats its page token",
                             b->config->name);
    }
    text_clear(&b->page_token);
    text_add(&b->page_token, page->next_token.ptr, page->next_token.len);
    return b->page_token.status == 0
               ? 0
               : cxd_error_set(err, b->page_token.status, "bucket %s: page token does not fit",
                               b->config->name);
}

/* A reply that is whole. */
static void pass_page(struct bucket *b)
{
    struct input *in = b->input;
    struct list_page page = {0};
    struct cxd_error err = CXD_ERROR_INIT;
    int status = list_parse(text_bytes(&b->fetch.body), &page, &err);

    auth_accepted(&in->auth);
    in->budget -= (int64_t)b->fetch.body.len + 1024;
    park_clear(&b->park);
    status = status < 0 ? status : pass_read(b, &page, &err);
    list_page_done(&page);
    text_done(&b->fetch.body); /* a page is large, and there may be none for a while */
    if (status == CXD_FULL) {
        bucket_park(b, VERDICT_OBJECT, &err);
    } else if (status == CXD_NOMEM) {
        pass_begin(b);
        input_halt(in, &err);
    } else if (status < 0) {
        pass_begin(b); /* half a page may have been taken in: from the start */
        bucket_park(b, VERDICT_OBJECT, &err);
    }
}

static void pass_refused(struct bucket *b)
{
    struct input *in = b->input;
    struct verdict_where where = {in->config.project_id, auth_account(&in->auth), b->config->name};
    struct cxd_error err = CXD_ERROR_INIT;
    char reason[64];
    enum verdict verdict;

    list_error_reason(text_bytes(&b->fetch.body), reason, sizeof reason);
    verdict = verdict_of_reply(VERDICT_ASK_LIST, b->fetch.http_status, reason);
    if (verdict == VERDICT_TOKEN && auth_refused(&in->auth, b->list_token_version)) {
        return; /* the same page again, with a new token */
    }
    if (verdict == VERDICT_REFUSED) {
        pass_begin(b); /* a page token that is too old gives 400 */
    }
    verdict_explain(verdict, &where, b->fetch.http_status, b->fetch.retry_after_ms, &err);
    bucket_park(b, verdict, &err);
}

bool pass_step(struct bucket *b, int64_t now_ms)
{
    struct input *in = b->input;
    struct cxd_error err = CXD_ERROR_INIT;
    int status;

    if (!fetch_is_running(&b->fetch)) {
        if (park_holds(&b->park, now_ms) || !auth_is_ready(&in->auth, now_ms)) {
            return false;
        }
        return pass_start_page(b);
    }
    status = fetch_step(&b->fetch, &err);
    if (status == CXD_AGAIN) {
        return false;
    }
    in->running--;
    if (status < 0) {
        (void)cxd_error_wrap(&err, "bucket %s: listing", b->config->name);
        bucket_park(b, verdict_of_status(status), &err);
    } else if (b->fetch.http_status != 200) {
        pass_refused(b);
    } else {
        pass_page(b);
    }
    return true;
}
