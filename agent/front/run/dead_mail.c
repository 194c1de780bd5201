/* dead_mail.c: see the header. Runs within dead_sync: the keeper's thread, a spooler's, control's at the end; one at a time. */
#include "front/run/dead_mail.h"

#include "base/backoff.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "front/run/templates.h"
#include "io/crypto.h"
#include "pipeline/letter.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SUBJECT "agent.dead_letter"
#define DOCUMENT_MAX (512u << 20)
#define DOCS_MAX 500
#define RETRY_FIRST_MS 1000
#define RETRY_MAX_MS 30000

struct dead_mail {
    struct courier *courier;
    struct identity identity;
    char refused_path[PATH_MAX];
    struct backoff backoff;
    int64_t next_ms; /* monotonic: not before; 0: now */
    int is_away;     /* told */
    struct cxd_error why;
    atomic_int has_refused;
};

/* The documents of one request. */
struct load {
    struct buf text;
    size_t starts[DOCS_MAX + 1];
    struct cxd_bytes lines[DOCS_MAX];
    char ids[DOCS_MAX][65];
    uint32_t count;
};

static int text_add(struct buf *out, const char *front, const struct cxd_value *value)
{
    int r = value->ptr != NULL ? buf_add_text(out, front) : CXD_OK;

    /* between its quotes, still escaped */
    r = r != CXD_OK || value->ptr == NULL ? r : buf_add(out, value->ptr, value->len);
    return r != CXD_OK || value->ptr == NULL ? r : buf_add_text(out, "\"");
}

/* JSON as a text: what it holds has any shape, and a field has one. */
static int json_add(struct buf *out, const char *front, const struct cxd_value *value)
{
    struct cxd_bytes text = {value->ptr, value->len};
    int r = value->ptr != NULL ? buf_add_text(out, front) : CXD_OK;

    r = r != CXD_OK || value->ptr == NULL ? r : buf_reserve(out, text_quote_len(text));
    if (r == CXD_OK && value->ptr != NULL) {
        out->len = (size_t)(text_quote_known(text, out->ptr + out->len) - out->ptr);
    }
    return r;
}

/* Of what was refused, not of when and by whom: the same comes to the same. */
static void id_make(const struct letter *l, char id[65])
{
    const struct cxd_value *parts[] = {&l->stage,   &l->stream,         &l->data_stream, &l->id,
                                       &l->message, &l->message_base64, &l->document};
    size_t count = l->id.ptr != NULL ? 4 : sizeof parts / sizeof parts[0];
    unsigned char digest[7][32];
    unsigned char all[32];

    for (size_t i = 0; i < 7; i++) {
        memset(digest[i], 0, sizeof digest[i]);
        if (i < count && parts[i]->ptr != NULL) {
            crypto_sha256(parts[i]->ptr, parts[i]->len, digest[i]);
        }
    }
    crypto_sha256(digest, sizeof digest, all);
    (void)crypto_hex(all, sizeof all, id, 65);
}

/* type-dataset-namespace as the members of data_stream. */
static int data_stream_add(struct buf *out, const char *index)
{
    const char *dash = strchr(index, '-');
    const char *last = strrchr(index, '-');

    return buf_add_format(
        out,
        ",\"data_stream\":{\"type\":\"%.*s\",\"dataset\":\"%.*s\",\"namespace\":\"%s\"},"
        "\"event\":{\"kind\":\"pipeline_error\",\"module\":\"cortexd\",\"dataset\":\"%.*s\"}",
        (int)(dash - index), index, (int)(last - dash - 1), dash + 1, last + 1,
        (int)(last - dash - 1), dash + 1);
}

static int letter_add(const struct letter *l, const struct identity *identity, const char *index,
                      struct buf *out)
{
    int r = text_add(out, "{\"@timestamp\":\"", &l->at);

