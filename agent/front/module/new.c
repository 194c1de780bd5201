/* new.c: `cortexd new-module`: the templates of front/new, with the name put in, into a folder of its own. */
#include "base/buf.h"
#include "base/cleanup.h"
#include "front/command.h"
#include "front/module/new_files.h"
#include "io/file.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define NAME_MAX_LEN 32
#define FILE_MAX ((size_t)1 << 20)

struct order {
    const char *folder;
    const char *kind;
    const char *name;
    char name_room[NAME_MAX_LEN + 1];
    char ident[NAME_MAX_LEN + 1]; /* the name as C has it */
};

/* A name that is a policy's type, a file's and, with _ for -, an identifier. */
static int name_take(struct order *o)
{
    const char *slash = strrchr(o->folder, '/');
    const char *name = o->name != NULL ? o->name : slash != NULL ? slash + 1 : o->folder;
    size_t len = strlen(name);

    if (len == 0 || len > NAME_MAX_LEN || name[0] < 'a' || name[0] > 'z' ||
        strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-_") != len) {
        command_complain(
            "new-module: \"%.80s\" is no name: a-z first, then a-z 0-9 - _, at most %d "
            "(--name NAME)",
            name, NAME_MAX_LEN);
        return EXIT_USAGE;
    }
    (void)snprintf(o->name_room, sizeof o->name_room, "%s", name);
    o->name = o->name_room;
    for (size_t i = 0; i <= len; i++) {
        o->ident[i] = name[i] == '-' ? '_' : name[i];
    }
    return EXIT_OK;
}

static int words_read(int argc, char **argv, struct order *o)
{
    for (int i = 1; i < argc; i++) {
        const char **value = strcmp(argv[i], "--kind") == 0   ? &o->kind
                             : strcmp(argv[i], "--name") == 0 ? &o->name
                                                              : NULL;
        if (value != NULL && i + 1 < argc) {
            *value = argv[++i];
        } else if (value == NULL && argv[i][0] != '-' && o->folder == NULL) {
            o->folder = argv[i];
        } else {
            command_complain("new-module: \"%s\" is unknown, or has no value (see: cortexd help "
                             "new-module)",
                             argv[i]);
            return EXIT_USAGE;
        }
    }
    if (o->folder == NULL || o->kind == NULL ||
        (strcmp(o->kind, "input") != 0 && strcmp(o->kind, "processor") != 0)) {
        command_complain("new-module: expected a folder and --kind input or --kind processor");
        return EXIT_USAGE;
    }
    return name_take(o);
}

/* The text with @NAME@ and @IDENT@ replaced. */
static int text_fill(const struct order *o, const struct new_file *file, struct buf *out)
{
    const char *at = file->text;
    const char *end = file->text + file->len;
    int r = CXD_OK;

    while (at < end && r == CXD_OK) {
        size_t left = (size_t)(end - at);
        if (left >= 6 && memcmp(at, "@NAME@", 6) == 0) {
            r = buf_add_text(out, o->name);
            at += 6;
        } else if (left >= 7 && memcmp(at, "@IDENT@", 7) == 0) {
            r = buf_add_text(out, o->ident);
            at += 7;
        } else {
            r = buf_add(out, at++, 1);
        }
    }
    return r;
}

static int file_put(const struct order *o, const struct new_file *file, const char *name,
                    struct cxd_error *err)
{
    _cleanup_(buf_done) struct buf text;
    char path[PATH_MAX];
    char *slash;
    int r;

    buf_init(&text, FILE_MAX);
    r = text_fill(o, file, &text);
    if (r != CXD_OK) {
        return cxd_error_set(err, r, "out of memory");
    }
    if (snprintf(path, sizeof path, "%s/%s", o->folder, name) >= (int)sizeof path) {
        return cxd_error_set(err, CXD_TOO_LARGE, "%s: the path is too long", o->folder);
    }
    slash = strrchr(path, '/');
    *slash = '\0';
    r = file_make_folder(path, 0755, err);
    *slash = '/';
    return r == CXD_OK ? file_replace(path, (struct cxd_bytes){text.ptr, text.len}, 0644, err) : r;
}

static int files_put(const struct order *o, struct cxd_error *err)
{
    size_t kind_len = strlen(o->kind);
    int r = CXD_OK;

    if (mkdir(o->folder, 0755) != 0) { /* nobody's work is written over */
        return cxd_error_set(err, CXD_EXISTS, "%s: %s", o->folder,
                             errno == EEXIST ? "exists already; name a new folder"
                                             : strerror(errno));
    }
    for (const struct new_file *f = new_files; f->path != NULL && r == CXD_OK; f++) {
        if (strncmp(f->path, o->kind, kind_len) == 0 && f->path[kind_len] == '/') {
            r = file_put(o, f, f->path + kind_len + 1, err);
        }
    }
    return r;
}

static int new_run(int argc, char **argv)
{
    struct order order = {0};
    struct cxd_error err = CXD_ERROR_INIT;
    int code = words_read(argc, argv, &order);

    if (code != EXIT_OK) {
        return code;
    }
    if (files_put(&order, &err) != CXD_OK) {
        command_complain("new-module: %s", err.text);
        return EXIT_PROBLEM;
    }
    return printf(
               "%s: the %s \"%s\" is there. Next:\n"
               "  cd %s && cmake -S . -B build && cmake --build build && ctest --test-dir build\n",
               order.folder, order.kind, order.name, order.folder) < 0
               ? EXIT_PROBLEM
               : EXIT_OK;
}

const struct command command_new_module = {
    .name = "new-module",
    .summary = "write a small project to begin a module of one's own with",
    .help =
        "cortexd new-module DIR --kind input|processor [--name NAME]\n"
        "\n"
        "Writes a CMake project into a new folder: a module that works, its options, for an input "
        "its list of\n"
        "fields, tests by `cortexd check-module`, and a README. It needs the installed headers "
        "and nothing else.\n"
        "\n"
        "  --kind KIND   input or processor\n"
        "  --name NAME   the policy's type (default: the folder's name); a-z 0-9 - _\n"
        "\n"
        "Exit codes: 0 done; 1 failed; 2 wrong words.\n",
    .run = new_run,
};
