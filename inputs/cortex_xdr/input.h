/*
 * input.h: one stream of one tenant.
 *
 * All of it belongs to the instance's thread, but for `client`, which interrupt may poke, and the tenant, which has its lock.
 */
#pragma once

#include "lib/fetch.h"
#include "lib/optree.h"

#include "query.h"
#include "rows.h"
#include "seen.h"
#include "tenant.h"
#include "window.h"

extern const struct cxd_option config_options[];

struct config {
    struct region region; /* secret */
    const struct profile *profile;
    struct query_key key;
    struct cxd_bytes address; /* https://api-... without a slash at its end */
    struct text url;
    int64_t interval_ms;
    int64_t initial_ms;
    int64_t settle_ms;
    int64_t overlap_ms;
    int64_t timeout_ms;
    int64_t per_second;
};

struct input {
    struct heap heap;
    struct config config;
    struct tenant *tenant;
    struct cxd_client *client;
    struct cxd_builder *builder;
    struct fetch fetch;
    struct text body; /* of the request under way */
    struct cxd_bytes part;
    struct text message; /* the record being handed over */
    struct region nodes; /* of the reply being read */
    struct window window;
    struct seen
        seen; /* rows of this window, and of those before at the cursor and in the overlap */
    int64_t cursor_ms; /* everything before is safe; -1: nothing is known yet */
    int64_t
        position_ms; /* where the next window of this look begins; before the cursor in the overlap */
    int64_t next_ms;       /* monotonic: the next look */
    int64_t asked_skew_ms; /* what the request under way took for the tenant's clock */
    bool is_looking;
    bool is_new;     /* no window was read yet, and none by an instance before */
    bool is_welcome; /* the key was good for the last page */
    bool ill;
};

/* open.c */
/* The options, with templates and all, as input_open reads them; nothing is kept. */
int input_check(const struct cxd_host *host, struct cxd_self *self, struct cxd_bytes options,
                struct cxd_error *err);
int input_open(const struct cxd_host *host, struct cxd_self *self, struct cxd_bytes options,
               void **ret_instance, struct cxd_error *err);
void input_interrupt(void *instance);
void input_close(void *instance);
/* config.c */
int config_read(struct config *config, const struct heap *h, struct cxd_bytes options,
                struct cxd_error *err);
void config_done(struct config *config);
/* look.c: a look is the windows from the cursor to what has settled. */
int64_t look_now(const struct input *in); /* the tenant's time, as far as it is known */
/* Opens the next window; false: there is none yet. */
bool look_window(struct input *in);
/* The window is read. */
int look_finish(struct input *in, struct cxd_error *err);
/* Is there nothing more to read than comes between two looks? Then the look is over. */
bool look_is_over(struct input *in);
/* Learns the tenant's clock from the reply at hand. True: its window went on beyond what has settled, and was cut. */
bool look_learn(struct input *in);
/* poll.c */
int input_poll(void *instance, int64_t *wait_ms, struct cxd_error *err);
/* publish.c: the rows of a page that were not seen; the mark of its first row, 0 without one. */
int publish_rows(struct input *in, const struct rows *rows, uint64_t *ret_first,
                 struct cxd_error *err);
/* cursor.c */
int cursor_load(struct input *in, struct cxd_error *err);
int cursor_mark(struct input *in, struct cxd_error *err);
