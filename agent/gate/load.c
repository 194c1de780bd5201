/*
 * load.c: permissions, dlopen, negotiation. Each refusal has a text of its own. Never unloads.
 */
#include "gate/load.h"

#include <dlfcn.h>
#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define OPTIONS_MAX 512
#define OPTION_NAME_MAX 128
#define OPTION_DEPTH_MAX 4

static int owner_check(const char *path, const struct stat *st, const char *what,
                       struct cxd_error *err)
{
    if (st->st_uid != 0 && st->st_uid != geteuid()) {
        return cxd_error_set(err, CXD_FORBIDDEN,
                             "%s: %s belongs to uid %u; it must be root's or this user's", path,
                             what, (unsigned)st->st_uid);
    }
    if ((st->st_mode & S_IWOTH) ||
        ((st->st_mode & S_IWGRP) && st->st_gid != 0 && st->st_gid != getegid())) {
        return cxd_error_set(err, CXD_FORBIDDEN,
                             "%s: %s is writable by others; run: chmod go-w on it", path, what);
    }
    return CXD_OK;
}

static int folder_check(const char *named, const char *path, const char *what,
                        struct cxd_error *err)
{
    char folder[PATH_MAX];
    struct stat st;

    if (snprintf(folder, sizeof folder, "%s", path) >= (int)sizeof folder ||
        stat(dirname(folder), &st) != 0) {
        return cxd_error_set(err, CXD_NOT_FOUND, "%s: %s cannot be read", named, what);
    }
    return owner_check(named, &st, what, err);
}

/* Through a link: who may change the link's folder or the file's own chooses what is loaded. */
int module_file_check(const char *path, char ret_real[PATH_MAX], struct cxd_error *err)
{
    struct stat st;
    int r;

    if (realpath(path, ret_real) == NULL || stat(ret_real, &st) != 0) {
        return cxd_error_set(err, CXD_NOT_FOUND, "%s: %s", path, strerror(errno));
    }
    if (!S_ISREG(st.st_mode)) {
        return cxd_error_set(err, CXD_MISFIT, "%s: not a regular file", path);
    }
    r = owner_check(path, &st, "the file", err);
    r = r != CXD_OK ? r : folder_check(path, path, "its folder", err);
    return r != CXD_OK ? r : folder_check(path, ret_real, "the folder that it links to", err);
}

static int name_check(const char *name)
{
    size_t len = name != NULL ? strlen(name) : 0;

    return len > 0 && len <= 64 && strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-_/") == len;
}

static const char *const kind_words[] = {"?", "input", "processor", "output"};

static int ops_check(const struct cxd_module *m, struct cxd_error *err)
{
    const struct cxd_input_ops *in = m->ops;
    const struct cxd_processor_ops *proc = m->ops;
    const struct cxd_output_ops *out = m->ops;
    int is_whole = m->ops != NULL;

    if (is_whole && m->kind == CXD_INPUT) {
        is_whole = CXD_HAS(in, close) && in->open != NULL && in->poll != NULL && in->close != NULL;
    } else if (is_whole && m->kind == CXD_PROCESSOR) {
        is_whole = CXD_HAS(proc, close) && proc->open != NULL && proc->process != NULL &&
                   proc->close != NULL;
    } else if (is_whole) {
        is_whole =
            CXD_HAS(out, close) && out->open != NULL && out->send != NULL && out->close != NULL;
    }
    return is_whole
               ? CXD_OK
               : cxd_error_set(err, CXD_MISFIT, "%s \"%s\" lacks an operation that its kind needs",
                               kind_words[m->kind], m->name);
}

/* The host walks these tables and prints them: what it relies on is checked once, here. */
static int options_check(const struct cxd_option *table, int depth, struct cxd_error *err)
{
    for (unsigned i = 0; table[i].name != NULL; i++) {
        const struct cxd_option *row = &table[i];
        size_t len = strlen(row->name);
        if (i == OPTIONS_MAX) {
            return cxd_error_set(err, CXD_MISFIT,
                                 "more than %d options in one table: is its last row there?",
                                 OPTIONS_MAX);
        }
        if (len == 0 || len > OPTION_NAME_MAX || row->help == NULL ||
            row->type < CXD_OPTION_STRING || row->type > CXD_OPTION_DOUBLE) {
            return cxd_error_set(err, CXD_MISFIT,
                                 "option \"%.40s\": name, type or help missing or wrong",
                                 row->name);
        }
        if (row->type == CXD_OPTION_GROUP_LIST) {
            int r =
                row->children != NULL && depth > 1
                    ? options_check(row->children, depth - 1, err)
                    : cxd_error_set(
                          err, CXD_MISFIT,
                          "option \"%.40s\": a group without children, or nested deeper than %d",
                          row->name, OPTION_DEPTH_MAX);
            if (r != CXD_OK) {
                return r;
            }
        }
    }
    return CXD_OK;
}

