/* send_inner.h: a sender's inside, for send.c and send_ask.c. */
#pragma once

#include "base/backoff.h"
#include "gate/self.h"
#include "pipeline/send.h"

#include <pthread.h>

struct worker {
    struct sender *sender;
    struct cxd_self self;
    void *instance;
    pthread_t thread;
    int has_thread;
    int has_ended;                /* under the sender's lock */
    struct cxd_doc *docs;         /* what is still pending of the batch at hand */
    struct cxd_outcome *outcomes; /* one for each */
    uint32_t cap;
    struct backoff backoff;
};

struct sender {
    struct sender_spec spec;
    const struct cxd_output_ops *ops;
    struct worker *workers;
    char subject[64];
    pthread_mutex_t lock;
    pthread_cond_t wake;
    int is_ending; /* leave everything and come out */
};

/* send_ask.c */
void sender_interrupt(struct worker *w);
