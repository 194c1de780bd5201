/*
 * asked.h: what Elastic Agent asked for on its way to control, and the answers on theirs back to the check-ins' thread. Any thread; what does
 * not fit is refused, never waited for.
 */
#pragma once

#include "front/component/action.h"

#include <pthread.h>

#define ASKED_MAX 8

struct asked {
    pthread_mutex_t lock;
    struct action actions[ASKED_MAX];
    size_t action_count;
    struct buf answers[ASKED_MAX];
    size_t answer_count;
};

void asked_init(struct asked *a);
void asked_done(struct asked *a);
/* 0: there is no room. */
int asked_put(struct asked *a, const struct action *action);
/* The oldest: 1; 0: none. */
int asked_take(struct asked *a, struct action *ret_action);
/* Takes the message; it is dropped when there is no room. */
void asked_answer(struct asked *a, struct buf *message);
/* The oldest answer: 1, and it is the caller's; 0: none. */
int asked_answer_take(struct asked *a, struct buf *ret_message);
