/* answer.h: the parts of answering that stand in files of their own. */
#pragma once

#include "input.h"

/* answer.c: the reply's headers that templates may ask for. */
void answer_headers(struct input *in, struct page *page);
/* redirect.c: true when the reply sends us elsewhere: in->url is where, the phase is set. */
bool redirect_follow(struct input *in, int http_status);
/*
 * rate.c: looks at the limits that a reply tells. True: the request must be made again, at in->ready_ms. Otherwise in->ready_ms
 * may have moved, for the request that follows.
 */
bool rate_wait(struct input *in, int http_status);
/* Tells the host at once; the interval goes on. */
void input_degraded(struct input *in, const char *reason);
