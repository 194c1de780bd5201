/*
 * option.h: what a module can be told, as a table.
 *
 * The host reads the policy, checks every key against the table (an unknown key, a wrong type, a missing required one is an
 * error with file and line), fills in defaults and hands the module one BSON document with the names as nested keys:
 * "auth.credentials_file.path" is found by that path with host->doc_get. The same table makes help texts and the docs.
 */
#ifndef CXD_OPTION_H
#define CXD_OPTION_H

#include "abi.h"

enum cxd_option_type {
    CXD_OPTION_STRING = 1,
    CXD_OPTION_INT, /* 64 bits; 1_000 is not accepted */
    CXD_OPTION_BOOL,
    CXD_OPTION_DURATION, /* "10s", "1m30s", "250ms", or a number of seconds; given in milliseconds (int) */
    CXD_OPTION_SIZE,        /* "16MiB", "10MB", "4096"; given in bytes (int) */
    CXD_OPTION_STRING_LIST, /* a single string is a list of one */
    CXD_OPTION_GROUP_LIST,  /* a list of objects, each checked against children */
    CXD_OPTION_ANY,         /* any YAML value, unchecked */
    CXD_OPTION_DOUBLE
};

enum cxd_option_flag {
    CXD_OPTION_REQUIRED = 1,
    CXD_OPTION_SECRET = 2,  /* masked wherever it might be shown; memory wiped on release */
    CXD_OPTION_ADVANCED = 4 /* left out of the short help */
};

/* A table ends with a row whose name is NULL. All pointers are static. */
struct cxd_option {
    const char *name;          /* dotted */
    uint32_t type;             /* enum cxd_option_type */
    uint32_t flags;            /* enum cxd_option_flag */
    const char *default_value; /* as a person would write it in YAML; NULL: absent when not given */
    const char *help;          /* one sentence with unit and limits */
    const struct cxd_option *children; /* for GROUP_LIST */
};

#endif
