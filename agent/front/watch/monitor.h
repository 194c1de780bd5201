/*
 * monitor.h: the status of a running agent, served on `<state folder>/cortexd.sock` and, when the policy says so, on a loopback
 * port: / (page for people), /status (text), /state, /stats, /inputs/, /metrics.
 */
#pragma once

#include "front/run/agent.h"

struct monitor;

/* Begins to serve. A place that cannot be listened on is logged, and no reason not to run. *ret_monitor may be NULL then. The
 * agent must outlive it. CXD_NOMEM. */
int monitor_open(struct agent *agent, const struct plan_settings *settings, const char *folder,
                 struct monitor **ret_monitor, struct cxd_error *err);
void monitor_close(struct monitor *m); /* accepts NULL */
