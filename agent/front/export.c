/* export.c: `cortexd export`: what the build made from the schema. */
#include "base/buf.h"
#include "base/cleanup.h"
#include "front/command.h"
#include "front/place.h"
#include "io/file.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

static int file_print(const char *name)
{
    char path[PATH_MAX];
    struct cxd_error err = CXD_ERROR_INIT;
    _cleanup_(buf_done) struct buf text;

    buf_init(&text, 16u << 20);
    if (place_schema(name, path, sizeof path) != CXD_OK) {
        command_complain(
            "%s: no such file is installed; known data streams: event, alerts, incidents", name);
        return EXIT_PROBLEM;
    }
    if (file_read(path, &text, NULL, &err) != CXD_OK) {
        command_complain("%s", err.text);
        return EXIT_PROBLEM;
    }
    return fwrite(text.ptr, 1, text.len, stdout) == text.len ? EXIT_OK : EXIT_PROBLEM;
}

static int export_run(int argc, char **argv)
{
    char name[160];
    const char *flavour = argc > 3 && strcmp(argv[3], "--opensearch") == 0 ? ".opensearch" : "";

    if (argc < 3 || argc > 4 ||
        strspn(argv[2], "abcdefghijklmnopqrstuvwxyz0123456789-_") != strlen(argv[2]) ||
        strlen(argv[2]) > 64 || (argc == 4 && *flavour == '\0')) {
        command_complain(
            "export: expected template or fields, and a data stream (see: cortexd help export)");
        return EXIT_USAGE;
    }
    if (strcmp(argv[1], "template") == 0) {
        (void)snprintf(name, sizeof name, "template/logs-panw_cortex_xdr.%s%s.json", argv[2],
                       flavour);
    } else if (strcmp(argv[1], "fields") == 0 && *flavour == '\0') {
        (void)snprintf(name, sizeof name, "fields/%s.md", argv[2]);
    } else {
        command_complain("export: expected template or fields (see: cortexd help export)");
        return EXIT_USAGE;
    }
    return file_print(name);
}

const struct command command_export = {
    .name = "export",
    .summary = "print index template or fields of a data stream",
    .help = "cortexd export template DATA_STREAM [--opensearch]\n"
            "cortexd export fields DATA_STREAM\n"
            "\n"
            "template: the Elasticsearch index template, to be put under "
            "_index_template/logs-panw_cortex_xdr.NAME\n"
            "fields:   every exported field with its type, in Markdown\n"
            "DATA_STREAM: event, alerts, incidents\n",
    .run = export_run,
};
