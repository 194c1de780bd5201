/*
 * line.h: how a step reaches its server: over which connections, and as whom. A step of a chain has the first request's, or what
 * it names itself. Lines stand from open to close, so that interrupt may look at them from another thread.
 */
#pragma once

#include "auth.h"

struct line {
    struct cxd_client *client; /* own; NULL: the first's */
    struct auth auth;          /* own, when config_step.has_auth */
};

struct input;

/* Opens those of all steps. CXD_CONFIG and others name the option. */
int line_open_all(struct input *in, struct cxd_error *err);
void line_close_all(
    struct input *in); /* transfers are closed before; accepts what never was opened */
void line_interrupt_all(struct input *in); /* any thread */
/* Of the step asked for. */
struct cxd_client *line_client(const struct input *in);
struct auth *line_auth(struct input *in);
