/*
 * install.c: see the header. Each version of the agent has a folder of its own, data/elastic-agent-VERSION-COMMIT/components, which an
 * upgrade brings anew and empty of ours: then this has to be run again, and the agent restarted. Where the agent's own archives and
 * packages put it: elastic/elastic-agent, 2026.
 */
#include "front/component/install.h"

#include "base/buf.h"
#include "base/cleanup.h"
#include "front/command.h"
#include "front/place.h"
#include "io/file.h"

#include <errno.h>
#include <glob.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_MAX (1u << 20)

static const struct {
    const char *name;
    mode_t mode; /* writable by nobody else, as the agent demands */
} files[] = {{"cortexd", 0755},
             {"cortexd.spec.yml", 0644}}; /* the spec last: it asks for the other */

/* of an archive, of a DEB or RPM */
static const char *const usual[] = {"/opt/Elastic/Agent", "/var/lib/elastic-agent"};

struct words {
    const char *verb;
    const char *agent; /* NULL: the usual places */
    int is_if_there;   /* no agent is no fault */
    int (*act)(const char *folder, struct cxd_error *err);
};

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

static int folder_fill(const char *folder, struct cxd_error *err)
{
    int r = CXD_OK;

    for (size_t i = 0; i < sizeof files / sizeof files[0] && r == CXD_OK; i++) {
        r = file_copy(folder, i, err);
    }
    return r;
}

/* The spec first, backwards: an agent that starts meanwhile must not ask for a program that is gone. */
static int folder_clear(const char *folder, struct cxd_error *err)
{
    for (size_t i = sizeof files / sizeof files[0]; i > 0; i--) {
        char path[PATH_MAX];
        if (snprintf(path, sizeof path, "%s/%s", folder, files[i - 1].name) >= (int)sizeof path) {
            return cxd_error_set(err, CXD_TOO_LARGE, "%s: the path is too long", folder);
        }
        if (unlink(path) != 0 && errno != ENOENT) {
            return cxd_error_set(err, CXD_IO, "%s: %s", path, strerror(errno));
        }
    }
    return CXD_OK;
}

/* Folders of one agent's versions that were acted on; -1: one failed. */
static int agent_act(const struct words *w, const char *top)
{
    char pattern[PATH_MAX];
    struct cxd_error err = CXD_ERROR_INIT;
    glob_t found = {0};
    int count = 0;

    if (snprintf(pattern, sizeof pattern, "%s/data/elastic-agent-*/components", top) >=
            (int)sizeof pattern ||
        glob(pattern, 0, NULL, &found) != 0) {
        return 0;
    }
    for (size_t i = 0; i < found.gl_pathc && count >= 0; i++) {
        if (!is_folder(found.gl_pathv[i])) {
            continue;
        }
        count++;
        if (w->act(found.gl_pathv[i], &err) != CXD_OK) {
            command_complain("component %s: %s", w->verb, err.text);
            count = -1;
        } else {
            (void)printf("%s: %s\n", w->verb, found.gl_pathv[i]);
        }
    }
    globfree(&found);
    return count;
}

static int words_read(int argc, char **argv, struct words *w)
{
    *w = (struct words){.verb = argv[0]};
    w->act = strcmp(argv[0], "install") == 0 ? folder_fill : folder_clear;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--agent") == 0 && i + 1 < argc) {
            w->agent = argv[++i];
        } else if (strcmp(argv[i], "--if-there") == 0) {
            w->is_if_there = 1;
        } else {
            command_complain("component %s: %s: expected --agent DIR or --if-there (see: cortexd "
                             "help component)",
                             argv[0], argv[i]);
            return CXD_INVALID;
        }
    }
    return CXD_OK;
}

int component_install(int argc, char **argv)
{
    struct words w;
    int count = 0;

    if (words_read(argc, argv, &w) != CXD_OK) {
        return EXIT_USAGE;
    }
    for (size_t i = 0; i < sizeof usual / sizeof usual[0] && count >= 0; i++) {
        int more = w.agent == NULL ? agent_act(&w, usual[i])
                   : i == 0        ? agent_act(&w, w.agent)
                                   : 0;
        count = more < 0 ? -1 : count + more;
    }
    if (count > 0) {
        (void)printf("restart the agent: it reads what components there are at its start\n");
    } else if (count == 0 && !w.is_if_there) {
        command_complain("component %s: no data/elastic-agent-*/components in %s%s%s: where is the "
                         "agent? (--agent DIR)",
                         w.verb, w.agent != NULL ? w.agent : usual[0],
                         w.agent != NULL ? "" : " or ", w.agent != NULL ? "" : usual[1]);
    }
    return fflush(stdout) != 0 || count < 0 || (count == 0 && !w.is_if_there) ? EXIT_PROBLEM
                                                                             : EXIT_OK;
}
