/* replay.c: see the header. */
#include "front/state/replay.h"

#include "base/clock.h"
#include "front/run/stream.h"
#include "front/signal.h"
#include "front/state/replay_file.h"
#include "io/crypto.h"
#include "pipeline/bind.h"
#include "pipeline/event.h"
#include "pipeline/letter.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define INDEX_ROOM 300
#define STEP_LETTERS 500
#define STEP_BYTES ((size_t)4 << 20)
#define ARENA_MAX ((size_t)256 << 20)
#define MESSAGE_MAX ((size_t)32 << 20)
#define KEPT_MAX ((size_t)512 << 20)

struct replay {
    struct agent *agent;
    struct replay_file file;
    struct arena *arena;
    struct scan scan;
    struct buf message;
    struct unit unit;            /* for documents of streams that are gone */
    struct batch *open;          /* documents on their way to an output; or NULL */
    struct agent_output *output; /* of the open batch */
    char index[INDEX_ROOM];
    struct buf kept; /* lines of this step that go back as they were */
    struct replay_sum sum;
};

static struct agent_stream *stream_find(struct agent *a, const char *id)
{
    struct agent_stream *s = agent_streams(a);

    while (s != NULL && strcmp(s->plan->id, id) != 0) {
        s = s->next;
    }
    return s;
}

/* An id of the content, for one that had none: a repeat of the step is known by it. */
static size_t id_make(const struct letter *l, char out[64])
{
    unsigned char digest[32];

    if (l->id.len > 0 && l->id.len <= EVENT_ID_MAX) {
        memcpy(out, l->id.ptr, l->id.len);
        return l->id.len;
    }
    crypto_sha256(l->document.ptr, l->document.len, digest);
    return crypto_base64(digest, 20, 1, out, 64);
}

/* The open batch goes on its way. */
static int documents_flush(struct replay *r, struct cxd_error *err)
{
    struct batch *b = r->open;
    size_t at;

    if (b == NULL) {
        return CXD_OK;
    }
    at = b->text.len;
    if (buf_add(&b->text, r->index, strlen(r->index)) != CXD_OK) {
        return cxd_error_set(err, CXD_NOMEM, "out of memory for documents");
    }
    while (!queue_credit(r->output->queue, 1000)) {
        if (signal_wait(0) == SIGNAL_STOP) {
            return cxd_error_set(err, CXD_STOPPED, "stopped");
        }
    }
    b->index = (struct cxd_bytes){b->text.ptr + at, b->text.len - at};
    batch_seal(b);
    r->open = NULL;
    queue_push(r->output->queue, b);
    return CXD_OK;
}

/* A batch for documents of this kind. */
static int documents_open(struct replay *r, struct agent_stream *stream, const char *index,
                          struct cxd_error *err)
{
    struct agent_output *output = stream != NULL ? stream->output : agent_outputs(r->agent);
    struct unit *unit = stream != NULL ? stream->unit : &r->unit;
    const char *name = stream != NULL ? stream->plan->pipeline : NULL;
    struct cxd_bytes pipeline = {name, name != NULL ? strlen(name) : 0};
    int s = CXD_OK;

    if (r->open != NULL &&
        (r->output != output || r->open->stream != unit || strcmp(r->index, index) != 0 ||
         r->open->text.len >= queue_batch_max(output->queue))) {
        s = documents_flush(r, err);
    }
    if (s != CXD_OK || r->open != NULL) {
        return s;
    }
    r->open = queue_batch(output->queue);
    if (r->open == NULL) {
        return cxd_error_set(err, CXD_NOMEM, "out of memory for documents");
    }
    r->output = output;
    (void)snprintf(r->index, sizeof r->index, "%s", index);
    r->open->track = NULL;
    r->open->stream = unit;
    r->open->pipeline = pipeline;
    r->open->opened_ms = clock_mono_ms();
    return CXD_OK;
}

/* A document goes straight to its output. */
static int document_send(struct replay *r, const struct letter *l, struct agent_stream *stream,
                         struct cxd_error *err)
{
    char index[INDEX_ROOM];
    char id[64];
    size_t id_len = id_make(l, id);
    size_t start;
    int s;

