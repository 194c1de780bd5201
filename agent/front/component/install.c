/*
 * install.c: see the header. Each version of the agent has a folder of its own, data/elastic-agent-VERSION-COMMIT/components, which an
 * upgrade brings anew and empty of ours: then this has to be run again, and the agent restarted.
 */
#include "front/component/install.h"

#include "base/buf.h"
#include "base/cleanup.h"
#include "front/command.h"
#include "front/place.h"
#include "io/file.h"

#include <glob.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define AGENT_USUAL "/opt/Elastic/Agent"
#define FILE_MAX (1u << 20)

static const struct {
    const char *name;
    mode_t mode; /* writable by nobody else, as the agent demands */
} files[] = {{"cortexd", 0755},
             {"cortexd.spec.yml", 0644}}; /* the spec last: it asks for the other */

static int is_folder(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static int file_copy(const char *folder, size_t number, struct cxd_error *err)
{
    _cleanup_(buf_done) struct buf text;
    char name[64];
    char from[PATH_MAX];
    char to[PATH_MAX];
    int r;

    buf_init(&text, FILE_MAX);
    (void)snprintf(name, sizeof name, "elastic-agent/%s", files[number].name);
    if (place_schema(name, from, sizeof from) != CXD_OK) {
        return cxd_error_set(err, CXD_NOT_FOUND, "%s is not installed beside this program", name);
    }
    if (snprintf(to, sizeof to, "%s/%s", folder, files[number].name) >= (int)sizeof to) {
        return cxd_error_set(err, CXD_TOO_LARGE, "%s: the path is too long", folder);
    }
    r = file_read(from, &text, NULL, err);
    return r != CXD_OK
               ? r
               : file_replace(to, (struct cxd_bytes){text.ptr, text.len}, files[number].mode, err);
}

static int folder_fill(const char *folder)
{
    struct cxd_error err = CXD_ERROR_INIT;
    int r = CXD_OK;

    for (size_t i = 0; i < sizeof files / sizeof files[0] && r == CXD_OK; i++) {
        r = file_copy(folder, i, &err);
    }
    if (r != CXD_OK) {
        command_complain("component install: %s", err.text);
        return EXIT_PROBLEM;
    }
    return printf("installed in %s\n", folder) > 0 ? EXIT_OK : EXIT_PROBLEM;
}

int component_install(int argc, char **argv)
{
    const char *top = AGENT_USUAL;
    char pattern[PATH_MAX];
    glob_t found = {0};
    int code = EXIT_OK;

    if (argc == 3 && strcmp(argv[1], "--agent") == 0) {
        top = argv[2];
    } else if (argc != 1) {
        command_complain(
            "component install: expected nothing, or --agent DIR (see: cortexd help component)");
        return EXIT_USAGE;
    }
    if (snprintf(pattern, sizeof pattern, "%s/data/elastic-agent-*/components", top) >=
            (int)sizeof pattern ||
        glob(pattern, 0, NULL, &found) != 0) {
        command_complain("component install: no %s/data/elastic-agent-*/components: where is the "
                         "agent? (--agent DIR)",
                         top);
        return EXIT_PROBLEM;
    }
    for (size_t i = 0; i < found.gl_pathc && code == EXIT_OK; i++) {
        code = is_folder(found.gl_pathv[i]) ? folder_fill(found.gl_pathv[i]) : code;
    }
    globfree(&found);
    if (code == EXIT_OK) {
        (void)printf("restart the agent: it reads what components there are at its start\n");
    }
    return fflush(stdout) == 0 ? code : EXIT_PROBLEM;
}
