/*
 * replay.h: dead letters sent again, through the policy's processors (raw records) and outputs (documents), in order.
 *
 * The store's file is put aside as replay-TIME.ndjson and worked through in steps of some hundred letters; after each, when all
 * is settled, the place in it is kept in the registry, so that a replay that was cut short goes on where it was. Documents
 * have ids, made from their content where they had none, so a step that is repeated does not make a second copy. What is
 * refused again becomes a dead letter again; what nobody can send (a raw record of a stream that is gone) stays one.
 */
#pragma once

#include "front/run/agent.h"

struct replay_sum {
    uint64_t letters; /* in the file */
    uint64_t done;    /* looked at by now, earlier tries included */
    uint64_t kept;    /* put back as they were */
    int64_t delivered;
    int64_t duplicates; /* of them, those that the destination had already */
    int64_t refused;    /* dead letters again */
};

typedef void (*replay_progress_fn)(const struct replay_sum *sum);

/*
 * Until the end of the file, or a stop signal: CXD_STOPPED. agent: open, not started, and stopped afterwards; control's thread,
 * signals set up. progress is called now and then. CXD_NOT_FOUND: there are no letters.
 */
int replay_run(struct agent *a, replay_progress_fn progress, struct replay_sum *ret_sum,
               struct cxd_error *err);
