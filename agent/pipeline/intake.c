/*
 * intake.c: see the header. Knows events and batches; no input, no output, no policy.
 */
#include "pipeline/intake.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/status.h"
#include "io/doc.h"
#include "pipeline/dead.h"
#include "pipeline/event.h"
#include "pipeline/index_name.h"
#include "pipeline/ingest.h"
#include "pipeline/shape.h"

#include <stdlib.h>
#include <string.h>

#define DEAD_RETRY_MS 1000

struct intake {
    struct intake_spec spec;
    struct intake_links links;
    struct chain chain;
    struct cxd_event *event;
    struct batch *open; /* NULL: none yet */
    struct buf scratch; /* a rejected event's fields */
    struct cxd_bytes cursor;
    struct event_stamp *stamp;         /* made with the first event */
    const struct cxd_node *stamp_last; /* the event's last member that is the stream's own */
    int64_t stamped_ms;
    char stamped[CLOCK_TEXT_SIZE];
    int64_t marks; /* made */
    int is_broken; /* something could not even be dead-lettered: no cursor may pass it */
};

int intake_open(const struct intake_spec *spec, const struct cxd_host *host,
                struct intake **ret_intake, struct cxd_error *err)
{
    const struct event_limits limits = {.message_max = spec->message_max};
    struct intake *in = calloc(1, sizeof *in);

    if (in == NULL || event_open(&limits, &in->event) != CXD_OK) {
        free(in);
        return cxd_error_set(err, CXD_NOMEM, "%s: out of memory", spec->stream);
    }
    in->spec = *spec;
    chain_init(&in->chain, host, spec->stopping);
    buf_init(&in->scratch, 64u << 20);
    *ret_intake = in;
    return CXD_OK;
}

void intake_link(struct intake *in, const struct intake_links *links)
{
    in->links = *links;
}

struct chain *intake_chain(struct intake *in)
{
    return &in->chain;
}

void intake_set_cursor(struct intake *in, struct cxd_bytes cursor)
{
    in->cursor = cursor;
}

static struct cxd_bytes intake_cursor(void *owner)
{
    return ((struct intake *)owner)->cursor;
}

static void intake_health(void *owner, int health, const char *reason)
{
    unit_health(((struct intake *)owner)->spec.unit, health, reason);
}

static void intake_count(void *owner, const char *name, int64_t delta)
{
    unit_count(((struct intake *)owner)->spec.unit, name, delta);
}

/* "@timestamp" of an event whose source gives none: when it was read. Formatted once a millisecond. */
static struct cxd_value timestamp_now(struct intake *in)
{
    int64_t now_ms = clock_wall_ms();

    if (now_ms != in->stamped_ms) {
        in->stamped_ms = now_ms;
        clock_format(now_ms, in->stamped);
    }
    return (struct cxd_value){
        .ptr = in->stamped, .len = CLOCK_TEXT_SIZE - 1, .kind = CXD_KIND_STRING};
}

/* What all events of the stream begin with: the time's place first, then the stream's fields. */
static int stamp_make(struct intake *in)
{
    struct cxd_node *root = event_root(in->event);
    int r =
        root != NULL && node_put(in->event, root, CXD_LIT("@timestamp"), timestamp_now(in)) != NULL
            ? CXD_OK
            : CXD_NOMEM;

    for (size_t i = 0; i < in->links.field_count && r == CXD_OK; i++) {
        const struct intake_field *f = &in->links.fields[i];
        struct cxd_node *node = node_put(in->event, root, f->key, f->value);
        r = node == NULL ? CXD_NOMEM : f->is_open ? node_expand(in->event, node) : CXD_OK;
    }
    if (r == CXD_OK && in->links.laid.len > 0) {
        r = shape_lay(in->event, in->links.laid);
    }
    r = r != CXD_OK ? r : event_stamp_make(in->event, &in->stamp);
    event_reset(in->event);
    return r;
}

static int intake_event_new(void *owner, struct cxd_event **ret_event, struct cxd_error *err)
{
    struct intake *in = owner;
    struct cxd_node *first;
    int r = CXD_OK;

    event_reset(in->event);
    if (in->stamp == NULL) {
        r = stamp_make(in);
    }
    r = r != CXD_OK ? r : event_stamp_put(in->event, in->stamp, &first);
    if (r != CXD_OK) {
        return cxd_error_set(err, r, "%s: no memory for an event", in->spec.stream);
    }
    first->value = timestamp_now(in);
    in->stamp_last = event_root(in->event)->last;
    *ret_event = in->event;
    return CXD_OK;
}

