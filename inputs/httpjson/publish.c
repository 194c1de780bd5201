/*
 * publish.c: a page's events, handed over one by one, and the cursor that is true behind them. Thread: the instance's.
 */
#include "input.h"
#include "note.h"
#include "split.h"

#include <time.h>

/* "event": {"created": now} */
static bool event_created(struct input *in, struct cxd_event *ev)
{
    const struct cxd_host *host = in->heap.host;
    int64_t ms = host->wall_ms(in->heap.self);
    struct gotime now = gotime_utc(ms / 1000, ms % 1000 * 1000000);
    struct cxd_node *root = host->event_root(ev);
    struct text text;
    char *own;
    bool good = false;

    text_init(&text, &in->heap, 256);
    text_put(&text, "{\"created\":\"");
    gotime_format(&now, CXD_LIT("2006-01-02T15:04:05.000Z"), &text);
    text_put(&text, "\"}");
    own = text.status == 0 ? host->event_alloc(ev, text.len) : NULL;
    if (own != NULL && root != NULL) {
        struct cxd_value value = {.ptr = own, .len = (uint32_t)text.len, .kind = CXD_KIND_OBJECT};

        memcpy(own, text.ptr, text.len);
        good = host->node_put(ev, root, CXD_LIT("event"), value) != NULL;
    }
    text_done(&text);
    return good;
}

static int event_reject(struct input *in, struct cxd_event *ev, struct cxd_error *why,
                        struct cxd_error *err)
{
    int status = in->heap.host->reject(in->heap.self, ev, why);

    return status < 0 ? cxd_error_set(err, status, "event: the dead letter could not be kept") : 0;
}

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
    if (!event_created(in, ev)) {
        (void)cxd_error_set(&why, CXD_NOMEM, "event: out of memory");
        return event_reject(in, ev, &why, err);
    }
    if (host->event_record(ev, &record, &why) < 0) {
        return event_reject(in, ev, &why, err);
    }
    return host->emit(in->heap.self, ev, err);
}

/* The event becomes last_event by moving its text; what was there is overwritten by the next. */
static int event_remember(struct input *in, struct cxd_error *err)
{
    struct context *c = &in->context;
    struct text text = c->last_event;

    if (c->first_event.len == 0) {
        text_add(&c->first_event, in->message.ptr, in->message.len);
        c->first_event_tree = NULL;
        if (c->first_event.status != 0) {
            text_clear(&c->first_event); /* tried again with the next event */
            return cxd_error_set(err, CXD_NOMEM, "first_event: out of memory");
        }
    }
    c->last_event = in->message;
    in->message = text;
    c->last_event_tree = NULL;
    return 0;
}

static int event_emit(void *owner, struct tree *event, struct cxd_error *err)
{
    struct input *in = owner;
    int status;

    text_clear(&in->message);
    tree_write(in->context.nodes, &in->context.scratch, event, TREE_WRITE_PLAIN, &in->message);
    if (in->message.status != 0) {
        return cxd_error_set(err, in->message.status, "event: out of memory");
    }
    status = event_hand_over(in, err);
    return status < 0 ? status : event_remember(in, err);
}

/* One object of the reply: transforms, then split or emit. */
static int publish_object(struct input *in, const struct config_step *step, struct tree *object,
                          struct split_sink *sink, struct cxd_error *err)
{
    /* splitting changes nothing in the object itself */
    struct message message = {.body = step->response != NULL ? tree_copy(in->context.nodes, object)
                                                             : object};
    struct cxd_error why = CXD_ERROR_INIT;
    int status;

    if (message.body == NULL) {
        return cxd_error_set(err, CXD_NOMEM, "reply: out of memory");
    }
    status = transform_run(&in->context, step->response, &message, &why);
    if (status < 0) {
        *err = why;
        if (!context_is_fatal(status)) {
            input_trouble(in, CXD_DEGRADED, &why);
            return 0;
        }
        return status;
    }
    if (step->split != NULL) {
        return split_run(&in->context, step->split, message.body, sink, err);
    }
    status = event_emit(in, message.body, err);
    sink->count += status == 0;
    return status;
}

static int publish_body(struct input *in, const struct config_step *step, struct tree *body,
                        struct split_sink *sink, struct cxd_error *err)
{
    struct cxd_error why = CXD_ERROR_INIT;
    int status = 0;

    if (body->kind == TREE_OBJECT) {
        return publish_object(in, step, body, sink, err);
    }
    if (body->kind != TREE_LIST) {
        (void)cxd_error_set(&why, CXD_MALFORMED, "the reply is neither an object nor a list");
        input_trouble(in, CXD_DEGRADED, &why);
        return 0;
    }
    for (struct tree *c = tree_first(in->context.nodes, body); c != NULL && status == 0;
         c = c->next) {
        if (c->kind == TREE_OBJECT) {
            status = publish_object(in, step, c, sink, err);
        } else {
            (void)cxd_error_set(&why, CXD_MALFORMED,
                                "the reply's list holds something that is no object");
            input_trouble(in, CXD_DEGRADED, &why);
        }
    }
    return status;
}

/* One value of the cursor anew, or as it was. */
static int cursor_value(struct input *in, const struct config_cursor *cursor, struct tree *object,
                        struct cxd_error *err)
{
    struct context *c = &in->context;
    struct cxd_error why = CXD_ERROR_INIT;
    struct cxd_bytes value = {NULL, 0};
    struct tree *node;
    int status = context_value(c, NULL, &cursor->value, &value, &why);

