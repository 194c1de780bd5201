/* outcome.c: see the header. */
#include "outcome.h"

#include <math.h>
#include <strings.h>

static const struct value *member(const struct dict *dict, const char *name)
{
    return dict_find_text(dict, name, strlen(name));
}

static const struct dict *map_member(const struct dict *dict, const char *name)
{
    const struct value *v = member(dict, name);

    return v != NULL && v->kind == VALUE_MAP ? v->dict : NULL;
}

bool outcome_is_spent(struct value key)
{
    static const char *const names[] = {"events", "cursor", "rate_limit", "header", "status_code"};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (value_text_is(key, names[i])) {
            return true;
        }
    }
    return false;
}

bool outcome_number(const struct dict *dict, const char *name, double *ret)
{
    const struct value *v = member(dict, name);

    if (v == NULL) {
        return false;
    }
    if (v->kind == VALUE_DOUBLE) {
        *ret = v->d;
        return !isnan(v->d);
    }
    if (v->kind == VALUE_INT || v->kind == VALUE_UINT) {
        *ret = v->kind == VALUE_INT ? (double)v->i : (double)v->u;
        return true;
    }
    *ret = HUGE_VAL;
    return v->kind == VALUE_STRING &&
           (value_text_is(*v, "inf") || value_text_is(*v, "+Inf") || value_text_is(*v, "Inf"));
}

struct cxd_bytes outcome_header(const struct dict *header, const char *name)
{
    for (uint32_t i = 0; header != NULL && i < header->count; i++) {
        struct value key = header->entries[i].key;
        struct value v = header->entries[i].value;

        if (key.kind == VALUE_STRING && key.len == strlen(name) &&
            strncasecmp(key.text, name, key.len) == 0) {
            v = v.kind == VALUE_LIST && v.len > 0 ? v.items[0] : v;
            return value_range(v);
        }
    }
    return (struct cxd_bytes){NULL, 0};
}

/* A single object is an event of its own, unless it tells of an error: that is no document. */
static void single_read(struct outcome *out, const struct value *events)
{
    const struct value *error = member(events->dict, "error");

    if (error != NULL) {
        out->failure = error->kind == VALUE_MAP ? error->dict : events->dict;
        return;
    }
    out->events = events;
    out->event_count = 1;
}

static int events_read(struct outcome *out, struct cxd_error *err)
{
    const struct value *events = member(out->result, "events");

    if (events == NULL) {
        return cxd_error_set(err, CXD_MALFORMED, "the program's result has no events");
    }
    if (events->kind == VALUE_LIST) {
        out->events = events->items;
        out->event_count = events->len;
        for (uint32_t i = 0; i < events->len; i++) {
            if (events->items[i].kind != VALUE_MAP) {
                out->complaint = "an event is no object";
            }
        }
        return 0;
    }
    if (events->kind == VALUE_MAP) {
        single_read(out, events);
        return 0;
    }
    return events->kind == VALUE_NULL
               ? 0
               : cxd_error_set(err, CXD_MALFORMED, "events is neither a list nor an object");
}

static void cursors_read(struct outcome *out)
{
    const struct value *cursor = member(out->result, "cursor");

    if (cursor == NULL || cursor->kind == VALUE_NULL || out->failure != NULL) {
        return;
    }
    if (cursor->kind != VALUE_LIST) {
        out->cursor_kind = OUTCOME_ONE_CURSOR;
        out->cursors = cursor;
    } else if (cursor->len != out->event_count) {
        out->complaint = "there are not as many cursors as events";
    } else if (cursor->len > 0) {
        out->cursor_kind = OUTCOME_CURSOR_EACH;
        out->cursors = cursor->items;
    }
}

int outcome_read(struct value v, struct outcome *ret, struct cxd_error *err)
{
    const struct value *more;
    double code = 0;
    int status;

    if (v.kind == VALUE_OPTIONAL && v.inner != NULL) {
        v = *v.inner;
    }
    if (v.kind != VALUE_MAP) {
        return cxd_error_set(err, CXD_MALFORMED, "the program's result is no object");
    }
    *ret = (struct outcome){.result = v.dict};
    status = events_read(ret, err);
    if (status < 0) {
        return status;
    }
    cursors_read(ret);
    more = member(v.dict, "want_more");
    ret->wants_more = more != NULL && more->kind == VALUE_BOOL && more->truth;
    ret->rate_limit = map_member(v.dict, "rate_limit");
    ret->header = map_member(v.dict, "header");
    ret->status_code = outcome_number(v.dict, "status_code", &code) ? (int64_t)code : 0;
    return 0;
}