int module_check(const struct cxd_module *m, const struct cxd_host *host, struct cxd_error *err)
{
    int r;

    if (m == NULL) {
        return cxd_error_set(err, CXD_MISFIT, "its entry gave no module");
    }
    if (!CXD_HAS(m, ops)) {
        return cxd_error_set(err, CXD_MISFIT, "descriptor of %u bytes is shorter than ABI 1.0's",
                             m->size);
    }
    if (m->abi >> 16 != host->abi >> 16) {
        return cxd_error_set(err, CXD_MISFIT,
                             "made for ABI %u.%u, this host speaks %u.%u: build it again",
                             m->abi >> 16, m->abi & 0xffff, host->abi >> 16, host->abi & 0xffff);
    }
    if (m->build == NULL || strcmp(m->build, CXD_BUILD) != 0) {
        return cxd_error_set(err, CXD_MISFIT, "built as \"%.40s\", this host is \"%s\"",
                             m->build != NULL ? m->build : "", CXD_BUILD);
    }
    if (m->kind < CXD_INPUT || m->kind > CXD_OUTPUT) {
        return cxd_error_set(err, CXD_MISFIT, "kind %u is none of input, processor, output",
                             m->kind);
    }
    if (!name_check(m->name) || m->version == NULL || m->summary == NULL || m->options == NULL) {
        return cxd_error_set(err, CXD_MISFIT,
                             "name (a-z 0-9 - _ /), version, summary or options missing or wrong");
    }
    if ((m->needs & ~host->offers) != 0) {
        return cxd_error_set(
            err, CXD_MISFIT, "%s \"%s\" needs capabilities 0x%llx that this host lacks",
            kind_words[m->kind], m->name, (unsigned long long)(m->needs & ~host->offers));
    }
    r = options_check(m->options, OPTION_DEPTH_MAX, err);
    return r != CXD_OK ? r : ops_check(m, err);
}

/* Of a descriptor of another major version, or another build, nothing but its head can be believed. */
const struct cxd_module *module_next(const struct cxd_module *m)
{
    int is_ours = m != NULL && CXD_HAS(m, next) && m->abi >> 16 == CXD_ABI_MAJOR &&
                  m->build != NULL && strcmp(m->build, CXD_BUILD) == 0;

    return is_ours ? m->next : NULL;
}

int module_load(const char *path, const struct cxd_host *host, const struct cxd_module **ret_module,
                struct cxd_error *err)
{
    const struct cxd_module *module;
    struct cxd_error why = CXD_ERROR_INIT;
    char real[PATH_MAX];
    cxd_module_entry_fn entry;
    void *handle;
    int r = module_file_check(path, real, err);

    *ret_module = NULL;
    if (r != CXD_OK) {
        return r;
    }
    handle = dlopen(real, RTLD_NOW | RTLD_LOCAL);
    if (handle == NULL) {
        return cxd_error_set(err, CXD_MISFIT, "%s: cannot be loaded: %s", path, dlerror());
    }
    *(void **)&entry = dlsym(handle, CXD_ENTRY_NAME);
    if (entry == NULL) {
        return cxd_error_set(err, CXD_MISFIT, "%s: has no %s, so it is no module of cortexd", path,
                             CXD_ENTRY_NAME);
    }
    module = entry(host, &why);
    if (module == NULL && why.text[0] != '\0') {
        return cxd_error_set(err, CXD_MISFIT, "%s: its entry refused: %s", path, why.text);
    }
    *ret_module = module;
    r = module_check(module, host, err);
    if (r != CXD_OK) {
        (void)cxd_error_wrap(err, "%s", path);
    }
    return r;
}
