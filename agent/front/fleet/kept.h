/*
 * kept.h: what an agent of a fleet remembers in the folder `policy` of its state: the last good policy with its signature, and the
 * newest revision it ever took. Control's thread.
 */
#pragma once

#include "front/fleet/source.h"

struct kept_mark {
    char policy_id[ENVELOPE_WORD];
    uint64_t revision; /* 0: there is none */
    char hash[65];
};

/* Makes the folder. */
int kept_open(const char *state_folder, struct cxd_error *err);
/* The last good policy, not yet checked. CXD_NOT_FOUND; CXD_CORRUPT. */
int kept_read(const char *state_folder, struct source_item *item, struct cxd_error *err);
int kept_write(const char *state_folder, const struct source_item *item, struct cxd_error *err);
/* Puts the policy's bytes where they can be read as a file; path of PATH_MAX bytes. */
int kept_lay_out(const char *state_folder, const struct source_item *item, char *path,
                 struct cxd_error *err);
/* No mark is no error: revision 0. CXD_CORRUPT. */
int kept_mark_read(const char *state_folder, struct kept_mark *ret_mark, struct cxd_error *err);
int kept_mark_write(const char *state_folder, const struct source_item *item,
                    struct cxd_error *err);
/* 1: the very policy of the mark; 0: a newer one; CXD_CONFIG: an older one, or another under the same revision. */
int kept_judge(const struct kept_mark *mark, const struct source_item *item, struct cxd_error *err);
