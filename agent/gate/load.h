/* load.h: one .so, from a path to a module that fits this host, or to one clear line why not. */
#pragma once

#include "cxd/module.h"

#include <limits.h>

/*
 * Checks the file (regular, owner root or this user, file and folder not writable by others), loads it and negotiates.
 * The module stays loaded for the life of the process. CXD_MISFIT, CXD_FORBIDDEN, CXD_NOT_FOUND; err names the path.
 * *ret_module is set whenever the file gave a descriptor, refused or not, for module_next; else it is NULL.
 */
int module_load(const char *path, const struct cxd_host *host, const struct cxd_module **ret_module,
                struct cxd_error *err);
/* The first of its checks alone: whether the file may be loaded; ret_real: where links lead to. */
int module_file_check(const char *path, char ret_real[PATH_MAX], struct cxd_error *err);
/* The module behind this one in its file; NULL: none, or the descriptor was made before files could bring several. It is not
 * checked yet. */
const struct cxd_module *module_next(const struct cxd_module *module);
/* The rules of the descriptor alone, for tests and for `check`. */
int module_check(const struct cxd_module *module, const struct cxd_host *host,
                 struct cxd_error *err);
