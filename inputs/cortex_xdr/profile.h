/*
 * profile.h: what differs between the streams of the Cortex XDR API: path, list, the one clock that filter, sort and cursor
 * share. Pure data.
 */
#pragma once

#include "lib/tree.h"

struct profile {
    const char *name;   /* policy type behind "cortex_xdr/" */
    const char *path;   /* below the API's address */
    const char *list;   /* member of reply that holds the rows */
    const char *filter; /* field of the filter */
    const char *sort;  /* field of the sort; the filter's, unless that one moves while it is read */
    const char *clock; /* member of a row that tells the filter's time, in ms */
    int64_t overlap_ms; /* default of that option: rows come into the past so late */
    bool is_split;      /* rows have a list of events: one record for each */
    bool
        is_open; /* no upper bound: a row's time only grows, and those that report without a pause are never older than now */
};

/* By policy type ("cortex_xdr/incidents") or bare name; NULL: there is none. */
const struct profile *profile_find(struct cxd_bytes type);
