/*
 * flavour.h: which of the two families answers, and what an index template must look like for it. Pure, on json-c trees.
 */
#pragma once

#include "cxd/abi.h"

#include <json-c/json.h>

struct flavour {
    int is_opensearch;
    unsigned major;
    unsigned minor;
    char version[32];
};

/* Reads the reply to GET /. 0, or CXD_PROTOCOL when it has no version. */
int flavour_read(struct json_object *root, struct flavour *ret_flavour);
/* Has data streams and index templates as this output uses them: Elasticsearch 7.9, OpenSearch 1.0. */
int flavour_is_enough(const struct flavour *f);
/* Changes a template made for Elasticsearch into one that OpenSearch takes; others stay as they are. 0 or CXD_NOMEM. */
int flavour_adapt(const struct flavour *f, struct json_object *template_);