/* What is taken over, and only that: an event that comes again after a restart counts once. */
static void collected_count(struct intake *in, int64_t count)
{
    unit_count(in->spec.unit, "events_collected_total", count);
}

/* Puts a letter into the store, waiting while the store cannot take it: nothing is lost because a disk is full. */
static int letter_put(struct intake *in, const struct dead_letter *letter)
{
    struct cxd_error err = CXD_ERROR_INIT;

    while (dead_put(in->links.dead, letter, &err) != CXD_OK) {
        unit_health(in->spec.unit, CXD_DEGRADED, err.text);
        if (atomic_load(in->spec.stopping)) {
            in->is_broken = 1;
            return err.status;
        }
        queue_pause(in->spec.queue, DEAD_RETRY_MS);
    }
    return CXD_OK;
}

static int event_bury(struct intake *in, struct cxd_event *ev, const char *stage,
                      const struct cxd_error *why)
{
    struct dead_letter letter = {.stage = stage,
                                 .stream = in->spec.stream,
                                 .data_stream = in->spec.index,
                                 .id = event_id(ev),
                                 .status = why->status,
                                 .reason = {why->text, strlen(why->text)},
                                 .message = event_message(ev)};
    int r;

    buf_clear(&in->scratch);
    if (event_render(ev, &in->scratch) == CXD_OK) {
        letter.fields = (struct cxd_bytes){in->scratch.ptr, in->scratch.len};
    }
    r = letter_put(in, &letter);
    if (r == CXD_OK) {
        collected_count(in, 1);
        unit_count(in->spec.unit, "events_dead_lettered_total", 1);
    }
    return r;
}

static int batch_start(struct intake *in, struct cxd_error *err)
{
    struct batch *b;

    if (in->open != NULL) {
        return CXD_OK;
    }
    b = queue_batch(in->spec.queue);
    if (b == NULL) {
        return cxd_error_set(err, CXD_NOMEM, "%s: no memory for a batch", in->spec.stream);
    }
    b->index = in->spec.index;
    if (in->spec.dated != NULL) {
        b->index = (struct cxd_bytes){
            b->index_own, index_name_write(in->spec.dated, clock_wall_ms(), b->index_own)};
    }
    b->pipeline = in->spec.pipeline;
    b->track = in->links.track;
    b->stream = in->spec.unit;
    b->opened_ms = clock_mono_ms();
    in->open = b;
    return CXD_OK;
}

static void batch_hand_over(struct intake *in)
{
    struct batch *b = in->open;

    in->open = NULL;
    batch_seal(b);
    track_add(in->links.track, b);
    queue_push(in->spec.queue, b);
}

/* Writes the event into the open batch, behind what is there. */
static int event_store(struct intake *in, struct cxd_event *ev, struct cxd_error *err)
{
    int r = batch_start(in, err);
    size_t start;

    if (r != CXD_OK) {
        return r;
    }
    start = in->open->text.len;
    r = event_render(ev, &in->open->text);
    if (r == CXD_OK) {
        r = batch_add(in->open, start, event_id(ev));
    }
    if (r != CXD_OK) {
        in->open->text.len = start;
        return cxd_error_set(err, r, "%s: event cannot be written out", in->spec.stream);
    }
    if (in->open->text.len >= queue_batch_max(in->spec.queue)) {
        batch_hand_over(in);
    }
    return CXD_OK;
}

static int message_put(struct cxd_event *ev)
{
    struct cxd_bytes message = event_message(ev);
    struct cxd_value value = {.ptr = message.ptr,
                              .len = (uint32_t)message.len,
                              .kind = CXD_KIND_STRING,
                              .flags = CXD_VALUE_TEXT};

    return node_put(ev, event_root(ev), CXD_LIT("message"), value) != NULL ? CXD_OK : CXD_NOMEM;
}

static int document_begin(struct intake *in, struct cxd_event *ev)
{
    int r = in->spec.is_message_kept && !event_is_message_hidden(ev) ? message_put(ev) : CXD_OK;

    if (r == CXD_OK && in->spec.is_id_made) {
        ingest_id(ev);
    }
    return r == CXD_OK && in->spec.dataset.len > 0 ? ingest_dataset(ev, in->spec.dataset) : r;
}

