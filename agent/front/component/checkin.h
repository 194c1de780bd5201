/*
 * checkin.h: the conversation with Elastic Agent, on a thread of its own that nothing of the work can hold up: a message at least every 25
 * seconds and at each change, a new connection when one is lost (after 1 s, doubling to 30 s).
 */
#pragma once

#include "front/component/action.h"
#include "front/component/observed.h"
#include "front/component/startup.h"

struct checkin;

/* startup is borrowed for its life; wake is called from its thread when there is something to take. CXD_NOMEM. */
int checkin_open(const struct startup *startup, void (*wake)(void), struct checkin **ret_checkin,
                 struct cxd_error *err);
/* What is wanted since the last call: 1, and *ret_expected is the caller's; 0. */
int checkin_take(struct checkin *c, struct expected *ret_expected);
/* What is true from now on; o is taken. Told at once when it differs. */
void checkin_report(struct checkin *c, struct observed *o);
/* What Elastic Agent asks to have done: 1; 0: nothing. wake is called for it, too. */
int checkin_action_take(struct checkin *c, struct action *ret_action);
/* A whole message (action.h), taken. Dropped when nobody waits for it any more. */
void checkin_action_answer(struct checkin *c, struct buf *message);
const char *checkin_token(const struct checkin *c); /* a secret */
/* Waits up to timeout_ms until the last report is on its way, then ends. Accepts NULL. */
void checkin_close(struct checkin *c, int64_t timeout_ms);
