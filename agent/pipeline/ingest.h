/* ingest.h: what a document needs that the destination maps, in place of the agent. The input's thread. */
#pragma once

#include "cxd/event.h"

/* event.dataset, as Elastic Agent adds it for the pipelines of integrations; one that is there stays. CXD_NOMEM. */
int ingest_dataset(struct cxd_event *ev, struct cxd_bytes dataset);
/* The record's digest as id, the same that the ecs processor gives; one that the input has set stays. */
void ingest_id(struct cxd_event *ev);
