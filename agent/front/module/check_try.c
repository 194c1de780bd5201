/* check_try.c: the other side of gate/probe.h: loads a file, opens a module, says each step, and does no more. */
#include "base/buf.h"
#include "base/cleanup.h"
#include "front/command.h"
#include "front/module/check.h"
#include "front/module/check_bed.h"
#include "gate/catalog.h"
#include "gate/load.h"
#include "gate/probe.h"
#include "io/doc.h"
#include "io/file.h"
#include "pipeline/bind.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

static void step(const char *name)
{
    (void)puts(name);
    (void)fflush(stdout);
}

static int done(void)
{
    step(PROBE_OK);
    return EXIT_OK;
}

/* The module of that kind and name; a refused file has none. */
static const struct cxd_module *module_of(const char *path, const char *kind, const char *name)
{
    const struct cxd_module *m = NULL;

    (void)module_load(path, bind_host(), &m,
                      NULL); /* what is refused is found out again, and said, by the caller */
    for (int i = 0; m != NULL && i < CXD_MODULES_MAX; i++) {
        if (module_check(m, bind_host(), NULL) == CXD_OK && kind != NULL &&
            strcmp(catalog_kind_word(m->kind), kind) == 0 && strcmp(m->name, name) == 0) {
            return m;
        }
        m = module_next(m);
    }
    return NULL;
}

static int open_it(const struct cxd_module *m, struct check_bed *bed, struct cxd_bytes options)
{
    const struct cxd_input_ops *in = m->ops;
    const struct cxd_processor_ops *proc = m->ops;
    const struct cxd_output_ops *out = m->ops;
    struct cxd_error err = CXD_ERROR_INIT;
    void *instance = NULL;
    void (*close)(void *);
    int r;

    step("open");
    if (m->kind == CXD_INPUT) {
        r = in->open(&bed->host, &bed->self, options, &instance, &err);
        close = in->close;
    } else if (m->kind == CXD_PROCESSOR) {
        r = proc->open(&bed->host, &bed->self, options, &instance, &err);
        close = proc->close;
    } else {
        r = out->open(&bed->host, &bed->self, options, &instance, &err);
        close = out->close;
    }
    (void)r; /* an error that it tells is the runner's to handle */
    if (instance != NULL) {
        step("close");
        close(instance);
    }
    return done();
}

int check_try(int argc, char **argv)
{
    const struct rlimit no_dumps = {0, 0};
    const struct cxd_module *m;
    struct cxd_error err = CXD_ERROR_INIT;
    struct check_bed bed;
    _cleanup_(buf_done) struct buf options;
    int is_open = argc == 4 && strcmp(argv[0], "open") == 0;
    int code = EXIT_PROBLEM;

    buf_init(&options, DOC_SIZE_MAX);
    if (!is_open && (argc != 2 || strcmp(argv[0], "load") != 0)) {
        return EXIT_USAGE;
    }
    (void)setrlimit(RLIMIT_CORE, &no_dumps); /* options hold secrets */
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    step("loading");
    m = module_of(argv[1], is_open ? argv[2] : NULL, is_open ? argv[3] : NULL);
    if (!is_open) {
        return done();
    }
    if (m == NULL || file_read("/dev/stdin", &options, NULL, &err) != CXD_OK ||
        doc_check((struct cxd_bytes){options.ptr, options.len}, &err) != CXD_OK) {
        step("reading its options");
        return EXIT_PROBLEM;
    }
    if (check_bed_init(&bed, m->name, 1) == CXD_OK) {
        code = open_it(m, &bed, (struct cxd_bytes){options.ptr, options.len});
        check_bed_done(&bed);
    }
    return code;
}
