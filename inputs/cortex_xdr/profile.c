/*
 * profile.c: the streams. Facts: the vendor's public API pages. For alerts the filter server_creation_time is the row's
 * local_insert_ts, the time the tenant took it in: what comes late from a host is new by this clock, too. An agent's report can
 * be asked for by the time it was written only, and it may arrive a day later: the last day is read again with each look.
 * An endpoint's last_seen grows all the time; first_seen, which never changes, keeps the pages in order.
 */
#include "profile.h"

static const struct profile profiles[] = {
    {.name = "alerts-v1",
     .path = "/public_api/v1/alerts/get_alerts_multi_events",
     .list = "alerts",
     .filter = "server_creation_time",
     .sort = "server_creation_time",
     .clock = "local_insert_ts",
     .is_split = true},
    {.name = "incidents",
     .path = "/public_api/v1/incidents/get_incidents",
     .list = "incidents",
     .filter = "modification_time",
     .sort = "modification_time",
     .clock = "modification_time"},
    {.name = "audit_management",
     .path = "/public_api/v1/audits/management_logs",
     .list = "data",
     .filter = "timestamp",
     .sort = "timestamp",
     .clock = "AUDIT_INSERT_TIME"},
    {.name = "audit_agent",
     .path = "/public_api/v1/audits/agents_reports",
     .list = "data",
     .filter = "timestamp",
     .sort = "timestamp",
     .clock = "TIMESTAMP",
     .overlap_ms = 86400000},
    {.name = "endpoints",
     .path = "/public_api/v1/endpoints/get_endpoint",
     .list = "endpoints",
     .filter = "last_seen",
     .sort = "first_seen",
     .clock = "last_seen",
     .is_open = true},
};

const struct profile *profile_find(struct cxd_bytes type)
{
    static const char front[] = "cortex_xdr/";

    if (type.len > sizeof front - 1 && memcmp(type.ptr, front, sizeof front - 1) == 0) {
        type = (struct cxd_bytes){type.ptr + sizeof front - 1, type.len - (sizeof front - 1)};
    }
    for (size_t i = 0; i < sizeof profiles / sizeof profiles[0]; i++) {
        if (strlen(profiles[i].name) == type.len &&
            memcmp(profiles[i].name, type.ptr, type.len) == 0) {
            return &profiles[i];
        }
    }
    return NULL;
}