    r = r != CXD_OK ? r : data_stream_add(out, index);
    r = r != CXD_OK ? r
                    : buf_add_format(out,
                                     ",\"agent\":{\"id\":\"%s\",\"type\":\"cortexd\",\"version\":"
                                     "\"%s\"},\"ecs\":{\"version\":\"8.11.0\"},\"error\":{\"type\":"
                                     "\"dead_letter\"",
                                     identity->id, CXD_VERSION);
    r = r != CXD_OK ? r : text_add(out, ",\"code\":\"", &l->status);
    r = r != CXD_OK ? r : text_add(out, ",\"message\":\"", &l->reason);
    r = r != CXD_OK ? r : text_add(out, "},\"cortexd\":{\"dead_letter\":{\"stage\":\"", &l->stage);
    r = r != CXD_OK ? r : text_add(out, ",\"stream\":\"", &l->stream);
    r = r != CXD_OK ? r : text_add(out, ",\"data_stream\":\"", &l->data_stream);
    r = r != CXD_OK ? r : text_add(out, ",\"id\":\"", &l->id);
    r = r != CXD_OK ? r : json_add(out, ",\"document\":", &l->document);
    r = r != CXD_OK ? r : text_add(out, ",\"message\":\"", &l->message);
    r = r != CXD_OK ? r : text_add(out, ",\"message_base64\":\"", &l->message_base64);
    r = r != CXD_OK ? r : json_add(out, ",\"fields\":", &l->fields);
    return r != CXD_OK ? r : buf_add_text(out, "}}}");
}

int dead_mail_document(struct cxd_bytes line, const struct identity *identity, const char *index,
                       struct buf *out, char id[65])
{
    _cleanup_(arena_freep) struct arena *arena = arena_new(65536, DOCUMENT_MAX);
    struct scan scan = {0};
    struct letter l;
    int r = arena != NULL ? letter_read(&scan, arena, line, &l) : CXD_NOMEM;

    if (r == CXD_OK && l.at.ptr == NULL) {
        r = CXD_MALFORMED;
    }
    if (r == CXD_OK) {
        id_make(&l, id);
        r = letter_add(&l, identity, index, out);
    }
    scan_done(&scan);
    return r;
}

