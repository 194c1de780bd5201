/*
 * input.h: one instance of the input: what its parts share.
 *
 * All of it belongs to the instance's thread, but for the clients of `lines`, which interrupt may poke.
 */
#pragma once

#include "auth.h"
#include "context.h"
#include "line.h"
#include "request.h"
#include "tracer.h"

enum phase {
    PHASE_REST, /* until the next interval */
    PHASE_ASK,  /* a request is to be made */
    PHASE_RUN   /* a request is under way */
};

/* The request itself (level 0) and the steps chained to it. */
struct level {
    struct page page;
    struct region nodes;       /* of page and of everything made while it is worked on */
    struct region list_region; /* of values */
    struct tree *value; /* the next one to be put into the following step's URL; NULL: none left */
    bool once;          /* the following step has no values and is asked once */
};

/* What pages looked like, to see when paging leads nowhere. */
struct loop {
    unsigned char request[32];
    unsigned char reply[32];
    unsigned same_replies;
    bool same_request;
    bool is_set;
};

struct input {
    struct heap heap;
    struct config config;
    struct context context;
    struct tracer tracer;
    struct wire wire;
    struct fetch reply;
    struct level levels[CONFIG_STEPS_MAX];
    struct line lines[CONFIG_STEPS_MAX];
    struct page first; /* the interval's first reply, when it is to be kept */
    struct cxd_builder *builder;
    struct loop loop;
    struct text url;      /* of the request to be made */
    struct text location; /* where the last redirect led; goes over the wire in its place */
    struct text message;  /* the event being handed over */
    size_t depth;         /* level asked for */
    uint8_t phase;        /* enum phase */
    int64_t next_ms;      /* monotonic: the next interval */
    int64_t ready_ms;     /* monotonic: no request before */
    int64_t pages;        /* of this interval, at level 0 */
    int64_t attempts;     /* of the request */
    int64_t redirects;    /* followed for the request */
    int64_t rate_waits;   /* in a row */
    size_t events;        /* of this page */
    bool redirect_away;   /* a redirect led to another host */
    bool redirect_get;    /* a redirect turned the request into a GET */
    bool renewed;         /* a refused token was replaced for this request */
    bool ill;             /* health is not known to be good */
    char trouble[480];    /* of this interval; "": none */
    int trouble_health;
};

/* open.c */
/* The options, with templates and all, as input_open reads them; nothing is kept. */
int input_check(const struct cxd_host *host, struct cxd_self *self, struct cxd_bytes options,
                struct cxd_error *err);
int input_open(const struct cxd_host *host, struct cxd_self *self, struct cxd_bytes options,
               void **ret_instance, struct cxd_error *err);
void input_interrupt(void *instance);
void input_close(void *instance);
/* poll.c */
int input_poll(void *instance, int64_t *wait_ms, struct cxd_error *err);

/* Notes what went wrong in this interval (the first reason stays); it is told when the interval ends. */
void input_trouble(struct input *in, int health, const struct cxd_error *err);

/* ask.c: builds and starts the next request. CXD_END: there is none, the interval is over. */
int ask_start(struct input *in, struct cxd_error *err);
/* The next thing to ask for; false: the interval is over. */
bool ask_next(struct input *in);
void ask_begin(struct input *in); /* a new interval */

/* answer.c: a whole reply. 0: go on; negative: this poll fails (memory, or the host takes no more). */
int answer_take(struct input *in, struct cxd_error *err);
/* A transfer that broke. */
void answer_broken(struct input *in, const struct cxd_error *err);

/* publish.c: events of a page; then the cursor. */
int publish_page(struct input *in, struct level *level, struct cxd_error *err);
int cursor_load(struct input *in, struct cxd_error *err);
