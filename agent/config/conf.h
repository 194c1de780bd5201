/*
 * conf.h: a policy as a tree that remembers where each value stood.
 *
 * Immutable once read; lives in the arena it was read into. Keys may be dotted or nested in any mixture, as Elastic Agent
 * writes them: conf_find sees `ssl.verification_mode: none` and `ssl: {verification_mode: none}` alike.
 */
#pragma once

#include "base/arena.h"
#include "cxd/abi.h"
#include "cxd/status.h"

#include <stdbool.h>
#include <stddef.h>

#define CONF_MAX_BYTES (4u << 20) /* of one file */
#define CONF_MAX_DEPTH 64
#define CONF_MAX_KEYS 4096 /* of one map: each new key is compared with those before it */
#define CONF_MAX_FRAGMENTS 256
#define CONF_MAX_NODES 200000 /* after aliases: a small file cannot grow without end */

enum conf_kind { CONF_SCALAR, CONF_MAP, CONF_LIST };

struct conf {
    struct conf *next;  /* sibling */
    struct conf *first; /* child of a map or list */
    const char *key;    /* in a map; NULL in a list */
    const char *text;   /* scalar, variables replaced; ends with NUL */
    size_t len;
    const char *file;    /* as the user named it */
    int line;            /* from 1 */
    const char *raw;     /* of a condition: as written, its variables untouched; else NULL */
    const char *missing; /* the variable that has no value (only below inputs); else NULL */
    enum conf_kind kind;
    bool quoted;    /* a quoted scalar is text, never a number, a boolean or null */
    bool is_secret; /* a scalar with something of the keystore or of a file in it */
};

/*
 * Reads one YAML document. A variable without a value is an error, but below `inputs` it is left to plan_read. err: "file:line: what
 * was expected". CXD_CONFIG, CXD_TOO_LARGE, CXD_TOO_DEEP, CXD_IO, CXD_NOMEM.
 */
int conf_read_file(const char *path, struct arena *arena, struct conf **ret_root,
                   struct cxd_error *err);
int conf_read_text(const char *name, const char *text, size_t len, struct arena *arena,
                   struct conf **ret_root, struct cxd_error *err);

/*
 * A file, or a folder: its *.yml and *.yaml files (none that begins with a dot) in the order of their names' bytes are one policy. Maps
 * join, the lists `inputs` follow each other; any other key that stands twice must have the same value. err names both places.
 */
int conf_read_path(const char *path, struct arena *arena, struct conf **ret_root,
                   struct cxd_error *err);

/* Overwrites the texts of a tree, which cannot be used afterwards. Accepts NULL. */
void conf_wipe(struct conf *root);

/* Member by dotted path; NULL when map is NULL, not a map, or has none. */
const struct conf *conf_find(const struct conf *map, const char *path);
/*
 * A copy of the map in which dotted keys are maps within maps, at every depth outside of lists, as Beats reads them. What is in both
 * spellings is joined; null gives way. CXD_CONFIG: a key that stands twice.
 */
int conf_undot(const struct conf *map, struct arena *arena, const struct conf **ret_map,
               struct cxd_error *err);
/* Text of a scalar member, or fallback. */
const char *conf_text(const struct conf *map, const char *path, const char *fallback);
bool conf_is_null(const struct conf *node); /* ~, null or empty, not quoted; also for NULL */
/* 1, 0, or -1 when it is no boolean. */
int conf_bool(const struct conf *node);
/* "file:line: text" */
__attribute__((format(printf, 3, 4))) int conf_error(struct cxd_error *err, const struct conf *at,
                                                     const char *format, ...);

/*
 * One more provider of ${NAME}, asked before the environment: 1 and a value (borrowed until the next call), 0, or CXD_NOMEM. Names
 * of env., host., local., filesource. and path. are not its business. In a probe a variable without a value is an empty text. Copied; NULL: none any more.
 * Control's thread.
 */
struct conf_vault {
    int (*look)(void *arg, const char *name, struct cxd_bytes *ret_value);
    void *arg;
    bool is_probe;
};
void conf_vault_set(const struct conf_vault *vault);

/* What ${agent.id} gives; NULL: nothing. Copied; control's thread. */
void conf_agent_id_set(const char *id);

#define CONF_STATE_FOLDER "/var/lib/cortexd" /* agent.path.data unless the policy has it */

/*
 * Replaces ${provider.key}, ${a|b|'text'} and ${a:default} in text ($${ stands for ${). Providers: the vault, and those of provide.h.
 * CXD_NOT_FOUND when a variable has no value; CXD_CONFIG; CXD_UNSUPPORTED: a list or map within a text. The result lives in arena.
 */
int conf_expand(const char *text, size_t len, struct arena *arena, const char **ret_text,
                size_t *ret_len, struct cxd_error *err);
