/*
 * filebeat.h: the registry of a Filebeat, read: what its inputs have stored about where they are. Nothing there is changed.
 *
 * Format (version "1", a checkpoint N.json and the log of changes behind it, log.json): elastic/beats,
 * libbeat/statestore/backend/memlog, in 2026. An entry of an input with cursors has the key TYPE::ID::SOURCE. The Filebeat should not
 * run: what it has not written yet is not seen. Limits: 64 MiB a file.
 */
#pragma once

#include "base/arena.h"
#include "cxd/abi.h"
#include "cxd/status.h"

struct filebeat_entry {
    struct filebeat_entry *next;
    const char *key;  /* "httpjson::ID::https://..." */
    const char *type; /* up to the first ::, as the next two a copy */
    const char *id;
    const char *source;
    const char *cursor; /* JSON text; NULL: it has none */
};

/* 1: entries of that type (name of an input) are wanted. */
typedef int (*filebeat_want_fn)(void *owner, const char *type);

/*
 * folder: the registry itself, or what it lies in (data, or the program's home). Entries in the order of their first mention; they live
 * in arena. CXD_NOT_FOUND: no registry there; CXD_UNSUPPORTED: of another version; CXD_CORRUPT: a checkpoint that is no JSON, or a log
 * that does not follow it. A log whose end is torn is read up to there, as Filebeat does.
 */
int filebeat_read(const char *folder, struct arena *arena, filebeat_want_fn want, void *owner,
                  struct filebeat_entry **ret_first, struct cxd_error *err);
