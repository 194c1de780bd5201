/* identity.h: who this agent is: an id that outlives the process, one that does not, and the host's name. */
#pragma once

#include "cxd/status.h"

struct identity {
    char id[40];           /* a UUID's text */
    char ephemeral_id[40]; /* another with each start */
    char host_name[256];
};

/* The id is read from folder/agent.id, or made and put there. folder NULL: made, and put nowhere. */
int identity_read(struct identity *id, const char *folder, struct cxd_error *err);