static int intake_emit(void *owner, struct cxd_event *ev, struct cxd_error *err)
{
    struct intake *in = owner;
    struct cxd_error why = CXD_ERROR_INIT;
    int r = document_begin(in, ev);

    if (r == CXD_OK && in->spec.is_message_kept && !in->spec.is_null_kept) {
        r = shape_drop_nulls(ev, in->stamp_last);
        if (r != CXD_OK) {
            (void)cxd_error_set(&why, r, "nulls cannot be taken out: %s", status_text(r));
        }
    }
    if (r == CXD_OK) {
        r = chain_run(&in->chain, ev, &why);
    }
    if (r == CXD_DISCARD) {
        collected_count(in, 1);
        unit_count(in->spec.unit, "events_dropped_total", 1);
        return CXD_OK;
    }
    if (r == CXD_KEEP) {
        r = event_store(in, ev, &why);
    }
    if (r == CXD_NOMEM &&
        event_lack(ev) == CXD_TOO_LARGE) { /* this record's own limit, not the machine's */
        r = cxd_error_set(&why, CXD_TOO_LARGE, "the record needs more memory than one may take");
    }
    if (r < 0 && r != CXD_NOMEM) {
        return event_bury(in, ev, "processor", &why);
    }
    if (r == CXD_NOMEM) {
        in->is_broken =
            1; /* the input may try the record again only after a restart from the cursor before it */
        return cxd_error_set(err, r, "%s: out of memory, event not taken", in->spec.stream);
    }
    collected_count(in, 1);
    return CXD_OK;
}

static int intake_reject(void *owner, struct cxd_event *ev, const struct cxd_error *why)
{
    struct intake *in = owner;

    LOG(CXD_LOG_WARN, in->spec.unit->subject, "%s: dead-lettered: %s", in->spec.stream, why->text);
    return event_bury(in, ev, "input", why);
}

static int intake_mark(void *owner, struct cxd_bytes cursor, struct cxd_error *err)
{
    struct intake *in = owner;
    int r;

    if (in->is_broken) {
        return CXD_OK; /* the cursor stays before what could not be kept */
    }
    r = doc_check(cursor, err);
    if (r != CXD_OK) {
        (void)cxd_error_wrap(err, "%s: the cursor is no BSON document", in->spec.stream);
        return r;
    }
    r = batch_start(in, err);
    if (r == CXD_OK) {
        r = buf_reserve(&in->open->cursor, cursor.len);
    }
    if (r != CXD_OK) {
        return cxd_error_set(err, r, "%s: no room for a cursor of %zu bytes", in->spec.stream,
                             cursor.len);
    }
    buf_clear(&in->open->cursor);
    in->open->marks = ++in->marks;
    return buf_add(&in->open->cursor, cursor.ptr, cursor.len); /* there is room */
}

static int64_t intake_marks_true(void *owner, int64_t *ret_made)
{
    struct intake *in = owner;

    *ret_made = in->marks;
    return in->links.track != NULL ? track_marks(in->links.track) : -1;
}

void intake_flush(struct intake *in, int64_t max_age_ms)
{
    if (in->open == NULL || (in->open->count == 0 && in->open->cursor.len == 0)) {
        return;
    }
    if (max_age_ms <= 0 || clock_mono_ms() - in->open->opened_ms >= max_age_ms) {
        batch_hand_over(in);
    }
}

int intake_is_broken(const struct intake *in)
{
    return in->is_broken;
}

void intake_restart(struct intake *in)
{
    if (in->open != NULL) {
        collected_count(in, -(int64_t)in->open->count);
        batch_clear(in->open);
        in->open->opened_ms = clock_mono_ms();
    }
    in->is_broken = 0;
}

void intake_close(struct intake *in)
{
    if (in != NULL) {
        chain_done(&in->chain);
        event_stamp_free(in->stamp);
        event_close(in->event);
        batch_free(in->open);
        buf_done(&in->scratch);
        free(in);
    }
}

const struct self_ops intake_processor_ops = {.health = intake_health, .count = intake_count};

const struct self_ops intake_self_ops = {
    .event_new = intake_event_new,
    .emit = intake_emit,
    .reject = intake_reject,
    .mark = intake_mark,
    .cursor = intake_cursor,
    .marks_true = intake_marks_true,
    .health = intake_health,
    .count = intake_count,
};
