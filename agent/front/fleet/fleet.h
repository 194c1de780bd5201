/*
 * fleet.h: an agent whose policy comes from a server: asked for in the background, checked, kept, applied. All but the asking is
 * control's thread.
 */
#pragma once

#include "front/policy.h"
#include "front/run/reload.h"
#include "front/run/standing.h"

struct fleet;

/* file: what the agent was started with, read by policy_tree_read. *ret_fleet stays NULL when it is a policy itself; else the file
 * becomes the fleet's. data_path: --path.data or NULL. standing: kept up to date, borrowed; or NULL. */
int fleet_open(struct policy *file, const char *data_path, struct standing *standing,
               struct fleet **ret_fleet, struct cxd_error *err);
void fleet_close(
    struct fleet
        *f); /* accepts NULL; a policy on probation is kept as good, as its agent ends well */
const char *fleet_folder(const struct fleet *f); /* of the state */
/*
 * The policy to begin with: the server's, or the last good one when it is away. With neither it waits. CXD_STOPPED: a signal came;
 * else an error that waiting does not change. policy_done in any case.
 */
int fleet_first(struct fleet *f, struct policy *ret_policy, struct cxd_error *err);
/* The agent has started with it: it is the last good one now, and the server is asked from here on. CXD_NOMEM: no thread. */
int fleet_start(struct fleet *f, struct cxd_error *err);
void fleet_ask(struct fleet *f); /* now */
/* 1: something came that fleet_take should look at. */
int fleet_has_news(struct fleet *f);
/* Checks what came, and applies it. One line in the log says what became of it. */
void fleet_take(struct fleet *f, struct reload *reload);
/* The policy that runs once more: a file that it takes secrets from has changed. */
void fleet_again(struct fleet *f, struct reload *reload);
/* What reload_look said. */
void fleet_hear(struct fleet *f, enum reload_news news);
