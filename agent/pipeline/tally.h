/* tally.h: what a batch's outcomes come to, for the counters of stream and output. */
#pragma once

#include "cxd/event.h"
#include "pipeline/unit.h"

struct tally {
    int64_t delivered;
    int64_t duplicates;
    int64_t dead;
    int64_t bytes;
};

/* 1: the document is settled by a clear word. */
int tally_is_decided(const struct cxd_outcome *out);
void tally_add(struct unit *u, const struct tally *t);
