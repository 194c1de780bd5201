/* identity.h: who the agent is, in the events' `agent` object. */
#pragma once

#include "cxd/status.h"

struct identity {
    char id[40];           /* UUID, kept in the state folder so that it outlives the process */
    char ephemeral_id[40]; /* UUID of this run */
    char name[256];        /* of the host */
    const char *version;
};

/* Reads the id from data_path/agent.id, or makes it; data_path NULL: one for this run only. */
int identity_read(struct identity *who, const char *data_path, struct cxd_error *err);
