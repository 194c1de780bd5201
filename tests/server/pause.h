#pragma once
/*
 * Waiting without a thread: a connection is set aside (suspended) and taken up again when its time has come. One clock
 * thread serves all servers. A group stands for one server: when it goes down, all its connections are taken up at once
 * and none is set aside until it opens again.
 */
#include <microhttpd.h>
#include <stdbool.h>

enum { PAUSE_GROUPS = 4 };

struct pause_clock;

struct pause_clock *pause_open(void);
/* All groups must be released. Joins the thread. */
void pause_close(struct pause_clock *clock);
/* False: not set aside (the group is released, or no memory); go on at once. */
bool pause_wait(struct pause_clock *clock, unsigned group, struct MHD_Connection *connection,
                unsigned wait_ms);
void pause_release(struct pause_clock *clock, unsigned group);
void pause_reopen(struct pause_clock *clock, unsigned group);
