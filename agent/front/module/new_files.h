/* new_files.h: the templates of `cortexd new-module` (front/new), embedded by the build. */
#pragma once

#include <stddef.h>

struct new_file {
    const char *path; /* "input/module.c"; NULL: the end */
    const char *text;
    size_t len;
};

extern const struct new_file new_files[];
