/* search.c: where modules are looked for, and whose are tried before they are loaded (decisions/0012). */
#include "front/run/agent.h"

#include "front/place.h"
#include "pipeline/bind.h"

#include <limits.h>

int agent_catalog(const struct plan_settings *settings, const struct agent_options *options,
                  struct catalog *ret_catalog, struct cxd_error *err)
{
    const struct conf *paths = settings != NULL ? settings->module_paths : NULL;
    const struct conf *path = paths != NULL && paths->kind == CONF_LIST ? paths->first : paths;
    char folder[PATH_MAX];
    int r = CXD_OK;

    catalog_init(ret_catalog, bind_host());
    if (options->desk != NULL) {
        r = catalog_put(ret_catalog, options->desk);
        r = r == CXD_OK ? r : cxd_error_set(err, r, "out of memory");
    }
    ret_catalog->probe = options->probe;
    for (const char *const *own = options->module_paths; own != NULL && *own != NULL && r == CXD_OK;
         own++) {
        r = catalog_scan(ret_catalog, *own, err);
    }
    for (; path != NULL && r == CXD_OK; path = path == paths ? NULL : path->next) {
        r = path->kind == CONF_SCALAR
                ? catalog_scan(ret_catalog, path->text, err)
                : conf_error(err, path, "agent.modules.path: expected folders");
    }
    ret_catalog->probe = NULL; /* those that came with the program need none */
    if (r == CXD_OK) {
        r = place_modules(folder, sizeof folder);
        r = r == CXD_OK
                ? catalog_scan(ret_catalog, folder, err)
                : cxd_error_set(err, r, "the folder of the installed modules cannot be found");
    }
    if (r != CXD_OK) {
        catalog_done(ret_catalog);
    }
    return r;
}
