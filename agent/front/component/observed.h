/*
 * observed.h: what a component tells Elastic Agent of its units: all of them, in each message. Wire facts: elastic/elastic-agent-client,
 * CheckinObserved, 2026. Pure.
 */
#pragma once

#include "front/component/expected.h"

#define OBSERVED_MESSAGE_MAX 500

struct observed_unit {
    char id[256];
    int type;
    uint64_t config_idx; /* of the configuration that was taken */
    int state;
    char message[OBSERVED_MESSAGE_MAX];
    struct buf payload; /* google.protobuf.Struct, or empty: none */
};

struct observed {
    struct observed_unit *units; /* owned */
    size_t count;
    uint64_t features_idx;
    uint64_t component_idx;
};

const char *observed_state_word(int state); /* "HEALTHY" */
void observed_init(struct observed *o);
void observed_done(struct observed *o);
/* One more unit, zeroed but for its names; NULL: no memory. */
struct observed_unit *observed_add(struct observed *o, int type, const char *id);
/* {"streams": {id: {"status": .., "error": ..}}}, a stream more each call; observed_streams_end once. CXD_NOMEM, CXD_TOO_LARGE. */
int observed_stream(struct buf *streams, const char *id, int state, const char *error);
int observed_streams_end(struct observed_unit *u, const struct buf *streams);
int observed_is_same(const struct observed *a, const struct observed *b);
/* A CheckinObserved message, appended. is_first: of its stream, and says who we are. CXD_NOMEM, CXD_TOO_LARGE, as all below. */
int observed_write(const struct observed *o, const char *token, int is_first, struct buf *out);
/* Its parts: all but the units, one unit, the time of a set (chunk.h). */
int observed_head_write(const struct observed *o, const char *token, int is_first, struct buf *out);
int observed_unit_write(const struct observed_unit *u, struct buf *out);
int observed_time_write(int64_t wall_ms, struct buf *out);
