/*
 * load.c: permissions, dlopen, negotiation. Each refusal has a text of its own. Never unloads.
 */
#include "gate/load.h"

#include <dlfcn.h>
#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

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

static int file_check(const char *path, struct cxd_error *err)
{
    char folder[PATH_MAX];
    struct stat st;
    int r;

    if (stat(path, &st) != 0) {
        return cxd_error_set(err, CXD_NOT_FOUND, "%s: %s", path, strerror(errno));
    }
    if (!S_ISREG(st.st_mode)) {
        return cxd_error_set(err, CXD_MISFIT, "%s: not a regular file", path);
    }
    r = owner_check(path, &st, "the file", err);
    if (r != CXD_OK) {
        return r;
    }
    if (snprintf(folder, sizeof folder, "%s", path) >= (int)sizeof folder ||
        stat(dirname(folder), &st) != 0) {
        return cxd_error_set(err, CXD_NOT_FOUND, "%s: its folder cannot be read", path);
    }
    return owner_check(path, &st, "its folder", err);
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

int module_check(const struct cxd_module *m, const struct cxd_host *host, struct cxd_error *err)
{
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
    return ops_check(m, err);
}

int module_load(const char *path, const struct cxd_host *host, const struct cxd_module **ret_module,
                struct cxd_error *err)
{
    const struct cxd_module *module;
    cxd_module_entry_fn entry;
    void *handle;
    int r = file_check(path, err);

    if (r != CXD_OK) {
        return r;
    }
    handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (handle == NULL) {
        return cxd_error_set(err, CXD_MISFIT, "%s: cannot be loaded: %s", path, dlerror());
    }
    *(void **)&entry = dlsym(handle, CXD_ENTRY_NAME);
    if (entry == NULL) {
        return cxd_error_set(err, CXD_MISFIT, "%s: has no %s, so it is no module of cortexd", path,
                             CXD_ENTRY_NAME);
    }
    module = entry(host, err);
    r = module_check(module, host, err);
    if (r != CXD_OK) {
        (void)cxd_error_wrap(err, "%s", path);
        return r;
    }
    *ret_module = module;
    return CXD_OK;
}
