/* fleet_inner.h: a fleet's inside, for fleet.c and fleet_first.c alone. */
#pragma once

#include "base/backoff.h"
#include "front/fleet/fleet.h"
#include "front/fleet/kept.h"

#include <limits.h>
#include <pthread.h>

struct fleet {
    struct policy file;    /* the bootstrap file; it has no plan */
    struct source *source; /* the asking thread's, once it runs */
    char folder[PATH_MAX];
    struct standing *standing; /* or NULL */
    struct kept_mark mark;     /* control's */
    struct source_item trial;  /* control's: applied, not yet good */
    int has_trial;             /* control's */
    struct backoff backoff;    /* from here to said: the asking thread's */
    char outage[480];          /* what was said of the server; empty: it is there */
    int outage_status;
    pthread_t thread;
    int has_thread;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    struct source_item news; /* under the lock, as the next three */
    int has_news;
    int is_asked;
    int is_over;
};

/* One line when the server goes or when what it has is refused, one when that is over. */
void fleet_outage_tell(struct fleet *f, int status, const struct cxd_error *err);
/* The time to the next request: poll give or take a fifth, longer and longer while the server is away. */
int64_t fleet_wait_next(struct fleet *f, int status, int64_t asked_ms);
/* Its revision is taken, for good: no older one after it. */
int fleet_mark_set(struct fleet *f, const struct source_item *item, struct cxd_error *err);
void fleet_who(const struct source_item *item, char out[200]);
/* The item is the one that is wanted. */
void fleet_want(struct fleet *f, const struct source_item *item);
void fleet_trial_drop(struct fleet *f);
