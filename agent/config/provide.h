/*
 * provide.h: the providers of variables, by Elastic Agent's names: env, host, agent, path, and local and filesource as the policy's key
 * `providers` sets them up:
 *
 *   providers:
 *     local.vars: {site: berlin, hosts: ["https://a:9200", "https://b:9200"]}
 *     filesource:
 *       max_size: 4KiB
 *       sources: {es_key: {path: /run/secrets/es_key, type: raw}}
 *
 * What files hold is secret: it goes to the redactor. Line ends behind the last line are no part of it. Control's thread.
 */
#pragma once

#include "config/conf.h"
#include "config/vars.h"

enum { PROVIDE_FILES_MAX = 64, PROVIDE_FILE_MAX = 1u << 20, PROVIDE_FILE_USUAL = 4096 };

/* Folders that ${path.NAME} gives; NULL: no value. Copied. */
struct provide_paths {
    const char *home;
    const char *data;
    const char *config;
    const char *logs;
};

struct providers;

/*
 * root: the policy, read as a probe (its key `providers` counts, which may be absent), or NULL. Reads the files. Lives in arena, as
 * root must, which is this one's from here on.
 * CXD_CONFIG with file and line, CXD_NOMEM. A file that can't be read is no error: its variable has no value.
 */
int providers_read(struct conf *root, const struct provide_paths *paths, struct arena *arena,
                   struct providers **ret_providers, struct cxd_error *err);
/* Whose values variables get from here on; NULL: without path, local and filesource. Borrowed. */
void providers_set(const struct providers *p);
/*
 * 1: a file holds something else than when it was read (or looked at the last time), has been so for one look, and is there. A file that
 * went away is told once, in *ret_gone (static; NULL: none). To be called about once a second.
 */
int providers_look(struct providers *p, const char **ret_gone);
/* Overwrites what was read from files, and the tree that providers_read was given. Accepts NULL. */
void providers_wipe(struct providers *p);

/* What "provider.key" gives: 1 and *ret_var, 0, or CXD_NOMEM. A name without a dot belongs to env. */
int provide(const char *name, struct arena *arena, struct var *ret_var);
/* The part behind "host.": 1, 0, CXD_NOMEM. */
int provide_host(const char *name, struct arena *arena, struct var *ret_var);
