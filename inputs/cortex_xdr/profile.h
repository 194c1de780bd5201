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
    const char *filter; /* field of filter and sort */
    const char *clock;  /* member of a row that tells the same time, in ms */
    bool is_split;      /* rows have a list of events: one record for each */
};

/* By policy type ("cortex_xdr/incidents") or bare name; NULL: there is none. */
const struct profile *profile_find(struct cxd_bytes type);
