/*
 * input.h: one instance of the input: what its parts share.
 *
 * All of it belongs to the instance's thread, but for `client`, which interrupt may poke.
 */
#pragma once

#include "auth.h"
#include "config.h"
#include "cursor.h"
#include "origin.h"
#include "pending.h"
#include "share/share.h"
#include "stream.h"
#include "url.h"

#define INPUT_BUDGET 1048576   /* bytes decoded in one poll */
#define INPUT_FAILED_ROUNDS 5u /* times an object is set aside before it is buried */

struct input;
struct bucket;

enum worker_state {
    WORKER_FREE,    /* no object */
    WORKER_WAITING, /* has an object, may start at start_at_ms */
    WORKER_RUNNING
};

/* One place for a download. */
struct worker {
    struct bucket *bucket;
    struct job *job;          /* owned */
    struct cursor_open *open; /* the cursor's; NULL exactly when free */
    struct cxd_transfer *transfer;
    struct cxd_bytes piece; /* of the body, not fed yet */
    struct stream stream;
    struct origin origin;
    struct text refusal; /* the body of an error reply, bounded */
    int64_t start_at_ms;
    int64_t range_from; /* bytes of the object not asked for */
    uint32_t attempts;  /* failures since the last record */
    uint32_t token_version;
    uint8_t state; /* enum worker_state */
    bool checked;  /* the reply's head was looked at */
    bool http_end;
};

enum bucket_phase { BUCKET_RESTING, BUCKET_LISTING, BUCKET_WORKING, BUCKET_FINISHED };

struct bucket {
    struct input *input;
    const struct config_bucket *config;
    struct cursor *cursor; /* in input->cursors */
    struct pending pending;
    struct worker *workers;
    struct fetch fetch; /* the list page under way */
    struct text page_token;
    struct cursor_pass pass;
    struct park park;
    int64_t next_list_ms; /* monotonic, when resting */
    uint32_t list_token_version;
    uint32_t troubles; /* objects given up in this pass */
    size_t turn;       /* the worker that comes first in the next step */
    uint8_t phase;     /* enum bucket_phase */
};

struct input {
    struct heap heap;
    struct config config;
    struct auth auth;
    struct cxd_client *client;
    struct cursor
        *cursors; /* of the buckets in the policy first, then what the store holds besides */
    size_t cursor_count;
    struct bucket *buckets;
    struct share *share; /* with other agents; NULL: this one works alone */
    struct cxd_builder *builder;
    int64_t budget;   /* left in this poll */
    int64_t emitted;  /* events of this poll */
    size_t running;   /* transfers under way */
    size_t turn;      /* the bucket that comes first in the next round */
    bool dirty;       /* the cursor changed since the last mark */
    bool halted;      /* this poll must end: memory, or the host wants no more */
    bool ill;         /* health is not known to be good */
    bool halt_failed; /* emit or a mark failed: `halt` says how */
    struct cxd_error halt;
};

/* log.c: lines and health */
__attribute__((format(printf, 3, 4))) void input_log(const struct input *in, int level,
                                                     const char *format, ...);
void input_count(const struct input *in, const char *name, int64_t delta);
void input_degraded(struct input *in, int health, const char *reason);
void input_recovered(struct input *in); /* healthy again when nothing is parked or failed */
/* The poll ends here with err: nothing of what follows was handed over. */
void input_halt(struct input *in, const struct cxd_error *err);

/* open.c */
int input_open(const struct cxd_host *host, struct cxd_self *self, struct cxd_bytes options,
               void **ret_instance, struct cxd_error *err);
void input_interrupt(void *instance);
void input_close(void *instance);
/* step.c */
int input_poll(void *instance, int64_t *wait_ms, struct cxd_error *err);

/* bucket.c. True: something changed, call again. */
bool bucket_step(struct bucket *b, int64_t now_ms);
void bucket_park(struct bucket *b, enum verdict verdict, const struct cxd_error *err);
/* Milliseconds until this bucket has something to do of its own; INT64_MAX: never. */
int64_t bucket_wait(const struct bucket *b, int64_t now_ms);
/* True while a known object, or the listing itself, is unfinished. */
bool bucket_owes(const struct bucket *b);
void bucket_request(const struct bucket *b, struct cxd_request *request,
                    struct cxd_header headers[4]);

/* pass.c: a listing */
void pass_begin(struct bucket *b);
bool pass_step(struct bucket *b, int64_t now_ms);

/* worker.c, trouble.c */
void worker_init(struct worker *w, struct bucket *b);
void worker_done(struct worker *w);
bool worker_step(struct worker *w, int64_t now_ms);
/* Takes the job (owned from now on); on failure it is freed. */
int worker_assign(struct worker *w, struct job *job, struct cxd_error *err);
/* The object is dealt with for good, and that is noted: for the cursor, or for the group. */
int worker_settle(struct worker *w);
void worker_close(struct worker *w);   /* the transfer */
void worker_release(struct worker *w); /* free for another object */
void worker_trouble(struct worker *w, enum verdict verdict, const struct cxd_error *err);