/* The last thing that can be done for it, beside the log. */
static void refused_keep(struct dead_mail *m, struct cxd_bytes line, const char *reason, size_t len)
{
    _cleanup_(closep) int fd =
        open(m->refused_path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
    int is_kept = fd >= 0 && write(fd, line.ptr, line.len) == (ssize_t)line.len && fsync(fd) == 0;

    atomic_store(&m->has_refused, 1);
    LOG(CXD_LOG_ERROR, SUBJECT, "output %s refuses a dead letter for ever: %.*s; it %s %s",
        courier_name(m->courier), (int)(len < 400 ? len : 400), reason,
        is_kept ? "lies in" : "could not be written to", m->refused_path);
}

/* As many lines as one request takes; the head of lines is moved on. */
static int load_fill(struct dead_mail *m, struct cxd_bytes *lines, struct load *load)
{
    buf_clear(&load->text);
    load->count = 0;
    while (lines->len > 0 && load->count < DOCS_MAX && load->text.len < (4u << 20)) {
        const char *newline = memchr(lines->ptr, '\n', lines->len);
        size_t len = newline != NULL ? (size_t)(newline - lines->ptr) + 1 : lines->len;
        struct cxd_bytes line = {lines->ptr, len};
        size_t before = load->text.len;
        int r = dead_mail_document(line, &m->identity, courier_index(m->courier), &load->text,
                                   load->ids[load->count]);
        if (r == CXD_NOMEM) {
            return r;
        }
        lines->ptr += len;
        lines->len -= len;
        if (r != CXD_OK) { /* a person's hand was in the file, or it is too large for any request */
            load->text.len = before;
            refused_keep(m, line, "not to be sent", 14);
            continue;
        }
        load->starts[load->count] = before;
        load->lines[load->count++] = line;
        load->starts[load->count] = load->text.len;
    }
    return CXD_OK;
}

static int load_send(struct dead_mail *m, struct load *load, struct cxd_error *err)
{
    struct cxd_doc docs[DOCS_MAX];
    struct cxd_outcome outcomes[DOCS_MAX];
    int r;

    for (uint32_t i = 0; i < load->count; i++) {
        docs[i] = (struct cxd_doc){
            .source = {load->text.ptr + load->starts[i], load->starts[i + 1] - load->starts[i]},
            .id = {load->ids[i], 64}};
    }
    r = load->count > 0
            ? courier_send(m->courier, template_dead_letter, docs, load->count, outcomes, err)
            : CXD_OK;
    for (uint32_t i = 0; i < load->count && r == CXD_OK; i++) {
        if (outcomes[i].result == CXD_RESULT_REJECTED) {
            refused_keep(m, load->lines[i], outcomes[i].reason.ptr, outcomes[i].reason.len);
        }
    }
    return r;
}

static void away_tell(struct dead_mail *m, int status, const struct cxd_error *err)
{
    if (status != CXD_OK) {
        m->next_ms = clock_mono_ms() + backoff_next(&m->backoff, err->retry_after_ms);
        m->why = *err;
    }
    if (status != CXD_OK && !m->is_away) {
        LOG(CXD_LOG_WARN, SUBJECT,
            "dead letters are not delivered to output %s yet, and wait in the state folder: %s",
            courier_name(m->courier), err->text);
    } else if (status == CXD_OK && m->is_away) {
        LOG(CXD_LOG_INFO, SUBJECT, "dead letters are delivered to output %s again",
            courier_name(m->courier));
    }
    m->is_away = status != CXD_OK;
    if (status == CXD_OK) {
        backoff_reset(&m->backoff);
        m->next_ms = 0;
    }
}

static int lines_take(void *owner, struct cxd_bytes lines, struct cxd_error *err)
{
    struct dead_mail *m = owner;
    struct cxd_error why = CXD_ERROR_INIT;
    struct load *load;
    int r = CXD_OK;

    if (clock_mono_ms() < m->next_ms) {
        return cxd_error_set(err, m->why.status, "%s", m->why.text);
    }
    load = calloc(1, sizeof *load);
    if (load == NULL) {
        return cxd_error_set(err, CXD_NOMEM, "dead letters: out of memory");
    }
    buf_init(&load->text, DOCUMENT_MAX);
    while (lines.len > 0 && r == CXD_OK) {
        r = load_fill(m, &lines, load);
        r = r == CXD_OK ? load_send(m, load, &why)
                        : cxd_error_set(&why, r, "dead letters: out of memory");
    }
    buf_done(&load->text);
    free(load);
    away_tell(m, r, &why);
    return r == CXD_OK ? r
                       : cxd_error_set(err, r, "dead letters to output %s: %s",
                                       courier_name(m->courier), why.text);
}

int dead_mail_open(struct courier *courier, struct dead *dead, const struct identity *identity,
                   const char *folder, int is_bound, struct dead_mail **ret_mail,
                   struct cxd_error *err)
{
    struct dead_mail *m = calloc(1, sizeof *m);
    uint64_t seed = 0;
    int r;

    if (m == NULL) {
        return cxd_error_set(err, CXD_NOMEM, "dead letters: out of memory");
    }
    m->courier = courier;
    m->identity = *identity;
    (void)snprintf(m->refused_path, sizeof m->refused_path, "%.4000s/dead_letter/refused.ndjson",
                   folder);
    (void)crypto_random(&seed, sizeof seed); /* without: no jitter */
    backoff_init(&m->backoff, RETRY_FIRST_MS, RETRY_MAX_MS, seed);
    r = courier_open(courier, err);
    if (r != CXD_OK) {
        free(m);
        return r;
    }
    dead_ship_to(dead,
                 &(struct dead_shipper){.take = lines_take, .owner = m, .is_bound = is_bound != 0});
    *ret_mail = m;
    return CXD_OK;
}

int dead_mail_has_refused(const struct dead_mail *m)
{
    return m != NULL && atomic_load(&m->has_refused);
}

void dead_mail_close(struct dead_mail *m)
{
    free(m);
}
