/* modules.c: `cortexd modules`: what was found, and why something was refused. */
#include "front/command.h"
#include "front/module/export_merge.h"
#include "front/module/modules_json.h"
#include "front/module/options.h"
#include "front/module/tryout.h"
#include "front/run/agent.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#define JSON_MAX (16u << 20)

static void entry_print(const struct catalog_entry *e, int has_options)
{
    const struct cxd_module *m = e->module;

    char fields[PATH_MAX];

    if (m == NULL) {
        (void)printf("refused    %s\n", e->why.text);
        return;
    }
    (void)printf("%-10s %-16s %-8s %s\n           %s%s%s\n", catalog_kind_word(m->kind), m->name,
                 m->version, m->summary, e->path, m->aliases != NULL ? "; also: " : "",
                 m->aliases != NULL ? m->aliases : "");
    if (m->kind == CXD_INPUT && merge_beside(e->path, fields, sizeof fields)) {
        (void)printf("           fields: %s\n", fields);
    }
    if (has_options) {
        options_print(m->options, 11);
    }
}

static int json_print(const struct catalog *catalog, int has_options)
{
    struct buf out;
    int code = EXIT_PROBLEM;

    buf_init(&out, JSON_MAX);
    if (modules_json(&out, catalog, has_options) != CXD_OK) {
        command_complain("out of memory");
    } else if (fwrite(out.ptr, 1, out.len, stdout) == out.len && fflush(stdout) == 0) {
        code = EXIT_OK;
    }
    buf_done(&out);
    return code;
}

static int list_print(const struct catalog *catalog, int has_options)
{
    for (const struct catalog_entry *e = catalog->first; e != NULL; e = e->next) {
        entry_print(e, has_options);
    }
    return fflush(stdout) == 0 ? EXIT_OK : EXIT_PROBLEM;
}

static int modules_run(int argc, char **argv)
{
    struct command_common common = {0};
    struct agent_options options = {.module_paths = common.modules, .probe = tryout_probe()};
    struct catalog catalog;
    struct cxd_error err = CXD_ERROR_INIT;
    int has_options = 0;
    int is_json = 0;
    int code;

    for (int i = 1; i < argc; i++) {
        int taken = command_common_take(&common, argc, argv, &i);
        if (taken == 0 && strcmp(argv[i], "--options") == 0) {
            has_options = 1;
        } else if (taken == 0 && strcmp(argv[i], "--json") == 0) {
            is_json = 1;
        } else if (taken <= 0) {
            command_complain("modules: unknown word \"%s\" (see: cortexd help modules)", argv[i]);
            return EXIT_USAGE;
        }
    }
    if (agent_catalog(NULL, &options, &catalog, &err) != CXD_OK) {
        command_complain("%s", err.text);
        return EXIT_PROBLEM;
    }
    code = is_json ? json_print(&catalog, has_options) : list_print(&catalog, has_options);
    catalog_done(&catalog);
    return code;
}

const struct command command_modules = {
    .name = "modules",
    .summary = "list the modules that were found, and why one was refused",
    .help =
        "cortexd modules [--options] [--json] [--modules DIR]\n"
        "\n"
        "  --options       every option with its type, meaning and default\n"
        "  --json          the same for programs: modules, and the refused ones with the reason\n"
        "  --modules DIR   search this folder first\n"
        "\n"
        "Exit codes: 0 done; 1 failed; 2 wrong words.\n",
    .run = modules_run,
};
