/*
 * publish.c: rows to records: each once; an alert for each of its events. Thread: the instance's.
 */
#include "input.h"

#include <stdio.h>
#include <time.h>

#define RECORD_ID_BYTES 20u /* of the digest */
#define RECORD_ID_LEN 27u   /* of them in base64url */

/* {"created":"2024-01-31T12:00:00.000Z"} */
static void created_text(int64_t wall_ms, char out[48])
{
    time_t seconds = (time_t)(wall_ms / 1000);
    struct tm tm;

    memset(&tm, 0, sizeof tm);
    (void)gmtime_r(&seconds, &tm);
    (void)snprintf(out, 48, "{\"created\":\"%04d-%02d-%02dT%02d:%02d:%02d.%03dZ\"}",
                   (tm.tm_year + 1900) % 10000, (tm.tm_mon + 1) % 100, tm.tm_mday % 100,
                   tm.tm_hour % 100, tm.tm_min % 100, tm.tm_sec % 100, (int)(wall_ms % 1000));
}

static bool event_created(struct input *in, struct cxd_event *ev)
{
    const struct cxd_host *host = in->heap.host;
    struct cxd_node *root = host->event_root(ev);
    char text[48];
    char *own;

    created_text(host->wall_ms(in->heap.self), text);
    own = host->event_alloc(ev, strlen(text));
    if (own == NULL || root == NULL) {
        return false;
    }
    memcpy(own, text, strlen(text));
    return host->node_put(ev, root, CXD_LIT("event"),
                          (struct cxd_value){.ptr = own,
                                             .len = (uint32_t)strlen(text),
                                             .kind = CXD_KIND_OBJECT}) != NULL;
}

static int event_reject(struct input *in, struct cxd_event *ev, const struct cxd_error *why,
                        struct cxd_error *err)
{
    int status = in->heap.host->reject(in->heap.self, ev, why);

    return status < 0 ? cxd_error_set(err, status, "record: the dead letter could not be kept") : 0;
}

/* An id of the record's bytes: what comes again after a crash is known. A mapping that has an id of its own puts it in place. */
static void event_identify(struct input *in, struct cxd_event *ev)
{
    const struct cxd_host *host = in->heap.host;
    unsigned char digest[32];
    char id[RECORD_ID_LEN + 1];
    size_t len;

    host->sha256(in->message.ptr, in->message.len, digest);
    len = host->base64(digest, RECORD_ID_BYTES, 1, id, sizeof id);
    host->event_set_id(ev, (struct cxd_bytes){id, len});
}

/* One record; its text is in in->message. */
static int event_hand_over(struct input *in, struct cxd_error *err)
{
    const struct cxd_host *host = in->heap.host;
    struct cxd_error why = CXD_ERROR_INIT;
    const struct cxd_record *record;
    struct cxd_event *ev;
    int status = host->event_new(in->heap.self, &ev, err);

    if (status < 0) {
        return status;
    }
    host->event_set_message(ev, text_bytes(&in->message));
    event_identify(in, ev);
    if (!event_created(in, ev)) {
        (void)cxd_error_set(&why, CXD_NOMEM, "record: out of memory");
        return event_reject(in, ev, &why, err);
    }
    if (host->event_record(ev, &record, &why) < 0) {
        return event_reject(in, ev, &why, err);
    }
    return host->emit(in->heap.self, ev, err);
}

static int event_write(struct input *in, struct tree *row, struct cxd_error *err)
{
    text_clear(&in->message);
    tree_write(&in->nodes, &in->nodes, row, TREE_WRITE_PLAIN, &in->message);
    if (in->message.status != 0) {
        return cxd_error_set(err, in->message.status,
                             "record: out of memory, or larger than %zu bytes", in->message.max);
    }
    return event_hand_over(in, err);
}

