/*
 * examples.h: examples of processors out of a page of Markdown. A heading of the second level names what its examples are about; an
 * example is three fenced blocks: yaml (the policy), json (a document), json (what it becomes; null: dropped); or two: yaml and text
 * (words of the error that the policy gives). Where a policy names the metadata service of clouds, ours on loopback is meant.
 */
#pragma once

#include <stddef.h>

struct example {
    char *title; /* "rename" for "## rename" and "## `rename`" */
    int line;    /* of its yaml block */
    char *yaml;
    char *in;
    char *out;   /* NULL: error */
    char *error; /* NULL: in and out */
};

/* All of a file below the source folder; aborts when it cannot be read or a block is out of place. */
size_t examples_read(const char *path, struct example **ret_examples);
void examples_free(struct example *examples, size_t count);
