/* catalog.c: a list, in the order of search. Earlier folders win; a second module of the same kind and name is refused. */
#include "gate/catalog.h"

#include "base/cleanup.h"
#include "gate/load.h"
#include "gate/probe.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void catalog_init(struct catalog *c, const struct cxd_host *host)
{
    *c = (struct catalog){.host = host};
}

const char *catalog_kind_word(uint32_t kind)
{
    static const char *const words[] = {"unknown", "input", "processor", "output"};
    return words[kind <= CXD_OUTPUT ? kind : 0];
}

/* Whether type is one of the blank-separated words. */
static int word_in(const char *words, const char *type)
{
    size_t len = strlen(type);

    while (words != NULL && *words != '\0') {
        size_t word_len = strcspn(words, " ");
        if (word_len == len && memcmp(words, type, len) == 0) {
            return 1;
        }
        words += word_len + (words[word_len] == ' ');
    }
    return 0;
}

static const struct catalog_entry *entry_find(const struct catalog *c, uint32_t kind,
                                              const char *type)
{
    for (const struct catalog_entry *e = c->first; e != NULL; e = e->next) {
        if (e->module != NULL && e->module->kind == kind &&
            (strcmp(e->module->name, type) == 0 || word_in(e->module->aliases, type))) {
            return e;
        }
    }
    return NULL;
}

const struct cxd_module *catalog_find(const struct catalog *c, enum cxd_module_kind kind,
                                      const char *type)
{
    const struct catalog_entry *e = entry_find(c, (uint32_t)kind, type);

    return e != NULL ? e->module : NULL;
}

static struct catalog_entry *entry_new(struct catalog *c, const char *path)
{
    struct catalog_entry **end = &c->first;
    struct catalog_entry *e = calloc(1, sizeof *e);

    if (e == NULL || (e->path = strdup(path)) == NULL) {
        free(e);
        return NULL;
    }
    e->probe = c->probe;
    while (*end != NULL) {
        end = &(*end)->next;
    }
    *end = e;
    return e;
}

/* One module of a file, which was found good (why: NULL) or not. */
static int module_add(struct catalog *c, const char *path, const struct cxd_module *module,
                      const struct cxd_error *why)
{
    const struct catalog_entry *there =
        why == NULL ? entry_find(c, module->kind, module->name) : NULL;
    struct catalog_entry *e;

    if (there != NULL && there->module == module) { /* the same file, found twice */
        return CXD_OK;
    }
    e = entry_new(c, path);
    if (e == NULL) {
        return CXD_NOMEM;
    }
    if (why != NULL) {
        e->why = *why;
    } else if (there != NULL) {
        (void)cxd_error_set(&e->why, CXD_EXISTS, "%s: %s \"%s\" is loaded already, from %s", path,
                            catalog_kind_word(module->kind), module->name, there->path);
    } else {
        e->module = module;
    }
    return CXD_OK;
}

int catalog_put(struct catalog *c, const struct cxd_module *module)
{
    return module_add(c, "(program)", module, NULL);
}

int catalog_try(const struct catalog *c, const struct cxd_module *module, struct cxd_bytes options,
                struct cxd_error *err)
{
    const struct catalog_entry *e = c->first;
    const char *kind = catalog_kind_word(module->kind);
    int r;

    while (e != NULL && e->module != module) {
        e = e->next;
    }
    if (e == NULL || e->probe == NULL) {
        return CXD_OK;
    }
    r = probe_run(e->probe, (const char *const[]){"open", e->path, kind, module->name, NULL},
                  options, err);
    if (r != CXD_OK) {
        (void)cxd_error_wrap(err, "%s: %s \"%s\"", e->path, kind, module->name);
    }
    return r;
}

/* Whether it can be loaded at all, found out where it does no harm. */
static int file_try(const struct catalog *c, const char *path, struct cxd_error *err)
{
    const char *const words[] = {"load", path, NULL};
    int r = c->probe != NULL ? probe_run(c->probe, words, (struct cxd_bytes){"", 0}, err) : CXD_OK;

    if (r != CXD_OK) {
        (void)cxd_error_wrap(err, "%s", path);
    }
    return r;
}

/* All modules of a file; each is judged by itself. */
static int file_add(struct catalog *c, const char *folder, const char *name)
{
    _cleanup_(freep) char *path = NULL;
    struct cxd_error why = CXD_ERROR_INIT;
    const struct cxd_module *module = NULL;
    int status;
    int r;

    if (asprintf(&path, "%s/%s", folder, name) < 0) {
        path = NULL;
        return CXD_NOMEM;
    }
    status = file_try(c, path, &why);
    status = status != CXD_OK ? status : module_load(path, c->host, &module, &why);
    r = module_add(c, path, module, status == CXD_OK ? NULL : &why);
    for (int i = 1; r == CXD_OK && (module = module_next(module)) != NULL; i++) {
        if (i == CXD_MODULES_MAX) {
            (void)cxd_error_set(&why, CXD_MISFIT, "%s: more than %d modules: does one name itself?",
                                path, CXD_MODULES_MAX);
            return module_add(c, path, module, &why);
        }
        status = module_check(module, c->host, &why);
        if (status != CXD_OK) {
            (void)cxd_error_wrap(&why, "%s", path);
        }
        r = module_add(c, path, module, status == CXD_OK ? NULL : &why);
    }
    return r;
}

static int is_module_file(const struct dirent *d)
{
    size_t len = strlen(d->d_name);

    return len > 3 && d->d_name[0] != '.' && strcmp(d->d_name + len - 3, ".so") == 0;
}

int catalog_scan(struct catalog *c, const char *folder, struct cxd_error *err)
{
    struct dirent **names = NULL;
    int count = scandir(folder, &names, is_module_file, alphasort);
    int r = CXD_OK;

    if (count < 0) {
        return cxd_error_set(err, errno == ENOMEM ? CXD_NOMEM : CXD_NOT_FOUND,
                             "module folder %s: %s", folder, strerror(errno));
    }
    for (int i = 0; i < count; i++) {
        if (r == CXD_OK) {
            r = file_add(c, folder, names[i]->d_name);
        }
        free(names[i]);
    }
    free(names);
    return r == CXD_OK ? r : cxd_error_set(err, r, "module folder %s: out of memory", folder);
}

void catalog_done(struct catalog *c)
{
    while (c->first != NULL) {
        struct catalog_entry *e = c->first;
        c->first = e->next;
        free(e->path);
        free(e);
    }
}