    letter_text(&l->data_stream, index, sizeof index);
    s = documents_open(r, stream, index, err);
    if (s != CXD_OK) {
        return s;
    }
    start = r->open->text.len;
    s = buf_add(&r->open->text, l->document.ptr, l->document.len);
    s = s != CXD_OK ? s : batch_add(r->open, start, (struct cxd_bytes){id, id_len});
    if (s != CXD_OK) {
        r->open->text.len = start;
        return cxd_error_set(err, s, "out of memory for documents");
    }
    return CXD_OK;
}

/* What the input had put into the event; the stream's own members are there already. */
static int fields_lay(struct replay *r, struct cxd_event *ev, struct cxd_bytes fields)
{
    struct cxd_node *root = event_root(ev);
    struct scan_fault fault;
    int s = scan_record(&r->scan, fields, r->arena, &fault);

    for (uint32_t i = 0; s == CXD_OK && i < r->scan.count; i++) {
        const struct cxd_field *f = &r->scan.fields[i];
        struct cxd_bytes key = {f->key, f->key_len};
        int is_time = key.len == 10 && memcmp(key.ptr, "@timestamp", 10) == 0;
        if (!is_time && node_find(ev, root, key) != NULL) {
            continue;
        }
        s = node_put(ev, root, key, f->value) != NULL ? CXD_OK : CXD_NOMEM;
    }
    return s;
}

/* A raw record goes through its stream's processors again. */
static int message_send(struct replay *r, const struct letter *l, struct agent_stream *stream,
                        struct cxd_error *err)
{
    struct cxd_self self = {.subject = "agent", .ops = &intake_self_ops, .owner = stream->intake};
    const struct cxd_host *host = bind_host();
    struct cxd_event *ev = NULL;
    int s;

    buf_clear(&r->message);
    s = letter_message(l, &r->message);
    if (s != CXD_OK) {
        return cxd_error_set(err, s, "the record in a letter cannot be read");
    }
    while (!queue_credit(stream->output->queue, 1000)) {
        if (signal_wait(0) == SIGNAL_STOP) {
            return cxd_error_set(err, CXD_STOPPED, "stopped");
        }
    }
    s = host->event_new(&self, &ev, err);
    if (s == CXD_OK) {
        event_set_message(ev, (struct cxd_bytes){r->message.ptr, r->message.len});
        if (l->fields.ptr != NULL) {
            (void)fields_lay(r, ev, (struct cxd_bytes){l->fields.ptr, l->fields.len});
        }
        s = host->emit(&self, ev, err);
    }
    return s;
}

static int letter_send(struct replay *r, struct cxd_bytes line, struct cxd_error *err)
{
    struct agent_stream *stream;
    struct letter l;
    char id[256];

    arena_reset(r->arena);
    if (letter_read(&r->scan, r->arena, line, &l) == CXD_OK) {
        letter_text(&l.stream, id, sizeof id);
        stream = stream_find(r->agent, id);
        if (l.document.ptr != NULL && l.data_stream.ptr != NULL) {
            return document_send(r, &l, stream, err);
        }
        if (stream != NULL) {
            return message_send(r, &l, stream, err);
        }
    }
    r->sum.kept++;
    return buf_add(&r->kept, line.ptr, line.len) == CXD_OK
               ? CXD_OK
               : cxd_error_set(err, CXD_NOMEM, "out of memory for a letter");
}

static void sum_make(struct replay *r)
{
    struct agent_tally t;

    agent_tally(r->agent, &t);
    r->sum.delivered = t.delivered + unit_counter_get(&r->unit, "events_delivered_total");
    r->sum.duplicates = t.duplicates + unit_counter_get(&r->unit, "events_duplicate_total");
    r->sum.refused = t.dead + unit_counter_get(&r->unit, "events_dead_lettered_total");
}

