/*
 * publish.c: events, handed over one by one, and the cursors that are true behind them. What a program puts into `message` is
 * the record; the other members of an event stand beside it in the document. Thread: the instance's.
 */
#include "stream.h"

#include "lib/json_text.h"

/* Copies into the event's memory; NULL: none left. */
static char *own_text(struct stream *s, struct cxd_event *ev, struct cxd_bytes text)
{
    char *own = s->heap.host->event_alloc(ev, text.len > 0 ? text.len : 1);

    if (own != NULL && text.len > 0) {
        memcpy(own, text.ptr, text.len);
    }
    return own;
}

/* A name as it stands between the quotes of JSON. */
static bool own_key(struct stream *s, struct cxd_event *ev, struct value key, struct cxd_bytes *ret)
{
    size_t room = (size_t)key.len * 6 + 2;
    char *own = s->heap.host->event_alloc(ev, room);
    size_t len = own != NULL ? s->heap.host->json_quote(value_range(key), own, room) : 0;

    *ret = (struct cxd_bytes){own != NULL ? own + 1 : NULL, len >= 2 ? len - 2 : 0};
    return len >= 2;
}

static uint8_t kind_of(char first)
{
    return first == '{'   ? CXD_KIND_OBJECT
           : first == '[' ? CXD_KIND_LIST
           : first == 't' ? CXD_KIND_TRUE
           : first == 'f' ? CXD_KIND_FALSE
           : first == 'n' ? CXD_KIND_NULL
                          : CXD_KIND_NUMBER;
}

/* A member's value as a node's. False: no memory. */
static bool own_value(struct stream *s, struct run *run, struct cxd_event *ev, struct value v,
                      struct cxd_value *ret)
{
    struct sink sink = sink_on(run->pool);
    struct value problem;
    char *own;

    if (v.kind == VALUE_STRING) {
        *ret = (struct cxd_value){
            .ptr = v.text, .len = v.len, .kind = CXD_KIND_STRING, .flags = CXD_VALUE_TEXT};
        return true; /* the pool holds it until emit is through */
    }
    if (!json_text_put(run, &sink, v, &problem) || sink.failed || sink.len == 0 ||
        sink.len > UINT32_MAX) {
        return false;
    }
    own = own_text(s, ev, (struct cxd_bytes){sink.text, sink.len});
    *ret = (struct cxd_value){
        .ptr = own, .len = (uint32_t)sink.len, .kind = kind_of(own != NULL ? own[0] : 'n')};
    if (own != NULL && own[0] == '"') { /* bytes, times: already JSON */
        ret->kind = CXD_KIND_STRING;
        ret->ptr = own + 1;
        ret->len -= 2;
        ret->flags = memchr(own + 1, '\\', sink.len - 2) != NULL ? CXD_VALUE_ESCAPED : 0;
    } else if (ret->kind == CXD_KIND_OBJECT || ret->kind == CXD_KIND_LIST) {
        ret->flags = CXD_VALUE_DIRTY; /* it may hold something empty */
    }
    return own != NULL;
}

static bool members_put(struct stream *s, struct run *run, struct cxd_event *ev,
                        const struct dict *event)
{
    struct cxd_node *root = s->heap.host->event_root(ev);

    for (uint32_t i = 0; i < event->count; i++) {
        const struct dict_entry *e = &event->entries[i];
        struct cxd_value v;
        struct cxd_bytes key;

        if (e->key.kind != VALUE_STRING || value_text_is(e->key, "message") ||
            value_text_is(e->key, "@timestamp")) {
            continue;
        }
        if (root == NULL || !own_key(s, ev, e->key, &key) || !own_value(s, run, ev, e->value, &v) ||
            s->heap.host->node_put(ev, root, key, v) == NULL) {
            return false;
        }
    }
    return true;
}

/* The record: message, or all of the event as JSON. */
static bool record_of(struct run *run, const struct dict *event, struct cxd_bytes *ret)
{
    const struct value *message = dict_find_text(event, "message", 7);
    struct sink sink = sink_on(run->pool);
    struct value problem;

    if (message != NULL && message->kind == VALUE_STRING) {
        *ret = value_range(*message);
        return true;
    }
    if (!json_text_put(run, &sink, message != NULL ? *message : value_map(event), &problem) ||
        sink.failed) {
        return false;
    }
    *ret = (struct cxd_bytes){sink.text, sink.len};
    return true;
}

static int event_publish(struct stream *s, struct run *run, const struct dict *event,
                         struct cxd_error *err)
{
    const struct cxd_host *host = s->heap.host;
    struct cxd_error why = CXD_ERROR_INIT;
    struct cxd_bytes record = {NULL, 0};
    struct cxd_event *ev;
    int status;

