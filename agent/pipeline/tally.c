/* tally.c: counters of delivery. */
#include "pipeline/tally.h"

void tally_add(struct unit *u, const struct tally *t)
{
    unit_count(u, "events_delivered_total", t->delivered + t->duplicates);
    unit_count(u, "events_duplicate_total", t->duplicates);
    unit_count(u, "events_dead_lettered_total", t->dead);
    unit_count(u, "bytes_delivered_total", t->bytes);
}

/* A number that is no outcome decides nothing: a document is settled by a clear word only. */
int tally_is_decided(const struct cxd_outcome *out)
{
    return out->result == CXD_RESULT_DELIVERED || out->result == CXD_RESULT_DUPLICATE ||
           out->result == CXD_RESULT_REJECTED;
}
