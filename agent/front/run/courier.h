/*
 * courier.h: documents of the agent's own (dead letters, reports), delivered by an instance of an output that no queue feeds.
 *
 * courier_send is for one thread at a time, any; courier_interrupt for any; all else is control's.
 */
#pragma once

#include "config/plan.h"
#include "cxd/event.h"
#include "gate/catalog.h"
#include "pipeline/units.h"

struct courier;

/* mail->output is not NULL; plan is the one that it belongs to. Builds and checks options; nothing is opened. */
int courier_build(const struct plan *plan, const struct plan_mail *mail,
                  const struct catalog *catalog, struct units *units, struct courier **ret_courier,
                  struct cxd_error *err);
int courier_open(struct courier *c, struct cxd_error *err);
/* Goes on with what `next` was built from, and opens it: credentials may have changed. On failure as before. */
int courier_renew(struct courier *c, struct courier *next, struct cxd_error *err);
/* 1: it points into the plan. */
int courier_uses(const struct courier *c, const struct plan *plan);
/* Where documents go, type-dataset-namespace, and the output's name. Of the first policy; any thread. */
const char *courier_index(const struct courier *c);
const char *courier_name(const struct courier *c);
/*
 * All documents in one request; their index is filled in. template_json: of the data stream, put in place before the first document where
 * the output's options want it. CXD_OK: every outcome is decided. Else what is PENDING is to be sent again later.
 */
int courier_send(struct courier *c, const char *template_json, struct cxd_doc *docs, uint32_t count,
                 struct cxd_outcome *outcomes, struct cxd_error *err);
/* Ends a request that is under way. */
void courier_interrupt(struct courier *c);
void courier_free(struct courier *c); /* accepts NULL */
