/* place.c: where the program lies, by /proc or by what the kernel started, and the relative paths that the build compiled in. */
#include "front/place.h"

#include "cxd/status.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

/* Without /proc, as in a root that a package manager fills from the outside: the path that was started. */
static int program_path(char *out, size_t room)
{
    ssize_t len = readlink("/proc/self/exe", out, room - 1);
    const char *started = (const char *)getauxval(AT_EXECFN); /* a number, as the kernel has it */

    if (len > 0) {
        out[len] = '\0';
        return CXD_OK;
    }
    return started != NULL && (size_t)snprintf(out, room, "%s", started) < room ? CXD_OK
                                                                                : CXD_NOT_FOUND;
}

static int beside_program(const char *relative, const char *name, char *out, size_t room)
{
    char exe[PATH_MAX];
    char *slash;
    int written;

    if (program_path(exe, sizeof exe) != CXD_OK) {
        return CXD_NOT_FOUND;
    }
    slash = strrchr(exe, '/');
    if (slash == NULL) {
        return CXD_NOT_FOUND;
    }
    *slash = '\0';
    written = snprintf(out, room, "%s/../%s%s%s", exe, relative, *name != '\0' ? "/" : "", name);
    return written > 0 && (size_t)written < room ? CXD_OK : CXD_TOO_LARGE;
}

/* CXD_MODULE_RELATIVE is a path below the folder that libraries are installed in: so it is the same from a library. */
static char library_folder[PATH_MAX];

void place_library(const char *path)
{
    const char *slash = strrchr(path, '/');

    if (slash != NULL && (size_t)(slash - path) < sizeof library_folder) {
        memcpy(library_folder, path, (size_t)(slash - path));
        library_folder[slash - path] = '\0';
    }
}

int place_modules(char *out, size_t room)
{
    int written;

    if (library_folder[0] != '\0') {
        written = snprintf(out, room, "%s/cortexd/modules", library_folder);
        return written > 0 && (size_t)written < room ? CXD_OK : CXD_TOO_LARGE;
    }
    return beside_program(CXD_MODULE_RELATIVE, "", out, room);
}

const char *place_policy(void)
{
    static char path[PATH_MAX];

    if (beside_program("etc/cortexd/cortexd.yml", "", path, sizeof path) == CXD_OK &&
        access(path, R_OK) == 0) {
        return path;
    }
    return "/etc/cortexd/cortexd.yml";
}

void place_home(char *out, size_t room)
{
    char path[PATH_MAX];

    if (beside_program("", "", path, sizeof path) != CXD_OK || realpath(path, out) == NULL) {
        (void)snprintf(out, room, "/");
    }
}

void place_keystore_key(char *out, size_t room)
{
    if (beside_program("etc/cortexd", "", out, room) == CXD_OK && access(out, F_OK) == 0 &&
        beside_program("etc/cortexd", "keystore.key", out, room) == CXD_OK) {
        return;
    }
    (void)snprintf(out, room, "/etc/cortexd/keystore.key");
}

int place_schema(const char *name, char *out, size_t room)
{
    static const char *const folders[] = {CXD_SHARE_RELATIVE, CXD_DOC_RELATIVE, "schema"};

    for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++) {
        if (beside_program(folders[i], name, out, room) == CXD_OK && access(out, R_OK) == 0) {
            return CXD_OK;
        }
    }
    return CXD_NOT_FOUND;
}