    if (context_is_fatal(status)) {
        *err = why;
        return status;
    }
    if (status < 0) {
        note_line(&in->heap, CXD_LOG_DEBUG, "cursor.%.*s: %s", (int)cursor->name.len,
                  cursor->name.ptr, why.text);
        if (cursor->ignore_empty) {
            return 0;
        }
        value = CXD_LIT("");
    }
    node = tree_new_string(c->nodes, region_copy(c->nodes, value));
    return tree_put(c->nodes, object, cursor->name, node)
               ? 0
               : cxd_error_set(err, CXD_NOMEM, "cursor: out of memory");
}

static int cursor_update(struct input *in, struct cxd_error *err)
{
    struct context *c = &in->context;
    struct tree *object = tree_new(c->nodes, TREE_OBJECT);
    struct text text;
    int status = object == NULL ? cxd_error_set(err, CXD_NOMEM, "cursor: out of memory") : 0;

    if (status == 0 && c->cursor.len > 0) {
        object = tree_clone(c->nodes, tree_adopt(c->nodes, text_bytes(&c->cursor)));
    }
    for (const struct config_cursor *k = in->config.cursors;
         k != NULL && status == 0 && object != NULL; k = k->next) {
        status = cursor_value(in, k, object, err);
    }
    if (status < 0 || object == NULL) {
        return status < 0 ? status : cxd_error_set(err, CXD_NOMEM, "cursor: out of memory");
    }
    text_init(&text, &in->heap, c->cursor.max);
    tree_write(c->nodes, &c->scratch, object, TREE_WRITE_PLAIN, &text);
    if (text.status != 0) {
        text_done(&text);
        return cxd_error_set(err, text.status, "cursor: out of memory");
    }
    text_done(&c->cursor);
    c->cursor = text;
    c->cursor_tree = NULL;
    return 0;
}

static int cursor_mark(struct input *in, struct cxd_error *err)
{
    const struct cxd_host *host = in->heap.host;
    const struct cxd_scalar version = {.type = CXD_INT, .number = 1};
    struct region *nodes = in->context.nodes;
    struct tree *values = in->context.cursor.len > 0
                              ? tree_adopt(nodes, text_bytes(&in->context.cursor))
                              : tree_new(nodes, TREE_OBJECT);

    host->doc_reset(in->builder);
    if (values == NULL || host->doc_put(in->builder, "version", &version) < 0 ||
        host->doc_push(in->builder, "values", 0) < 0 || !optree_write(nodes, in->builder, values) ||
        host->doc_pop(in->builder) < 0) {
        return cxd_error_set(err, CXD_NOMEM, "cursor: out of memory");
    }
    return host->mark(in->heap.self, host->doc_bytes(in->builder), err);
}

/* Filebeat's: the values by their names, as ours. */
static int cursor_adopt(struct input *in, struct cxd_bytes json, struct cxd_error *err)
{
    struct tree_fault fault;

    if (tree_check(json, NULL, &fault) < 0 || json.ptr[strspn(json.ptr, " \t\r\n")] != '{') {
        return cxd_error_set(err, CXD_UNSUPPORTED, "the imported cursor is no JSON object");
    }
    text_add(&in->context.cursor, json.ptr, json.len);
    return in->context.cursor.status == 0 ? 0
                                          : cxd_error_set(err, CXD_NOMEM, "cursor: out of memory");
}

int cursor_load(struct input *in, struct cxd_error *err)
{
    const struct cxd_host *host = in->heap.host;
    struct cxd_bytes doc = host->cursor(in->heap.self);
    struct cxd_scalar values;
    struct region r;
    struct tree *tree;
    int status = 0;

    if (doc.len == 0) {
        return 0;
    }
    values = host->doc_get(doc, "filebeat.0.cursor");
    if (values.type == CXD_TEXT) {
        return cursor_adopt(in, values.bytes, err);
    }
    values = host->doc_get(doc, "version");
    if (values.type != CXD_INT || values.number != 1) {
        return cxd_error_set(err, CXD_UNSUPPORTED, "the stored cursor is of another version");
    }
    values = host->doc_get(doc, "values");
    if (values.type != CXD_DOCUMENT) {
        return cxd_error_set(err, CXD_CORRUPT, "the stored cursor has no values");
    }
    region_init(&r, &in->heap, 64u << 20);
    tree = optree_read(&r, values.bytes);
    if (tree != NULL) {
        tree_write(&r, &r, tree, TREE_WRITE_PLAIN, &in->context.cursor);
    }
    if (tree == NULL || in->context.cursor.status != 0) {
        status = cxd_error_set(err, CXD_NOMEM, "cursor: out of memory");
    }
    region_done(&r);
    return status;
}

int publish_page(struct input *in, struct level *level, struct cxd_error *err)
{
    const struct config_step *step = &in->config.steps[in->depth];
    struct split_sink sink = {.owner = in, .emit = event_emit};
    struct tree *body = context_body(&in->context, &in->context.last);
    int status = 0;

    in->events = 0;
    if (level->page.body.len == 0) {
        return 0;
    }
    status = body == NULL ? cxd_error_set(err, CXD_NOMEM, "reply: out of memory")
                          : publish_body(in, step, body, &sink, err);
    if (status < 0) {
        return status;
    }
    in->events = sink.count;
    in->heap.host->count(in->heap.self, "events_published_total", (int64_t)sink.count);
    in->heap.host->count(in->heap.self, "pages_published_total", 1);
    if (sink.troubles > 0) {
        struct cxd_error why = CXD_ERROR_INIT;

        (void)cxd_error_set(&why, CXD_MALFORMED, "%s", sink.trouble);
        input_trouble(in, CXD_DEGRADED, &why);
    }
    if (sink.count == 0) {
        return 0; /* no event, no new cursor */
    }
    status = cursor_update(in, err);
    return status < 0 ? status : cursor_mark(in, err);
}
