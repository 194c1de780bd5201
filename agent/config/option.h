/*
 * option.h: a piece of policy checked against a module's option table, as the BSON document the module gets.
 */
#pragma once

#include "config/conf.h"
#include "cxd/host.h"
#include "cxd/option.h"

/* Keys at the top of the piece that are not the module's: 1 for such a (dotted) path. NULL: none. */
typedef int (*option_skip_fn)(const char *path);

/* A piece may come in layers (stream over input): a later layer's value wins. */
struct option_source {
    const struct conf *layers[2]; /* [0] wins; NULL: none */
    option_skip_fn skip;
    const char *owner;     /* "input gcs", for messages */
    const struct conf *at; /* where the unit stands, for a missing required option */
    /* Not NULL: an option that the table does not have is told here, with file and line, and left out. NULL: it is an error. */
    void (*unknown)(const char *text);
};

/*
 * Checks every key and fills in defaults. ret_doc is the caller's (doc_free). Secrets are handed to the redactor.
 * CXD_CONFIG: "file:line: unknown option ..., did you mean ...".
 */
int option_build(const struct cxd_option *table, const struct option_source *source,
                 struct cxd_builder **ret_doc, struct cxd_error *err);
