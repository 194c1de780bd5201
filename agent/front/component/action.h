/*
 * action.h: what Elastic Agent asks a component to do, and the answers. Wire facts: elastic/elastic-agent-client, ActionRequest and
 * ActionResponse, 2026. Pure.
 */
#pragma once

#include "base/buf.h"
#include "cxd/abi.h"
#include "cxd/status.h"

#include <stdint.h>

enum action_type { ACTION_CUSTOM = 0, ACTION_DIAGNOSTICS = 1 };
enum action_level { ACTION_ALL = 0, ACTION_COMPONENT = 1, ACTION_UNIT = 2 };

struct action {
    char id[128];
    char name[128];
    char unit_id[256]; /* of ACTION_UNIT */
    int unit_type;
    int type;  /* enum action_type */
    int level; /* enum action_level */
};

struct action_file {
    const char *name;
    const char *filename;
    const char *description;
    struct buf content; /* JSON */
};

/* CXD_MALFORMED: it is none, or has no id. */
int action_parse(struct cxd_bytes message, struct action *ret_action);
/* Each appends one whole message to out; CXD_NOMEM, CXD_TOO_LARGE (out's limit). The first of a call: */
int action_first_write(const char *token, struct buf *out);
int action_refuse_write(const char *token, const char *id, const char *why, struct buf *out);
/* wall_ms: when the files were made. */
int action_files_write(const char *token, const char *id, const struct action_file *files,
                       size_t count, int64_t wall_ms, struct buf *out);
