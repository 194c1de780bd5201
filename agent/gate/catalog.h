/*
 * catalog.h: the registry of modules: what was found, what is loaded, what was refused and why.
 *
 * Filled once at the start by control; read-only afterwards, any thread.
 */
#pragma once

#include "cxd/module.h"

struct catalog_entry {
    struct catalog_entry *next;
    const struct cxd_module *module; /* NULL: refused */
    char *path;
    struct cxd_error why; /* of the refusal */
};

struct catalog {
    struct catalog_entry *first;
    const struct cxd_host *host;
};

void catalog_init(struct catalog *c, const struct cxd_host *host);
/* Loads every *.so of the folder in the order of names; a refused one is remembered, and no error. An absent folder is one. */
int catalog_scan(struct catalog *c, const char *folder, struct cxd_error *err);
/* By kind and policy type (name or alias); NULL: none. */
const struct cxd_module *catalog_find(const struct catalog *c, enum cxd_module_kind kind,
                                      const char *type);
void catalog_done(struct catalog *c); /* forgets; modules stay loaded */
const char *catalog_kind_word(uint32_t kind);
