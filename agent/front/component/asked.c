/* asked.c: see the header. */
#include "front/component/asked.h"

#include <string.h>

void asked_init(struct asked *a)
{
    *a = (struct asked){.action_count = 0};
    (void)pthread_mutex_init(&a->lock, NULL);
}

void asked_done(struct asked *a)
{
    for (size_t i = 0; i < a->answer_count; i++) {
        buf_done(&a->answers[i]);
    }
    (void)pthread_mutex_destroy(&a->lock);
}

int asked_put(struct asked *a, const struct action *action)
{
    int has_room;

    (void)pthread_mutex_lock(&a->lock);
    has_room = a->action_count < ASKED_MAX;
    if (has_room) {
        a->actions[a->action_count++] = *action;
    }
    (void)pthread_mutex_unlock(&a->lock);
    return has_room;
}

int asked_take(struct asked *a, struct action *ret_action)
{
    int has_one;

    (void)pthread_mutex_lock(&a->lock);
    has_one = a->action_count > 0;
    if (has_one) {
        *ret_action = a->actions[0];
        a->action_count--;
        memmove(&a->actions[0], &a->actions[1], a->action_count * sizeof a->actions[0]);
    }
    (void)pthread_mutex_unlock(&a->lock);
    return has_one;
}

void asked_answer(struct asked *a, struct buf *message)
{
    (void)pthread_mutex_lock(&a->lock);
    if (a->answer_count < ASKED_MAX) {
        a->answers[a->answer_count++] = *message;
        buf_init(message, 0);
    }
    (void)pthread_mutex_unlock(&a->lock);
    buf_done(message);
}

int asked_answer_take(struct asked *a, struct buf *ret_message)
{
    int has_one;

    (void)pthread_mutex_lock(&a->lock);
    has_one = a->answer_count > 0;
    if (has_one) {
        *ret_message = a->answers[0];
        a->answer_count--;
        memmove(&a->answers[0], &a->answers[1], a->answer_count * sizeof a->answers[0]);
    }
    (void)pthread_mutex_unlock(&a->lock);
    return has_one;
}
