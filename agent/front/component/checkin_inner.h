/* checkin_inner.h: the conversation's inside, for checkin.c and talk.c. */
#pragma once

#include "front/component/asked.h"
#include "front/component/checkin.h"
#include "front/component/chunk.h"

#include <pthread.h>

#define CHECKIN_SUBJECT "component"

struct grpc_call;

struct checkin {
    const struct startup *startup;
    void (*wake)(void);
    pthread_t thread;
    int wake_fd;
    int over_fd;            /* ends a connection that is being made, which news of ours does not */
    struct grpc_call *call; /* the thread's; NULL: over */
    struct grpc_call *actions; /* the thread's; NULL: none */
    int64_t actions_ms;        /* when it is begun again; 0: never on this connection */
    struct chunk chunk;        /* the thread's: what has come of a set of units */
    struct asked asked;        /* with a lock of its own */
    int over_code;             /* the thread's */
    char over_words[300];
    pthread_mutex_t lock;
    pthread_cond_t told;
    struct expected news; /* under the lock, as all below */
    int has_news;
    struct observed report;
    int is_changed;
    int is_unsent; /* the last change has not left yet */
    int is_over;
};

/* One of the flags, under the lock. */
int checkin_flag(struct checkin *c, const int *flag);
/* What woke the thread has been seen. */
void checkin_drain(struct checkin *c);
/* talk.c: one connection, made and kept until it is over; the thread's. CXD_OK, CXD_STOPPED (is_over): told to end. */
int checkin_talk(struct checkin *c, struct cxd_error *err);
