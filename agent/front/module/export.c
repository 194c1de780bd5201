/* export.c: `cortexd export`: what the build made from the schema, and what becomes of it when modules bring fields of their own. */
#include "base/buf.h"
#include "base/cleanup.h"
#include "front/command.h"
#include "front/module/export_merge.h"
#include "front/place.h"
#include "io/file.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#define NAME_LETTERS "abcdefghijklmnopqrstuvwxyz0123456789-_."

struct export
{
    struct command_common common;
    enum merge_what what;
    const char *name;  /* as given */
    const char *own;   /* "event" of a data stream of ours, or NULL */
    char dataset[100]; /* panw_cortex_xdr.event, or name */
};

static int file_print(const char *name)
{
    char path[PATH_MAX];
    struct cxd_error err = CXD_ERROR_INIT;
    _cleanup_(buf_done) struct buf text;

    buf_init(&text, 16u << 20);
    if (place_schema(name, path, sizeof path) != CXD_OK) {
        command_complain("%s: no such file is installed; known data streams: event, alerts, "
                         "incidents, and those of which modules bring fields",
                         name);
        return EXIT_PROBLEM;
    }
    if (file_read(path, &text, NULL, &err) != CXD_OK) {
        command_complain("%s", err.text);
        return EXIT_PROBLEM;
    }
    return fwrite(text.ptr, 1, text.len, stdout) == text.len ? EXIT_OK : EXIT_PROBLEM;
}

/* As it was made by the build. */
static int made_print(const struct export *e)
{
    char name[160];

    if (e->what == MERGE_PAGE || e->what == MERGE_LIST) {
        (void)snprintf(name, sizeof name, "fields/%s.%s", e->own != NULL ? e->own : e->name,
                       e->what == MERGE_PAGE ? "md" : "json");
    } else {
        (void)snprintf(name, sizeof name, "template/logs-%s%s.json", e->dataset,
                       e->what == MERGE_TEMPLATE_OPENSEARCH ? ".opensearch" : "");
    }
    return file_print(name);
}

static void name_take(struct export *e)
{
    e->own = merge_own(e->name);
    (void)snprintf(e->dataset, sizeof e->dataset, "%s%s", e->own != NULL ? MERGE_PACKAGE "." : "",
                   e->own != NULL ? e->own : e->name);
}

static int export_do(struct export *e)
{
    static struct merge_files files;
    char folder[PATH_MAX];
    int code = EXIT_PROBLEM;
    int r = CXD_OK;

    for (size_t i = 0; e->common.modules[i] != NULL && r == CXD_OK; i++) {
        r = merge_find(e->common.modules[i], e->dataset, &files);
    }
    if (r == CXD_OK && place_modules(folder, sizeof folder) == CXD_OK) {
        r = merge_find(folder, e->dataset, &files);
    }
    if (r != CXD_OK) {
        command_complain("more than %d files with fields of %s", MERGE_FILES_MAX, e->dataset);
    } else if (files.count == 0) {
        code = made_print(e);
    } else if (merge_print(e->what, e->own, e->dataset, &files) == CXD_OK) {
        code = EXIT_OK;
    } else {
        command_complain("the schema is not installed beside this program");
    }
    merge_done();
    return fflush(stdout) == 0 ? code : EXIT_PROBLEM;
}

static int words_read(struct export *e, int argc, char **argv)
{
    int is_opensearch = 0;
    int is_json = 0; /* templates are in any case */

    if (argc < 3 || strspn(argv[2], NAME_LETTERS) != strlen(argv[2]) || strlen(argv[2]) > 80 ||
        argv[2][0] == '\0' || argv[2][0] == '.') {
        command_complain(
            "export: expected template or fields, and a data stream (see: cortexd help export)");
        return EXIT_USAGE;
    }
    e->name = argv[2];
    for (int i = 3; i < argc; i++) {
        int taken = command_common_take(&e->common, argc, argv, &i);
        if (taken == 0 && strcmp(argv[i], "--opensearch") == 0) {
            is_opensearch = 1;
        } else if (taken == 0 && strcmp(argv[i], "--json") == 0) {
            is_json = 1;
        } else if (taken <= 0) {
            command_complain("export: unknown word \"%s\" (see: cortexd help export)", argv[i]);
            return EXIT_USAGE;
        }
    }
    if (strcmp(argv[1], "template") == 0) {
        e->what = is_opensearch ? MERGE_TEMPLATE_OPENSEARCH : MERGE_TEMPLATE;
    } else if (strcmp(argv[1], "fields") == 0 && !is_opensearch) {
        e->what = is_json ? MERGE_LIST : MERGE_PAGE;
    } else {
        command_complain("export: expected template or fields (see: cortexd help export)");
        return EXIT_USAGE;
    }
    return EXIT_OK;
}

/* Saved objects, one a line, as the build made them: of one data stream, or of all. */
static int dashboards_print(int argc, char **argv)
{
    static const char *const all[] = {"alerts", "incidents", "event"};
    const char *own = argc == 3 ? merge_own(argv[2]) : NULL;
    int code = EXIT_OK;

    if (argc > 3 || (argc == 3 && own == NULL)) {
        command_complain(
            "export dashboards: expected event, alerts or incidents, or nothing for all "
            "(see: cortexd help export)");
        return EXIT_USAGE;
    }
    for (size_t i = 0; i < sizeof all / sizeof all[0] && code == EXIT_OK; i++) {
        char name[64];
        if (own == NULL || strcmp(own, all[i]) == 0) {
            (void)snprintf(name, sizeof name, "dashboard/%s.ndjson", all[i]);
            code = file_print(name);
        }
    }
    return fflush(stdout) == 0 ? code : EXIT_PROBLEM;
}

static int export_run(int argc, char **argv)
{
    struct export e = {.what = MERGE_PAGE};
    int code;

    if (argc > 1 && strcmp(argv[1], "dashboards") == 0) {
        return dashboards_print(argc, argv);
    }
    code = words_read(&e, argc, argv);

    if (code == EXIT_OK) {
        name_take(&e);
        code = export_do(&e);
    }
    return code;
}

const struct command command_export = {
    .name = "export",
    .summary = "print index template, fields or dashboards of a data stream",
    .help =
        "cortexd export template DATA_STREAM [--opensearch] [--modules DIR]\n"
        "cortexd export fields DATA_STREAM [--json] [--modules DIR]\n"
        "cortexd export dashboards [DATA_STREAM]\n"
        "\n"
        "template: the Elasticsearch index template, to be put under "
        "_index_template/logs-DATASET\n"
        "fields:   every exported field with its type, in Markdown; with --json name, type, "
        "description,\n"
        "          multi_fields, what it is made from and its group (exported, ecs, other)\n"
        "dashboards: saved objects for Kibana and OpenSearch Dashboards, one a line; import them "
        "by\n"
        "          curl -F file=@cortexd.ndjson -H 'kbn-xsrf: x' (OpenSearch: 'osd-xsrf: x')\n"
        "          'https://KIBANA/api/saved_objects/_import?overwrite=true'\n"
        "DATA_STREAM: event, alerts, incidents, or a data set of which a module brings fields\n"
        "\n"
        "A module's fields lie beside it, in NAME.fields.yml, whose `dataset` says what they are "
        "added to. A field\n"
        "that two files give different types is told with both files and lines.\n"
        "\n"
        "  --modules DIR   search this folder first\n"
        "\n"
        "Exit codes: 0 done; 1 failed; 2 wrong words.\n",
    .run = export_run,
};