/* The alert once for each of its events, with that event alone in it. */
static int row_split(struct input *in, struct tree *row, struct tree *events, struct cxd_error *err)
{
    int status = 0;

    for (struct tree *c = tree_first(&in->nodes, events); c != NULL && status == 0; c = c->next) {
        struct tree *copy = tree_copy(&in->nodes, row);
        struct tree *event = tree_copy(&in->nodes, c);

        if (copy == NULL || event == NULL ||
            !tree_put(&in->nodes, copy, CXD_LIT("events"), event)) {
            return cxd_error_set(err, CXD_NOMEM, "record: out of memory");
        }
        status = event_write(in, copy, err);
    }
    return status;
}

static int row_publish(struct input *in, struct tree *row, struct cxd_error *err)
{
    struct tree *events =
        in->config.profile->is_split ? tree_find(&in->nodes, row, CXD_LIT("events")) : NULL;

    if (events != NULL && events->kind == TREE_LIST && tree_count(&in->nodes, events) > 0) {
        return row_split(in, row, events, err);
    }
    return event_write(in, row, err);
}

/* One row: new, or known from this window, the edge of the one before, or the overlap. */
static int row_take(struct input *in, struct tree *row, uint64_t mark, int64_t *new_rows,
                    struct cxd_error *err)
{
    int64_t time_ms = 0;
    int status;

    if (seen_has(&in->seen, mark)) {
        return 0;
    }
    if (!rows_time(&in->nodes, in->config.profile, row, &time_ms)) {
        time_ms = in->window.from_ms; /* known as long as this window is read */
    }
    if (in->nodes.status != 0 || seen_reserve(&in->seen) < 0) {
        return cxd_error_set(err, CXD_NOMEM, "record: out of memory");
    }
    status = row_publish(in, row, err);
    if (status == 0) { /* there is room: what was handed over is never forgotten */
        (void)seen_add(&in->seen, mark, time_ms);
        *new_rows += 1;
    }
    return status;
}

/* Something in the list that is no object: kept as it is, and the rows around it go on. */
static int row_refuse(struct input *in, struct tree *row, struct cxd_error *err)
{
    struct cxd_error why = CXD_ERROR_INIT;
    struct cxd_event *ev;
    int status = in->heap.host->event_new(in->heap.self, &ev, err);

    if (status < 0) {
        return status;
    }
    (void)cxd_error_set(&why, CXD_MALFORMED,
                        "the reply's list \"%s\" holds something that is no object",
                        in->config.profile->list);
    in->heap.host->event_set_message(ev, row->text);
    return event_reject(in, ev, &why, err);
}

static int row_any(struct input *in, struct tree *row, uint64_t mark, int64_t *new_rows,
                   struct cxd_error *err)
{
    int status;

    if (row->kind == TREE_OBJECT) {
        return row_take(in, row, mark, new_rows, err);
    }
    if (seen_has(&in->seen, mark)) {
        return 0;
    }
    status = seen_reserve(&in->seen) < 0 ? cxd_error_set(err, CXD_NOMEM, "record: out of memory")
                                         : row_refuse(in, row, err);
    if (status == 0) {
        (void)seen_add(&in->seen, mark, in->window.from_ms);
    }
    return status;
}

int publish_rows(struct input *in, const struct rows *rows, uint64_t *ret_first,
                 struct cxd_error *err)
{
    unsigned char digest[32];
    int64_t new_rows = 0;
    int status = 0;

    *ret_first = 0;
    for (struct tree *c = rows->list->first; c != NULL && status == 0; c = c->next) {
        uint64_t mark;

        in->heap.host->sha256(c->text.ptr, c->text.len, digest);
        mark = seen_mark(digest);
        *ret_first = c == rows->list->first ? mark : *ret_first;
        status = row_any(in, c, mark, &new_rows, err);
    }
    in->heap.host->count(in->heap.self, "events_published_total", new_rows);
    if (in->nodes.status != 0 && status == 0) {
        status = cxd_error_set(err, CXD_NOMEM, "reply: out of memory");
    }
    return status;
}
