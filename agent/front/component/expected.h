/*
 * expected.h: what Elastic Agent wants a component to be: a whole set of units, each time. Wire facts: elastic/elastic-agent-client,
 * CheckinExpected, 2026. Pure; the texts are the set's own.
 */
#pragma once

#include "base/buf.h"
#include "cxd/status.h"

#include <stdint.h>

#define EXPECTED_UNITS_MAX 256
#define EXPECTED_DEPTH_MAX 48 /* maps and lists in a unit's configuration */

enum unit_type { UNIT_INPUT = 0, UNIT_OUTPUT = 1 };
enum unit_state {
    STATE_STARTING,
    STATE_CONFIGURING,
    STATE_HEALTHY,
    STATE_DEGRADED,
    STATE_FAILED,
    STATE_STOPPING,
    STATE_STOPPED
};

struct expected_unit {
    char id[256];
    int type;  /* enum unit_type */
    int state; /* enum unit_state: HEALTHY or STOPPED is asked for */
    uint64_t config_idx;
    int log_level;     /* 0 error .. 4 trace */
    int has_config;    /* source came with it */
    struct buf source; /* the configuration as JSON, which YAML's readers read; `${` is escaped */
};

struct expected {
    struct expected_unit *units; /* owned */
    size_t count;
    uint64_t features_idx;
    uint64_t component_idx;
    int is_fqdn;  /* host.name is to be fully qualified */
    int has_time; /* it is one of several messages with this time (chunk.h) */
    int64_t seconds;
    int64_t nanos;
};

void expected_init(struct expected *e);
void expected_done(struct expected *e);
/* CXD_MALFORMED, CXD_TOO_LARGE (units), CXD_TOO_DEEP, CXD_NOMEM: err says what; e is then empty. */
int expected_parse(struct cxd_bytes message, struct expected *e, struct cxd_error *err);
/* A google.protobuf.Struct as JSON, appended. */
int expected_json(struct cxd_bytes structure, struct buf *out);
const struct expected_unit *expected_find(const struct expected *e, int type, const char *id);
