/*
 * quiet.h: what keeps the library out of the process's own business: threads are made with all signals blocked, and log lines go
 * to a socket that the host drains. Any thread.
 */
#pragma once

#include "cxd/status.h"

#include <signal.h>
#include <stdint.h>

struct quiet {
    sigset_t before;
};

/* Between these two the calling thread, and so each thread that it makes, takes no signal. */
void quiet_begin(struct quiet *q);
void quiet_end(const struct quiet *q);
/* Log lines are kept from here on for quiet_log; a first call does it, unless the program has taken them for itself. */
int quiet_open(struct cxd_error *err);
/* They go to this descriptor, for a program that is ours. Before quiet_open. */
void quiet_to(int fd);
/* The most talkative of all that ask. */
void quiet_level(int level);
/* Whole lines, oldest first, as many as fit. CXD_AGAIN: none; CXD_TOO_LARGE: *ret_len is the first one's length. */
int quiet_log(char *out, uint64_t room, uint64_t *ret_len);
