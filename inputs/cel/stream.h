/*
 * stream.h: one instance of the input: what its parts share. All of it belongs to the instance's thread, but for the client,
 * which interrupt may poke.
 *
 * Between two evaluations there is only text: the state as JSON, with its cursor, and the last good cursor.
 */
#pragma once

#include "lang/program.h"
#include "outcome.h"
#include "service.h"

struct stream {
    struct heap heap;
    struct settings settings;
    struct mask mask;
    struct program *program;
    struct pool pool; /* of the evaluation */
    struct services services;
    struct sender sender;
    struct cxd_builder *builder;
    struct logbook dump;
    struct text state;  /* a JSON object; secret */
    struct text cursor; /* the last good one as JSON; empty: none */
    int64_t next_ms;    /* monotonic: the next period */
    int64_t ready_ms;   /* monotonic: no evaluation before */
    int64_t left;       /* evaluations that this period may still have */
    bool is_running;    /* a period has begun */
    bool is_ill;        /* health is not known to be good */
    bool is_troubled;   /* something was wrong in this period */
};

/* Turns the options of a profile into those of settings.h; the tree lives in settings->region. NULL with err: refused. */
typedef struct tree *(*stream_translate_fn)(struct settings *settings, struct tree *options,
                                            struct cxd_error *err);

/* open.c. translate NULL: the options are the input's own. */
/* Options and program, as stream_open reads them; nothing is kept. */
int stream_check(const struct cxd_host *host, struct cxd_self *self, struct cxd_bytes options,
                 stream_translate_fn translate, struct cxd_error *err);
int stream_open(const struct cxd_host *host, struct cxd_self *self, struct cxd_bytes options,
                stream_translate_fn translate, void **ret_instance, struct cxd_error *err);
void stream_interrupt(void *instance);
void stream_close(void *instance);
/* step.c: one poll: one evaluation. */
int stream_poll(void *instance, int64_t *wait_ms, struct cxd_error *err);
/* Notes what is wrong: a warning and health Degraded. The text is masked in place. */
void stream_trouble(struct stream *s, char *text);

/* state.c. CXD_NOMEM, CXD_TOO_LARGE or 0. */
int state_first(struct stream *s, struct cxd_error *err);
/* The state after an evaluation, with the last good cursor. */
int state_next(struct stream *s, struct run *run, const struct outcome *out, struct cxd_error *err);
/* As it may be shown: secrets and redacted fields masked. */
void state_shown(struct stream *s, struct text *out);

/* publish.c: the events, each with its cursor. Negative: memory, or the host takes no more. */
int publish_events(struct stream *s, struct run *run, const struct outcome *out,
                   struct cxd_error *err);
int publish_cursor_load(struct stream *s, struct cxd_error *err);