    if (!record_of(run, event, &record)) {
        return cxd_error_set(err, run->pool->status < 0 ? run->pool->status : CXD_MALFORMED,
                             "an event cannot be written as JSON");
    }
    status = host->event_new(s->heap.self, &ev, err);
    if (status < 0) {
        return status;
    }
    host->event_set_message(ev, record);
    if (dict_find_text(event, "message", 7) == NULL && CXD_HAS(host, event_hide_message) &&
        host->event_hide_message != NULL) {
        host->event_hide_message(ev); /* as in Filebeat: the event is its members */
    }
    if (!members_put(s, run, ev, event)) {
        status = CXD_HAS(host, event_lack) && host->event_lack != NULL ? host->event_lack(ev)
                                                                       : CXD_NOMEM;
        (void)cxd_error_set(&why, status, "event: no room for its fields");
        return host->reject(s->heap.self, ev, &why) < 0
                   ? cxd_error_set(err, CXD_NOMEM, "event: the dead letter could not be kept")
                   : 0;
    }
    return host->emit(s->heap.self, ev, err);
}

/* {version, cursor: JSON text}: exact, whatever the cursor holds. */
static int cursor_mark(struct stream *s, struct run *run, struct value cursor,
                       struct cxd_error *err)
{
    const struct cxd_host *host = s->heap.host;
    const struct cxd_scalar version = {.type = CXD_INT, .number = 1};
    struct cxd_scalar text = {.type = CXD_TEXT};
    struct sink sink = sink_on(run->pool);
    struct value problem;
    int status;

    if (!json_text_put(run, &sink, cursor, &problem)) {
        return cxd_error_set(err, CXD_MALFORMED, "the cursor cannot be kept: %s",
                             problem.fault->text);
    }
    sink_char(&sink, '\0');
    if (sink.failed) {
        return cxd_error_set(err, CXD_NOMEM, "cursor: out of memory");
    }
    text.bytes = (struct cxd_bytes){sink.text, sink.len - 1};
    host->doc_reset(s->builder);
    if (host->doc_put(s->builder, "version", &version) < 0 ||
        host->doc_put(s->builder, "cursor", &text) < 0) {
        return cxd_error_set(err, CXD_NOMEM, "cursor: out of memory");
    }
    status = host->mark(s->heap.self, host->doc_bytes(s->builder), err);
    if (status == 0) {
        text_clear(&s->cursor);
        text_add(&s->cursor, text.bytes.ptr, text.bytes.len);
        status = s->cursor.status;
    }
    return status;
}

static struct cxd_error failed_event(struct cxd_error err)
{
    (void)cxd_error_wrap(&err, "event left out");
    return err;
}

int publish_events(struct stream *s, struct run *run, const struct outcome *out,
                   struct cxd_error *err)
{
    int64_t published = 0;
    int status = 0;

    for (uint32_t i = 0; i < out->event_count && status == 0; i++) {
        if (out->events[i].kind == VALUE_MAP) {
            status = event_publish(s, run, out->events[i].dict, err);
            published += status == 0;
        }
        if (status == CXD_MALFORMED) { /* an event that is no JSON: the program's fault */
            struct cxd_error why = failed_event(*err);

            stream_trouble(s, why.text);
            status = 0;
        }
        if (status == 0 && out->cursor_kind == OUTCOME_CURSOR_EACH) {
            status = cursor_mark(s, run, out->cursors[i], err);
        }
    }
    if (status == 0 && out->cursor_kind == OUTCOME_ONE_CURSOR) {
        status = cursor_mark(s, run, out->cursors[0], err);
    }
    s->heap.host->count(s->heap.self, "events_published_total", published);
    s->heap.host->count(s->heap.self, "batches_published_total", published > 0);
    return status;
}

int publish_cursor_load(struct stream *s, struct cxd_error *err)
{
    const struct cxd_host *host = s->heap.host;
    struct cxd_bytes doc = host->cursor(s->heap.self);
    struct tree_fault fault;
    struct cxd_scalar value;

    if (doc.len == 0) {
        return 0;
    }
    value = host->doc_get(doc, "filebeat.0.cursor"); /* any value, as ours */
    if (value.type == CXD_TEXT && tree_check(value.bytes, NULL, &fault) == 0) {
        text_add(&s->cursor, value.bytes.ptr, value.bytes.len);
        return s->cursor.status == 0 ? 0 : cxd_error_set(err, CXD_NOMEM, "cursor: out of memory");
    }
    value = host->doc_get(doc, "version");
    if (value.type != CXD_INT || value.number != 1) {
        return cxd_error_set(err, CXD_UNSUPPORTED, "the stored cursor is of another version");
    }
    value = host->doc_get(doc, "cursor");
    if (value.type != CXD_TEXT || tree_check(value.bytes, NULL, &fault) < 0) {
        return cxd_error_set(err, CXD_CORRUPT, "the stored cursor is no JSON");
    }
    text_add(&s->cursor, value.bytes.ptr, value.bytes.len);
    return s->cursor.status == 0 ? 0 : cxd_error_set(err, CXD_NOMEM, "cursor: out of memory");
}
