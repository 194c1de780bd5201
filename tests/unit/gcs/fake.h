/*
 * fake.h: a host table for the gcs input under test, and a bucket store behind its HTTP: objects in memory, served by the rules
 * of the JSON API, with faults on order. Events are the real ones (pipeline/event.h), so records are really scanned.
 *
 * One test at a time, one thread. Everything is in `fake`; fake_reset begins anew.
 */
#pragma once

#include "cxd/module.h"
#include "lib/heap.h"

enum fake_where { FAKE_LIST = 1, FAKE_MEDIA, FAKE_TOKEN };

/* One trouble: used `times` times, for requests that fit. */
struct fake_fault {
    enum fake_where where;
    const char *object; /* part of the URL; NULL: any */
    int times;
    int http_status;  /* reply with this status and body instead; 0: the usual reply */
    const char *body; /* of it */
    const char *retry_after;
    int start_status; /* http_start or the first read fails so */
    int break_status; /* the body breaks off so, after break_after bytes; CXD_END: it just ends */
    size_t break_after;
    bool no_range; /* Range is ignored */
};

struct fake_object {
    char *name;
    char *data;
    size_t len;
    int64_t generation;
    int64_t created_ms;
    const char *content_encoding;
    const char *content_type;
};

/* What came out, in order. */
enum fake_kind { FAKE_EVENT, FAKE_REJECT, FAKE_MARK };
struct fake_item {
    enum fake_kind kind;
    char *text; /* message, or the mark's bytes */
    size_t len;
    char *document; /* rendered; for events and rejects */
    char reason[480];
};

/* What becomes of marks: nobody acknowledges (as for `cortexd test input`); each is true at once; none is any more. */
enum fake_acks { FAKE_ACKS_NOBODY = 0, FAKE_ACKS_ALL, FAKE_ACKS_HELD };

struct fake {
    int64_t mono_ms;
    int64_t wall_ms;
    uint64_t chance;  /* state of random */
    size_t piece_max; /* bytes of body at a time; 0: all */
    uint64_t allocations;
    uint64_t fail_at;  /* number of the allocation that fails; 0: none */
    int64_t live;      /* blocks not freed */
    int64_t transfers; /* open */
    int health;
    char health_text[512];
    char *logs;
    size_t log_len;
    int emit_status; /* when not 0: the next emit fails so */
    int is_stopping;
    struct fake_object objects[256];
    size_t object_count;
    struct fake_fault faults[16];
    size_t fault_count;
    struct fake_item *items;
    size_t item_count;
    size_t item_room;
    char *cursor; /* what host->cursor gives */
    size_t cursor_len;
    enum fake_acks acks;
    int64_t marks_made;
    int64_t marks_true; /* when HELD */
    char urls[65536];   /* "METHOD url [Range]\n" */
    size_t url_len;
    size_t list_count;
    size_t media_count;
    size_t token_count;
    bool wants_token;
    int token_number; /* the one accepted: "token-N" */
    int64_t events_total;
    int64_t failed_total;
    int64_t expired_total;
};

extern struct fake fake;
extern const struct cxd_host fake_host;
#define FAKE_SELF ((struct cxd_self *)&fake)
extern const struct heap fake_heap;

void fake_reset(void);
/* Adds or replaces (a new generation). */
struct fake_object *fake_put(const char *name, const void *data, size_t len, int64_t created_ms);
struct fake_object *fake_put_text(const char *name, const char *text, int64_t created_ms);
struct fake_object *fake_put_gzip(const char *name, const char *text, int64_t created_ms);
void fake_delete(const char *name);
void fake_fault(struct fake_fault fault);
char *fake_gzip(const char *text, size_t len, size_t *ret_len); /* free() */
uint32_t fake_random(uint32_t below);

struct cxd_bytes fake_options(const char *json); /* BSON; lives until the next call */
void *fake_open(const char *options_json);       /* fails the test when it does not open */
void fake_close(void *instance);
/* Polls until `result` (MORE is followed; IDLE lets the time pass unless wanted), at most `polls` times. The last result. */
int fake_poll_until(void *instance, int result, int polls, struct cxd_error *err);
int fake_poll(void *instance, struct cxd_error *err); /* once; IDLE and RETRY let the time pass */
const struct cxd_module *fake_module(void);

size_t fake_events(enum fake_kind kind);
const struct fake_item *fake_item(enum fake_kind kind, size_t index);
const struct fake_item *fake_last_mark(size_t before); /* among the first `before` items */
void fake_restart(void *instance,
                  const struct fake_item *mark); /* closes; the cursor is mark (NULL: as it was) */

bool fake_lacks_kafka(void); /* no librdkafka here, or none when this was built */

extern const char *fake_key_json(void); /* a service-account key made for this run */
