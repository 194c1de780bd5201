/* check_bed.c: see the header. */
#include "front/module/check_bed.h"

#include "io/doc.h"
#include "pipeline/bind.h"
#include "pipeline/event.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OUT_MAX ((size_t)64 << 20)

static const atomic_int never_stopping;
static long held;

static void *bed_alloc(struct cxd_self *self, size_t size)
{
    void *block = bind_host()->alloc(self, size);

    held += block != NULL;
    return block;
}

static void *bed_realloc(struct cxd_self *self, void *ptr, size_t size)
{
    void *block = bind_host()->realloc(self, ptr, size);

    held += block != NULL && ptr == NULL;
    return block;
}

static void bed_free(struct cxd_self *self, void *ptr)
{
    held -= ptr != NULL;
    bind_host()->free(self, ptr);
}

static struct cxd_builder *bed_doc_new(struct cxd_self *self)
{
    struct cxd_builder *b = bind_host()->doc_new(self);

    held += b != NULL;
    return b;
}

static void bed_doc_free(struct cxd_builder *b)
{
    held -= b != NULL;
    doc_free(b);
}

static int bed_regex_new(struct cxd_self *self, const char *pattern, struct cxd_regex **ret_regex,
                         struct cxd_error *err)
{
    int r = bind_host()->regex_new(self, pattern, ret_regex, err);

    held += r == CXD_OK;
    return r;
}

static void bed_regex_free(struct cxd_regex *re)
{
    held -= re != NULL;
    bind_host()->regex_free(re);
}

static void quiet_log(struct cxd_self *self, int level, const char *text, size_t len)
{
    (void)self;
    (void)level;
    (void)text;
    (void)len;
}

static void fault_set(struct check_bed *bed, const char *text)
{
    if (bed->fault[0] == '\0') {
        (void)snprintf(bed->fault, sizeof bed->fault, "%s", text);
    }
}

static int event_take(void *owner, struct cxd_event **ret_event, struct cxd_error *err)
{
    struct check_bed *bed = owner;

    (void)err;
    event_reset(bed->event);
    *ret_event = bed->event;
    return CXD_OK;
}

int check_bed_take(struct check_bed *bed)
{
    int r = event_render(bed->event, &bed->out);

    return r != CXD_OK ? r : buf_add_text(&bed->out, "\n");
}

static int event_emit(void *owner, struct cxd_event *ev, struct cxd_error *err)
{
    struct check_bed *bed = owner;
    struct cxd_value value = {.kind = CXD_KIND_STRING, .flags = CXD_VALUE_TEXT};
    struct cxd_bytes message;
    int r = CXD_OK;

    if (ev != bed->event) {
        fault_set(bed, "emit was given an event that event_new did not give");
        return cxd_error_set(err, CXD_BUG, "not an event of this instance");
    }
    bed->emitted++;
    message = event_message(ev);
    value.ptr = message.ptr;
    value.len = (uint32_t)message.len;
    if (message.ptr != NULL && node_put(ev, event_root(ev), CXD_LIT("message"), value) == NULL) {
        r = event_lack(ev);
    }
    r = r != CXD_OK ? r : check_bed_take(bed);
    return r == CXD_OK ? r : cxd_error_set(err, r, "no room for the event");
}

static int event_reject(void *owner, struct cxd_event *ev, const struct cxd_error *why)
{
    struct check_bed *bed = owner;

    if (ev != bed->event) {
        fault_set(bed, "reject was given an event that event_new did not give");
    }
    (void)fprintf(stderr, "rejected: %s\n", why != NULL ? why->text : "no reason given");
    bed->rejected++;
    return CXD_OK;
}

static int cursor_mark(void *owner, struct cxd_bytes cursor, struct cxd_error *err)
{
    struct check_bed *bed = owner;
    int r = doc_check(cursor, err);

    if (r != CXD_OK) {
        fault_set(bed, "mark was given a cursor that is no BSON document");
        return r;
    }
    bed->marks++;
    buf_clear(&bed->cursor);
    return buf_add(&bed->cursor, cursor.ptr, cursor.len);
}

static struct cxd_bytes cursor_get(void *owner)
{
    const struct check_bed *bed = owner;

    return (struct cxd_bytes){bed->cursor.ptr, bed->cursor.len};
}

static const struct self_ops bed_ops = {
    .event_new = event_take,
    .emit = event_emit,
    .reject = event_reject,
    .mark = cursor_mark,
    .cursor = cursor_get,
};

int check_bed_init(struct check_bed *bed, const char *name, int is_quiet)
{
    *bed = (struct check_bed){.host = *bind_host()};
    (void)snprintf(bed->subject, sizeof bed->subject, "check.%s", name);
    bed->self = (struct cxd_self){
        .subject = bed->subject, .stopping = &never_stopping, .ops = &bed_ops, .owner = bed};
    bed->host.alloc = bed_alloc;
    bed->host.realloc = bed_realloc;
    bed->host.free = bed_free;
    bed->host.doc_new = bed_doc_new;
    bed->host.doc_free = bed_doc_free;
    bed->host.regex_new = bed_regex_new;
    bed->host.regex_free = bed_regex_free;
    if (is_quiet) {
        bed->host.log = quiet_log;
    }
    held = 0;
    buf_init(&bed->out, OUT_MAX);
    buf_init(&bed->cursor, DOC_SIZE_MAX);
    return event_open(&(struct event_limits){0}, &bed->event);
}

int check_bed_load(struct check_bed *bed, struct cxd_bytes line, struct cxd_error *err)
{
    struct cxd_event *ev = bed->event;
    struct cxd_node holder = {
        .value = {.ptr = line.ptr, .len = (uint32_t)line.len, .kind = CXD_KIND_OBJECT}};
    const struct cxd_record *record;
    struct cxd_bytes message = line;
    int r;

    event_reset(ev);
    event_set_message(ev, line);
    r = event_record(ev, &record, err); /* so that expanding it below finds JSON */
    event_reset(ev);
    r = r != CXD_OK ? r : node_expand(ev, &holder);
    for (struct cxd_node *at = holder.first; at != NULL && r == CXD_OK; at = at->next) {
        struct cxd_bytes key = {at->key, at->key_len};
        if (node_put(ev, event_root(ev), key, at->value) == NULL) {
            r = cxd_error_set(err, CXD_NOMEM, "out of memory");
        }
        if (r == CXD_OK && key.len == 7 && memcmp(key.ptr, "message", 7) == 0 &&
            at->value.kind == CXD_KIND_STRING) {
            r = value_text(ev, &at->value, &message);
        }
    }
    event_set_message(ev, message);
    return r;
}

long check_bed_held(void)
{
    return held;
}

void check_bed_done(struct check_bed *bed)
{
    event_close(bed->event);
    buf_done(&bed->out);
    buf_done(&bed->cursor);
}
