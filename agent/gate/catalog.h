/*
 * catalog.h: the registry of modules: what was found, what is loaded, what was refused and why.
 *
 * Filled once at the start by control; read-only afterwards, any thread.
 */
#pragma once

#include "cxd/module.h"

struct probe;

struct catalog_entry {
    struct catalog_entry *next;
    const struct cxd_module *module; /* NULL: refused */
    char *path;
    struct cxd_error why;      /* of the refusal */
    const struct probe *probe; /* a stranger's: how it is tried; else NULL */
};

struct catalog {
    struct catalog_entry *first;
    const struct cxd_host *host;
    /* Set while folders of strangers are scanned: their files are first loaded by a process of their own. NULL: not. */
    const struct probe *probe;
};

void catalog_init(struct catalog *c, const struct cxd_host *host);
/* Loads every *.so of the folder in the order of names; a refused one is remembered, and no error. An absent folder is one. */
int catalog_scan(struct catalog *c, const char *folder, struct cxd_error *err);
/* A module of the program itself; before those that are found later. CXD_NOMEM. */
int catalog_put(struct catalog *c, const struct cxd_module *module);
/* By kind and policy type (name or alias); NULL: none. */
const struct cxd_module *catalog_find(const struct catalog *c, enum cxd_module_kind kind,
                                      const char *type);
/*
 * Opens and closes a stranger's module with these options (BSON) in a process of its own, before it is opened here. 0 also for
 * any other module, and when its open fails in good order, which whoever opens it handles. CXD_MISFIT: it crashes or does not
 * come back; err names the file.
 */
int catalog_try(const struct catalog *c, const struct cxd_module *module, struct cxd_bytes options,
                struct cxd_error *err);
void catalog_done(struct catalog *c); /* forgets; modules stay loaded */
const char *catalog_kind_word(uint32_t kind);