/* Letters that nobody can send go back; those that a step before a crash has put back already do not come twice. */
static int kept_put(struct replay *r, struct cxd_error *err)
{
    const char *at = r->kept.ptr;
    const char *end = at + r->kept.len;
    int s = CXD_OK;

    while (at < end && s == CXD_OK) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        size_t len = newline != NULL ? (size_t)(newline - at) + 1 : (size_t)(end - at);
        if (!r->file.is_resumed || !replay_file_has(dead_path(agent_dead(r->agent)), at, len)) {
            s = dead_put_line(agent_dead(r->agent), (struct cxd_bytes){at, len}, err);
        }
        at += len;
    }
    buf_clear(&r->kept);
    r->file.is_resumed = 0;
    return s;
}

/* Everything of this step is delivered, or a dead letter again. */
static int step_wait(struct replay *r, replay_progress_fn progress, struct cxd_error *err)
{
    int s = documents_flush(r, err);

    if (s != CXD_OK) {
        return s;
    }
    for (struct agent_stream *t = agent_streams(r->agent); t != NULL; t = t->next) {
        intake_flush(t->intake, 0);
    }
    while (!agent_is_settled(r->agent, 200)) {
        if (signal_wait(0) == SIGNAL_STOP) {
            return cxd_error_set(err, CXD_STOPPED, "stopped");
        }
        sum_make(r);
        progress(&r->sum);
    }
    sum_make(r);
    progress(&r->sum);
    s = kept_put(r, err);
    return s != CXD_OK ? s : replay_file_keep(&r->file, agent_registry(r->agent), err);
}

/* Some letters; *ret_end: there are no more. */
static int step_run(struct replay *r, int *ret_end, struct cxd_error *err)
{
    struct cxd_bytes line = {NULL, 0};
    size_t bytes = 0;
    int s = CXD_OK;

    for (unsigned n = 0; n < STEP_LETTERS && bytes < STEP_BYTES && s == CXD_OK; n++) {
        s = replay_file_next(&r->file, &line, err);
        if (s == CXD_OK) {
            s = letter_send(r, line, err);
            bytes += line.len;
        }
    }
    r->sum.letters = r->file.letters;
    r->sum.done = r->file.done;
    *ret_end = s == CXD_END;
    return s == CXD_END ? CXD_OK : s;
}

static int all_run(struct replay *r, replay_progress_fn progress, struct cxd_error *err)
{
    int is_end = 0;
    int s = replay_file_open(&r->file, r->agent, err);

    s = s != CXD_OK ? s : agent_start_outputs(r->agent, err);
    while (s == CXD_OK && !is_end) {
        s = step_run(r, &is_end, err);
        s = s != CXD_OK ? s : step_wait(r, progress, err);
        if (s == CXD_OK && signal_wait(0) == SIGNAL_STOP && !is_end) {
            s = cxd_error_set(err, CXD_STOPPED, "stopped");
        }
    }
    if (s == CXD_OK) {
        s = replay_file_remove(&r->file, agent_registry(r->agent), err);
    }
    return s;
}

static void replay_done(struct replay *r)
{
    replay_file_done(&r->file);
    batch_free(r->open);
    buf_done(&r->kept);
    scan_done(&r->scan);
    buf_done(&r->message);
    arena_free(r->arena);
    unit_done(&r->unit);
}

int replay_run(struct agent *a, replay_progress_fn progress, struct replay_sum *ret_sum,
               struct cxd_error *err)
{
    static atomic_int hurry; /* outlives this call: a late second signal may still set it */
    struct replay r = {.agent = a, .arena = arena_new(65536, ARENA_MAX)};
    struct cxd_error stop_err = CXD_ERROR_INIT;
    int s;
    int stopped;

    buf_init(&r.message, MESSAGE_MAX);
    buf_init(&r.kept, KEPT_MAX);
    unit_init(&r.unit, "earlier-policy", "agent");
    s = r.arena != NULL ? all_run(&r, progress, err)
                        : cxd_error_set(err, CXD_NOMEM, "out of memory");
    atomic_store(&hurry, 1); /* all of it is settled; or the rest comes with the next replay */
    stopped = agent_stop(a, &hurry, &stop_err);
    if (s == CXD_OK && stopped != CXD_OK) {
        s = stopped;
        if (err != NULL) {
            *err = stop_err;
        }
    }
    sum_make(&r);
    *ret_sum = r.sum;
    replay_done(&r);
    return s;
}
