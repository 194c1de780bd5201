/* import.h: `cortexd state import-filebeat`: cursors of a Filebeat become those of this agent's streams. */
#pragma once

#include "front/command.h"

struct import_words {
    struct command_common common;
    const char *folder;
    const char *stream; /* only this one; NULL: all */
    const char *key;    /* the entry for it, whatever its id; NULL: by id */
    int is_dry;
    int is_json;
    int is_forced; /* cursors that are there give way */
};

/* An exit code. */
int state_import(const struct import_words *w);
