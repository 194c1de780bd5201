/* glue.h: what both halves know. */
#pragma once

#include <cxd/module.h>

struct countdown {
    const struct cxd_host *host;
    struct cxd_self *self;
    int64_t from;
    int has_ended;
};

int countdown_emit(struct countdown *c, char *message, size_t len, char *id, size_t id_len,
                   struct cxd_error *err);
