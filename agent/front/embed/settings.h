/* settings.h: the JSON options of cxd_open as values. */
#pragma once

#include "base/arena.h"
#include "cxd/abi.h"
#include "cxd/status.h"

#define SETTINGS_MODULES_MAX 16
#define SETTINGS_BYTES_MAX (4u << 20)

struct settings_variable {
    struct settings_variable *next;
    struct cxd_bytes name;
    struct cxd_bytes value;
};

struct settings {
    const char *data_path; /* NULL: the policy's */
    const char *policy_path;
    const char *log_level;
    const char *modules[SETTINGS_MODULES_MAX + 1]; /* ends with NULL */
    struct settings_variable *variables;
    int is_once;
};

/* Texts live in arena. No text at all is an empty object. CXD_CONFIG: err says which member and what was expected. */
int settings_read(struct cxd_bytes text, struct arena *arena, struct settings *ret_settings,
                  struct cxd_error *err);
